// A file that is there while one process changes what others read, so that two do not undo each other's work.
import { randomUUID } from 'node:crypto';
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

/** Milliseconds after which a lock that nobody has touched was left by a process that is gone. */
const STALE_MS = 10_000;
const TOUCH_EVERY_MS = 2_000;
/** Milliseconds between two tries. */
const RETRY_MS = 50;

/** Runs `work` while nobody else holds the lock, and waits for that without giving way to anything else. */
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
 * The same for work that takes its time.
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
    // A lock that somebody took away is theirs to answer for.
    try {
      utimesSync(file, now, now);
    } catch {}
  }, TOUCH_EVERY_MS);
  try {
    return await work();
  } finally {
    clearInterval(touching);
    release();
  }
}

/** Answers what gives it back, or null while somebody else has it. @throws CommandError where the file cannot be made */
function tryLock(file: string): (() => void) | null {
  const mine = `${process.pid} ${randomUUID()}`;
  try {
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  } catch (error) {
    // Apart from the next: a folder that is a file would pass for a lock that is there.
    throw notMade(file, error);
  }
  try {
    writeFileSync(file, mine, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw notMade(file, error);
    if (isStale(file)) takeAway(file);
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

/** Two may find it stale at once: whoever comes second has moved the new lock of the first, and puts that back. */
function takeAway(file: string): void {
  const moved = `${file}.${randomUUID()}`;
  try {
    renameSync(file, moved);
    if (!isStale(moved)) linkSync(moved, file);
  } catch {
    // It is gone, or a third one has it: the next try sees.
  }
  rmSync(moved, { force: true });
}

/** Also one of the future, which a clock that was set back leaves: nobody would ever go on. */
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
