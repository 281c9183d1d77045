// File locks in unusual places and states.
import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { CommandError } from './command.ts';
import { whileLocked, whileLockedAsync } from './file-lock.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'buoy-lock-'));
const file = path.join(folder, 'lock');
afterEach(() => rmSync(file, { force: true }));

const given = async (): Promise<void> => {
  throw new Error('nobody gives it back');
};

test('whileLocked throws CommandError for a folder that cannot hold the lock', () => {
  expect(() => whileLocked('/dev/null/lock', () => 1)).toThrow(CommandError);
});

test.each([
  ['old', -11_000],
  ['from the future, after the clock was set back', 60_000],
])('a lock that is %s is removed without leftovers', async (_what, ageMs) => {
  writeFileSync(file, 'somebody');
  const at = new Date(Date.now() + ageMs);
  utimesSync(file, at, at);
  let waits = 0;
  const pause = async (): Promise<void> => {
    waits += 1;
    if (waits > 3) await given();
  };
  expect(await whileLockedAsync(file, pause, async () => 'done')).toBe('done');
  expect(readdirSync(folder)).toEqual([]);
});

test('a fresh lock is waited for', async () => {
  writeFileSync(file, 'somebody');
  await expect(whileLockedAsync(file, given, async () => 'done')).rejects.toThrow('nobody gives it back');
});
