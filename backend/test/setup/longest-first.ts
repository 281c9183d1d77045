// Starts the longest test files first, so that no worker waits for one at the end: a fresh clone has no times of earlier runs.
import { relative } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** The first group, then the second, by their time on two cores; the others follow in Vitest's own order. */
const longest = [
  'backend/test/npm-versions.test.ts',
  'backend/test/killed-buoy.test.ts',
  'backend/test/contract.test.ts',
  'backend/test/restore.test.ts',
  'backend/test/key-rotation.test.ts',

  'frontend/test/first-hour.browser.test.ts',
  'backend/test/setup.host.test.ts',
  'backend/test/openclaw-inbox.host.test.ts',
  'backend/test/openclaw-config.host.test.ts',
  'backend/test/openclaw-down.host.test.ts',
  'backend/test/openclaw-service.host.test.ts',
  'frontend/test/every-page.browser.test.ts',
  'backend/test/restart-survives.host.test.ts',
  'frontend/test/repair.browser.test.ts',
  'frontend/test/journey.browser.test.ts',
  'backend/test/terminal.host.test.ts',
  'backend/src/openclaw/status/status.host.test.ts',
  'backend/test/openclaw-sessions.host.test.ts',
  'frontend/test/people.browser.test.ts',
  'frontend/test/agents-config.browser.test.ts',
  'backend/test/openclaw-model-check.host.test.ts',
  'cli/test/openclaw.host.test.ts',
  'backend/test/openclaw-skills.host.test.ts',
  'backend/test/openclaw-operations.host.test.ts',
  'frontend/test/home.browser.test.ts',
  'backend/test/openclaw-agents.host.test.ts',
  'frontend/test/operations.browser.test.ts',
  'frontend/test/chat.browser.test.ts',
  'backend/test/setup-prereqs.host.test.ts',
  'backend/test/dead-server.host.test.ts',
];

export default class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId, project }: TestSpecification): number => {
      const index = longest.indexOf(relative(this.ctx.config.root, moduleId));
      return project.config.sequence.groupOrder * 1_000 + (index === -1 ? longest.length : index);
    };
    return (await super.sort(files)).toSorted((one, other) => place(one) - place(other));
  }
}
