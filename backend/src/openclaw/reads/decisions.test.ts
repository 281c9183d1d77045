// A decision is made once, however often it is requested.
import { beforeEach, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { AppError } from '../../lib/app-error.ts';
import { createFakeClock } from '../../lib/testing/fake-clock.ts';
import { createRecordingLogger } from '../../lib/testing/recording-logger.ts';
import { createSnapshotsInMemory, type SnapshotsInMemory } from '../testing/snapshots-in-memory.ts';
import { createDecisions, type Decisions } from './decisions.ts';

type Request = { name: string; secret: string | null };
let store: SnapshotsInMemory;
let decisions: Decisions<'yes' | 'no', Request>;
let log: () => string;

function start(): void {
  const { logger, text } = createRecordingLogger();
  log = text;
  decisions = createDecisions({
    name: 'test',
    decision: z.enum(['yes', 'no']),
    request: z.object({ name: z.string(), secret: z.string().nullable() }),
    kept: (request) => ({ ...request, secret: null }),
    store,
    clock: createFakeClock(),
    logger,
  });
}
beforeEach(() => {
  store = createSnapshotsInMemory();
  start();
});

const decide = async () => ({ request: { name: 'Anna', secret: 'ABC' }, already: false, note: 'first' });

test('decisions › a repeated decision is answered without a second effect, also after a restart', async () => {
  const effect = vi.fn(decide);
  expect(await decisions.once('s1', 'r1', 'yes', effect)).toEqual(await decide());
  start();
  expect(await decisions.once('s1', 'r1', 'yes', effect)).toEqual({
    request: { name: 'Anna', secret: null },
    already: true,
    note: null,
  });
  expect(effect).toHaveBeenCalledTimes(1);
  expect(JSON.stringify([...store.rows])).not.toContain('ABC');
});

test('decisions › two concurrent decisions have one effect', async () => {
  const effect = vi.fn(decide);
  const both = await Promise.all([
    decisions.once('s1', 'r1', 'yes', effect),
    decisions.once('s1', 'r1', 'yes', effect),
  ]);
  expect(both.map(({ already }) => already)).toEqual([false, true]);
  expect(effect).toHaveBeenCalledTimes(1);
});

test('decisions › returns 409 for a different decision, without an effect', async () => {
  await decisions.once('s1', 'r1', 'yes', decide);
  const effect = vi.fn(decide);
  await expect(decisions.once('s1', 'r1', 'no', effect)).rejects.toMatchObject({
    code: 'conflict',
    details: { decision: 'yes', resolvedAt: '2026-03-01T10:00:00.000Z' },
  });
  expect(effect).not.toHaveBeenCalled();
  expect(await decisions.once('s2', 'r1', 'no', effect)).toMatchObject({ already: false });
});

test('decisions › a failed decision is not stored', async () => {
  const failing = () => Promise.reject(new AppError('gateway_unavailable', 'The gateway does not answer.'));
  await expect(decisions.once('s1', 'r1', 'yes', failing)).rejects.toMatchObject({
    code: 'gateway_unavailable',
  });
  expect(await decisions.once('s1', 'r1', 'no', decide)).toMatchObject({ already: false });
});

test('decisions › a decision that cannot be stored still takes effect', async () => {
  store.put = () => Promise.reject(new AppError('storage_full', 'The disk is full.'));
  expect(await decisions.once('s1', 'r1', 'yes', decide)).toMatchObject({ already: false });
  expect(log()).toContain('could not store');
});

test('decisions › keeps the last hundred of a server', async () => {
  for (let at = 0; at < 105; at += 1) await decisions.once('s1', `r${at}`, 'yes', decide);
  const effect = vi.fn(decide);
  await decisions.once('s1', 'r104', 'yes', effect);
  expect(effect).not.toHaveBeenCalled();
  await decisions.once('s1', 'r1', 'yes', effect);
  expect(effect).toHaveBeenCalledTimes(1);
});
