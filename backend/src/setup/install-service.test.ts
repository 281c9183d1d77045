// When the step that makes the gateway a service has something to do, and what it says where a change of the manager fails.
import { expect, test } from 'vitest';
import { systemClock } from '../lib/clock.ts';
import { createKeptLogger } from '../ssh/testing/kept-logger.ts';
import type { RemoteRuns } from '../tasks/remote-run.ts';
import { isSkipped, type StepContext } from '../tasks/task-kind.ts';
import { createInstallServiceStep, type ServiceInput } from './install-service.ts';

const USER_SERVICE = ['userUnit=active', 'linger=yes'];
const SYSTEM_SERVICE = ['systemUnit=active'];

/** @param facts of the server, `exitCode` of the script if it is run */
async function runStep(manager: ServiceInput['manager'], facts: readonly string[], exitCode = 44) {
  const remoteRuns: RemoteRuns = {
    ...{ start: async () => {}, cancel: async () => {}, remove: async () => {} },
    follow: async () => ({ exitCode }),
  };
  const stdout = ['home=/home/deploy', ...facts, 'end=1', ''].join('\n');
  const step = createInstallServiceStep<ServiceInput>(
    {
      ssh: {
        script: async () => ({
          ...{ exitCode: 0, signal: null, stdout, stderr: '', truncated: false, durationMs: 1 },
        }),
      },
      remoteRuns,
      onInstalled: () => {},
      probeGateway: async () => ({ status: 200, body: { ready: true } }),
    },
    (input) => input,
  );
  const context: Partial<StepContext<unknown, unknown>> = {
    ...{ taskId: 'tsk_1', stepId: 'systemd', serverId: 'srv_1', input: { manager } },
    ...{ signal: new AbortController().signal, clock: systemClock, logger: createKeptLogger().logger },
    ...{ output: () => {}, detail: () => {}, saveState: async () => {}, secrets: async () => ({}) },
    state: step.stateSchema?.parse({}),
  };
  return step.run(context as StepContext<unknown, unknown>);
}

test.each([
  ['auto', USER_SERVICE],
  ['auto', SYSTEM_SERVICE],
  ['systemd-user', USER_SERVICE],
  ['systemd-system', SYSTEM_SERVICE],
] as const)('has nothing to do for %s where %j is there', async (manager, facts) => {
  expect(await runStep(manager, facts)).toSatisfy(isSkipped);
});

test.each([
  ['systemd-system', USER_SERVICE],
  ['systemd-user', SYSTEM_SERVICE],
  ['systemd-user', [...USER_SERVICE, 'enabledTwice=yes']],
  ['systemd-system', [...SYSTEM_SERVICE, 'enabledTwice=yes']],
] as const)('runs its script for %s where %j is there', async (manager, facts) => {
  await expect(runStep(manager, facts)).rejects.toMatchObject({
    code: 'not_ready',
    message: 'The new service of the gateway does not run, so the old one was put back.',
  });
});

test('names the command where the old service could not be put back', async () => {
  await expect(runStep('systemd-system', USER_SERVICE, 45)).rejects.toMatchObject({
    code: 'not_ready',
    message: expect.stringContaining('the old one could not be put back'),
    hint: expect.stringContaining('names the command'),
  });
});
