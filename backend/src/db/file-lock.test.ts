// Locks between processes: exclusion, and release when the holder dies.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { lockFile } from './file-lock.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'buoy-lock-'));
  file = path.join(folder, 'lock');
});
const holders: ChildProcess[] = [];
afterEach(() => {
  for (const holder of holders.splice(0)) holder.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

/** Holds the lock in a process of its own; answers how to kill it. */
async function elsewhere(how: 'shared' | 'exclusive'): Promise<() => Promise<void>> {
  const script = `
    import { lockFile } from ${JSON.stringify(path.join(import.meta.dirname, 'file-lock.ts'))};
    const lock = lockFile(${JSON.stringify(file)}, ${JSON.stringify(how)});
    console.log(lock === null ? 'refused' : 'held');
    setInterval(() => lock, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  holders.push(child);
  const [said] = await once(child.stdout, 'data');
  expect(String(said).trim()).toBe('held');
  return async () => {
    child.kill('SIGKILL');
    await once(child, 'close');
  };
}

describe('a file lock', () => {
  test.each([
    ['shared', 'shared', true],
    ['shared', 'exclusive', false],
    ['exclusive', 'shared', false],
    ['exclusive', 'exclusive', false],
  ] as const)('held %s by another process, granted %s: %s', async (held, asked, given) => {
    await elsewhere(held);
    const lock = lockFile(file, asked);
    expect(lock !== null).toBe(given);
    lock?.release();
  });

  test('is released when its holder is killed', async () => {
    const kill = await elsewhere('exclusive');
    await kill();
    const lock = lockFile(file, 'exclusive');
    expect(lock).not.toBeNull();
    lock?.release();
  });

  test('excludes within one process too, until it is released', () => {
    const first = lockFile(file, 'exclusive');
    expect(lockFile(file, 'shared')).toBeNull();
    first?.release();
    const [one, other] = [lockFile(file, 'shared'), lockFile(file, 'shared')];
    expect([one, other]).not.toContain(null);
    expect(lockFile(file, 'exclusive')).toBeNull();
    one?.release();
    other?.release();
  });

  test('writes nothing to the file, which only its owner can open', () => {
    const lock = lockFile(file, 'exclusive');
    lock?.release();
    expect(readFileSync(file)).toHaveLength(0);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test('in a missing folder throws instead of returning null', () => {
    expect(() => lockFile(path.join(folder, 'none', 'lock'), 'shared')).toThrow();
  });
});
