import type { Backup } from '@buoy/contract';
import { ApiError } from '@buoy/contract/client';
import { expect, it } from 'vitest';
import type { Api } from '../../api.ts';
import { runBackup } from './run-backup.ts';

const backup: Backup = {
  filename: 'buoy-2026-01-01.gz',
  sizeBytes: 10,
  createdAt: '2026-01-01T00:00:00.000Z',
  sha256: 'ab'.repeat(32),
  verified: true,
};
const noAnswer = () => new ApiError(0, { error: 'Buoy does not answer.' });

/** A Buoy that answers each call in turn; for ever as it did last. */
function buoyThat(...answers: (Backup | ApiError)[]) {
  const keys: (string | undefined)[] = [];
  const pauses: number[] = [];
  const call = (async (_key: string, { headers }: { headers: Record<string, string> }) => {
    keys.push(headers['idempotency-key']);
    const next = answers.length > 1 ? answers.shift() : answers[0];
    if (next instanceof ApiError) throw next;
    return { backup: next };
  }) as unknown as Api['call'];
  return { keys, pauses, run: () => runBackup(call, 'key-1', async (ms) => void pauses.push(ms)) };
}

it('waits for the same backup after a broken connection', async () => {
  const { run, keys, pauses } = buoyThat(noAnswer(), noAnswer(), backup);
  expect(await run()).toEqual(backup);
  expect(keys).toEqual(['key-1', 'key-1', 'key-1']);
  expect(pauses).toEqual([3_000, 3_000]);
});

it('does not retry a backup that Buoy refused', async () => {
  const full = new ApiError(503, { error: 'The disk is full.', code: 'storage_full' });
  const { run, keys } = buoyThat(full);
  await expect(run()).rejects.toBe(full);
  expect(keys).toHaveLength(1);
});

it('stops waiting for a backup when Buoy stays unreachable', async () => {
  const { run, keys } = buoyThat(noAnswer());
  await expect(run()).rejects.toThrow('Buoy does not answer.');
  expect(keys).toHaveLength(20);
});
