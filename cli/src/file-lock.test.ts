// What becomes of a lock in a place or a state that is out of the ordinary.
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

test('a lock in a folder that takes no files is told in words', () => {
  expect(() => whileLocked('/dev/null/lock', () => 1)).toThrow(CommandError);
});

test.each([
  ['old', -11_000],
  ['of a time to come, as a clock that was set back leaves it', 60_000],
])('a lock that is %s is taken away, and nothing is left of it', async (_what, ageMs) => {
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

test('a lock that is young is waited for', async () => {
  writeFileSync(file, 'somebody');
  await expect(whileLockedAsync(file, given, async () => 'done')).rejects.toThrow('nobody gives it back');
});
