// A lock file that serializes changes of the profiles file between processes.
import {
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { CommandError } from './command.ts';

/** Milliseconds after which an untouched lock counts as left over from a dead process. */
const STALE_MS = 10_000;
const TOUCH_INTERVAL_MS = 2_000;
/** Milliseconds between two tries. */
const RETRY_MS = 50;

/** Runs `work` while holding the lock; blocks the thread until it is free. */
export function whileLocked<T>(file: string, work: () => T): T {
  let release = tryLock(file);
  const wait = new Int32Array(new SharedArrayBuffer(4));
  while (release === null) {
    Atomics.wait(wait, 0, 0, RETRY_MS);
    release = tryLock(file);
  }
  try {
    return work();
  } finally {
    release();
  }
}

/**
 * The same for asynchronous work.
 * @param pause between two tries; throws to give up
 */
export async function whileLockedAsync<T>(
  file: string,
  pause: (ms: number) => Promise<void>,
  work: () => Promise<T>,
): Promise<T> {
  let release = tryLock(file);
  while (release === null) {
    await pause(RETRY_MS);
    release = tryLock(file);
  }
  const touching = setInterval(() => {
    const now = new Date();
    // Another process has removed the lock, so it cannot be touched.
    try {
      utimesSync(file, now, now);
    } catch {}
  }, TOUCH_INTERVAL_MS);
  try {
    return await work();
  } finally {
    clearInterval(touching);
    release();
  }
}

/** Returns the release function, or null while another process holds the lock. @throws CommandError when the file cannot be created */
function tryLock(file: string): (() => void) | null {
  const mine = `${process.pid} ${crypto.randomUUID()}`;
  try {
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  } catch (error) {
    // Separate from the next try block: EEXIST for the folder would look like an existing lock.
    throw notMade(file, error);
  }
  try {
    writeFileSync(file, mine, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw notMade(file, error);
    if (isStale(file)) removeStale(file);
    return null;
  }
  return () => {
    if (contentOf(file) === mine) rmSync(file, { force: true });
  };
}

function notMade(file: string, error: unknown): CommandError {
  return new CommandError(
    `The file ${file} could not be created (${(error as NodeJS.ErrnoException).code}).`,
    'Check the owner of the folder and the free space. BUOY_URL and BUOY_TOKEN work without this file.',
  );
}

/** Two processes may find the lock stale at once: the second one has moved the new lock of the first, and restores it. */
function removeStale(file: string): void {
  const moved = `${file}.${crypto.randomUUID()}`;
  try {
    renameSync(file, moved);
    if (!isStale(moved)) linkSync(moved, file);
  } catch {
    // The lock is gone or a third process has it: the next attempt finds out.
  }
  rmSync(moved, { force: true });
}

/** A lock from the future counts as stale too: after the clock was set back it would block forever. */
function isStale(file: string): boolean {
  try {
    return Math.abs(Date.now() - lstatSync(file).mtimeMs) > STALE_MS;
  } catch {
    return false;
  }
}

function contentOf(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
