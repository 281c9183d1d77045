// A step of a setup whose script a person has edited: the real step and its shell, on this machine.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { TaskKind } from '../tasks/task-kind.ts';
import {
  makeTestFolder,
  openTestTasks,
  type TestFolder,
  type TestTasks,
} from '../tasks/testing/test-tasks.ts';
import { editedScriptInput, separateScript } from './edited-script.ts';
import { createInstallStep } from './install-step.ts';
import { createUpdateServer, type UpdateServer } from './update/testing/update-server.ts';

describe('a step with an edited script', () => {
  let server: UpdateServer;
  let folder: TestFolder;
  let opened: TestTasks;
  beforeEach(async () => {
    server = createUpdateServer('buoy-edited-');
    folder = makeTestFolder();
    const kind: TaskKind = {
      ...{ type: 'install-openclaw', exclusivePerServer: true },
      inputSchema: z.strictObject(editedScriptInput),
      steps: [
        createInstallStep<object, { version: string }>(server.tools(), {
          ...{ id: 'install-openclaw', title: 'Install OpenClaw', script: 'echo own >~/ran' },
          variables: () => ({}),
          secrets: { names: ['API_KEY'], of: () => ({ API_KEY: 'of-a-provider' }) },
          found: (_input, { openclaw }) =>
            openclaw === '2026.9.6' ? { reason: 'It is there.', result: { version: openclaw } } : null,
        }),
      ],
    };
    opened = await openTestTasks(folder, [kind]);
  });
  afterEach(async () => {
    await opened.close();
    folder.remove();
    server.remove();
  });

  const run = async (script: string) => {
    const { input, secrets } = separateScript(script);
    const { id } = await opened.tasks.start('install-openclaw', {
      ...{ serverId: await opened.newServer(), input, secrets, createdBy: 'u_1' },
    });
    return opened.ended(id);
  };
  const textOf = (file: string) => readFileSync(path.join(server.home, file), 'utf8').trim();
  const install = 'sed -i s/2026.7.35/2026.9.6/ ~/.local/openclaw/lib/node_modules/openclaw/package.json';

  test('runs it in place of its own, with the secrets set before it, and proves the result', async () => {
    const task = await run(`${install}; echo "$API_KEY" >~/ran`);
    expect(task).toMatchObject({ status: 'succeeded', result: { version: '2026.9.6' } });
    expect(textOf('ran')).toBe('of-a-provider');
  });

  test('runs it also where its work is done already', async () => {
    await run(install);
    expect(await run('echo edited >~/ran')).toMatchObject({ status: 'succeeded' });
    expect(textOf('ran')).toBe('edited');
  });

  test('fails when the text ends without an error, but did not do the work', async () => {
    expect(await run('echo edited >~/ran')).toMatchObject({
      ...{ status: 'failed', error: { code: 'refused' } },
      result: null,
    });
  });

  test('fails with the exit code of the text', async () => {
    expect(await run('exit 23')).toMatchObject({ status: 'failed', error: { code: 'version_not_found' } });
  });

  test('names the text in its output by its hash alone', async () => {
    const task = await run('echo x >~/ran # planted-in-a-script');
    const { text } = await opened.tasks.output(task.id, 0);
    expect(text).toMatch(/^Running an edited script, SHA-256 [0-9a-f]{64}\.$/m);
    expect(JSON.stringify(task) + text + opened.log()).not.toContain('planted-in-a-script');
  });

  test('does not run its own instead when it is started again', async () => {
    const { id } = await run('exit 1');
    const again = await opened.tasks.retry(id, 'u_1');
    expect(await opened.ended(again.id)).toMatchObject({
      ...{
        status: 'failed',
        error: { code: 'conflict', message: expect.stringContaining('the edited script') },
      },
    });
    expect(existsSync(path.join(server.home, 'ran'))).toBe(false);
  });
});
