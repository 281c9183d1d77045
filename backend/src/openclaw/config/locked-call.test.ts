// A call by which OpenClaw writes its own config, behind another change that holds the lock.
import { expect, test } from 'vitest';
import { z } from 'zod';
import { AppError } from '../../lib/app-error.ts';
import { createFakeClock } from '../../lib/testing/fake-clock.ts';
import { createRecordingLogger } from '../../lib/testing/recording-logger.ts';
import { createCallWithConfigLock } from './locked-call.ts';
import { createServerLocks } from './server-locks.ts';
import { createScriptedConfig } from './testing/scripted-config.ts';

const MINUTE_MS = 60_000;

function fixture() {
  const scripted = createScriptedConfig();
  const locks = createServerLocks();
  const callWithConfigLock = createCallWithConfigLock({
    gateways: scripted.gateways,
    configApplied: async () => {},
    history: { record: async () => 1 } as never,
    locks,
    clock: createFakeClock(),
    logger: createRecordingLogger().logger,
  });
  const create = (mayWrite: () => Promise<unknown>) =>
    callWithConfigLock('s1', 'agents.create', { name: 'sales' }, z.unknown(), {
      deadlineMs: MINUTE_MS,
      mayWrite,
    });
  const created = () => scripted.calls.filter(({ method }) => method === 'agents.create');
  return { locks, create, created };
}

test('is not sent when the right to it has ended while it waited', async () => {
  const { locks, create, created } = fixture();
  const { promise: otherChange, resolve: end } = Promise.withResolvers<void>();
  void locks.run('s1', () => otherChange);
  let isAdmin = true;
  const call = create(async () => {
    if (!isAdmin) throw new AppError('forbidden', 'No longer.');
  });
  isAdmin = false;
  end();
  await expect(call).rejects.toMatchObject({ code: 'forbidden' });
  expect(created()).toEqual([]);
});

test('is sent while the right to it holds', async () => {
  const { create, created } = fixture();
  await create(async () => {});
  expect(created()).toHaveLength(1);
});
