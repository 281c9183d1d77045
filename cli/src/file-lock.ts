// A file that is there while one process changes what others read, so that two do not undo each other's work.
import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';

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

/** Answers what gives it back, or null while somebody else has it. @throws the error of a folder that cannot be written */
function tryLock(file: string): (() => void) | null {
  const mine = `${process.pid} ${randomUUID()}`;
  try {
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(file, mine, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    // Two who find it stale at once may both go on; a renewal is safe then by its attempt key.
    if (ageOf(file) > STALE_MS) rmSync(file, { force: true });
    return null;
  }
  return () => {
    if (contentOf(file) === mine) rmSync(file, { force: true });
  };
}

function ageOf(file: string): number {
  try {
    return Date.now() - statSync(file).mtimeMs;
  } catch {
    return 0;
  }
}

function contentOf(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
