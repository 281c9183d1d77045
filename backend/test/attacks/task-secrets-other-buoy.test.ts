// Two Buoys share a database: one sends the key of a provider to a server while the other leads that server to another machine.
import { taskTypes } from '@buoy/contract/constants';
import { afterEach, expect, test } from 'vitest';
import { z } from 'zod';
import { until } from '../../../testbed/until.ts';
import { type DatabaseHandle, openDatabase } from '../../src/db/database.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { createOnboardStep, type OnboardingInput, PROVIDER_KEY } from '../../src/setup/onboard.ts';
import { createSsh } from '../../src/ssh/create-ssh.ts';
import type { SshTarget } from '../../src/ssh/ssh.ts';
import { createKeptLogger } from '../../src/ssh/testing/kept-logger.ts';
import { createMemoryTargets } from '../../src/ssh/testing/memory-targets.ts';
import { createRemoteRuns } from '../../src/tasks/remote-run.ts';
import { createTasksStore } from '../../src/tasks/tasks.store.ts';
import { kindOf } from '../../src/tasks/testing/fake-kinds.ts';
import { makeTestFolder, openTestTasks } from '../../src/tasks/testing/test-tasks.ts';
import { startListeningMachine } from '../support/listening-machine.ts';

const KEY = 'planted-of-a-provider';
/** The first session reads what is installed, the second one begins the script that gets the key. */
const SESSION_OF_KEY = 2;

const closing: Array<() => Promise<void> | void> = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** What the other Buoy does to the tasks of a server that it moves. */
async function moveAway(database: DatabaseHandle, serverId: string): Promise<void> {
  const store = createTasksStore(database);
  const end = { at: '2026-03-01T10:00:00.000Z', error: { code: 'conflict', message: 'moved', hint: null } };
  await database.db.transaction().execute((trx) => store.failMoved(trx, serverId, end));
}

test('key that is about to be sent when another Buoy moves the server does not reach the new machine', async () => {
  const folder = makeTestFolder();
  closing.push(folder.remove);
  const database = await openDatabase({ engine: 'sqlite', file: folder.database });
  closing.push(database.close);
  const targets = createMemoryTargets();
  const ssh = createSsh({ targets, clock: systemClock, logger: createKeptLogger().logger });
  closing.push(ssh.close);

  let serverId = '';
  const targetAt = (port: number): SshTarget => ({
    ...{ serverId, host: '127.0.0.1', port, username: 'deploy', jump: null },
    ...{ credential: { type: 'password', password: 'x' }, hostKey: null, credentialHostKey: null },
  });
  let sessions = 0;
  const elsewhere = await startListeningMachine();
  closing.push(elsewhere.close);
  const real = await startListeningMachine({
    async admits() {
      sessions += 1;
      if (sessions < SESSION_OF_KEY) return true;
      await moveAway(database, serverId);
      targets.set(targetAt(elsewhere.port));
      return false;
    },
  });
  closing.push(real.close);

  const onboard = createOnboardStep<OnboardingInput>(
    { ssh, remoteRuns: createRemoteRuns({ ssh, clock: systemClock }), onInstalled: () => {} },
    (input) => ({ onboard: input, port: 18_789, bind: 'loopback', always: true }),
  );
  const kind = kindOf([onboard], { type: taskTypes.onboard, inputSchema: z.unknown() });
  const all = await openTestTasks(folder, [kind], { database });
  closing.push(all.close);
  serverId = await all.newServer();
  targets.set(targetAt(real.port));

  const { id } = await all.tasks.start(kind.type, {
    ...{ serverId, createdBy: 'u_1' },
    input: { provider: 'anthropic', providerId: 'custom', compatibility: 'openai', hasKey: true },
    secrets: { [PROVIDER_KEY]: KEY },
  });
  await until(
    10_000,
    async () => all.log().includes('task ended elsewhere') || elsewhere.received().includes(KEY),
  );
  expect(elsewhere.received().includes(KEY), 'the key arrived').toBe(false);
  expect(sessions).toBe(SESSION_OF_KEY);
  expect(await all.tasks.find(id)).toMatchObject({ status: 'failed', error: { message: 'moved' } });
});
