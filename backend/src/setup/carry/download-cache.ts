// What Buoy has downloaded for servers, on its own disk under the checksums: one download for many servers. Nothing in it is needed: it may be removed at any time.
import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat, statfs, utimes } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../lib/app-error.ts';
import type { Clock } from '../../lib/clock.ts';
import { createSharedWork } from '../../lib/shared-work.ts';
import type { SourceFetch } from '../source-fetch.ts';
import { type Checksum, hashOf } from './checksum.ts';
import { answerFailure, withAttempts } from './download-attempts.ts';

/** An OpenClaw with its packages has 220 MB, a Node 55 (2026.9.6, 24.21.0). */
const MAX_CACHE_BYTES = 2 * 1024 ** 3;
/** Of one file: ten times the longest. */
const MAX_FILE_BYTES = 1024 ** 3;
/** Stays free on the disk of Buoy, which has its database there. */
const RESERVED_BYTES = 256 * 1024 ** 2;
/** Milliseconds without a byte of a download. */
const SILENCE_MS = 60_000;
/** Bytes that a download reserves at once where its source does not say how many come, or says too few. */
const PIECE_BYTES = 4 * 1024 ** 2;
/** Milliseconds after which a file that was not downloaded to its end belongs to a Buoy that was killed. */
const LEFT_MS = 60 * 60_000;
const PART = '.part';

export type DownloadSource = { url: string; checksum: Checksum /** In words, for people. */; what: string };
export type CachedFile = { path: string; sizeBytes: number };

/**
 * The file with that checksum, downloaded where it is not here yet; callers at the same time share one download.
 * Throws AppError `registry_failed`, `version_not_found`, `checksum_mismatch` or `disk_full` (of Buoy), or the signal's reason.
 */
export type GetFile = (source: DownloadSource, signal: AbortSignal) => Promise<CachedFile>;

export type DownloadCache = {
  /** Runs `work`. None of the files that it gets is removed before it has ended. */
  whileUsed<T>(work: (file: GetFile) => Promise<T>): Promise<T>;
};

/** What a download may write, and has written. */
type Room = { part: string; bytes: number; written: number };

export function createDownloadCache({
  folder,
  clock,
  fetch,
  freeBytes = freeBytesOf,
  maxBytes = MAX_CACHE_BYTES,
}: {
  folder: string;
  clock: Clock;
  fetch: SourceFetch;
  freeBytes?: (folder: string) => Promise<number>;
  maxBytes?: number;
}): DownloadCache {
  /** Bytes of all files that are not under way; null until they are counted. */
  let total: number | null = null;
  const rooms = new Set<Room>();
  /** Where a file is → how many use it. */
  const uses = new Map<string, number>();
  let counting: Promise<unknown> = Promise.resolve();

  const shared = createSharedWork(async (key, signal): Promise<CachedFile> => {
    const source = JSON.parse(key) as DownloadSource;
    const target = targetOf(source);
    const found = await kept(target, source.checksum);
    if (found !== null) return found;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return withAttempts({ clock, signal, what: source.what }, () => download(source, target, signal));
  });

  function targetOf({ checksum: { algorithm, hex } }: DownloadSource): string {
    return path.join(folder, `${algorithm}-${hex}`);
  }

  /** null where it is not here, or not whole: another copy is downloaded then. */
  async function kept(target: string, checksum: Checksum): Promise<CachedFile | null> {
    try {
      const hash = hashOf(checksum);
      let sizeBytes = 0;
      for await (const chunk of createReadStream(target)) {
        hash.update(chunk as Buffer);
        sizeBytes += (chunk as Buffer).length;
      }
      if (hash.digest('hex') !== checksum.hex) return null;
      const now = new Date(clock.now());
      await utimes(target, now, now);
      return { path: target, sizeBytes };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw error;
    }
  }

  async function download(
    { url, checksum, what }: DownloadSource,
    target: string,
    signal: AbortSignal,
  ): Promise<CachedFile> {
    const silence = new AbortController();
    let stopTimer = () => {};
    const listen = () => {
      stopTimer();
      stopTimer = clock.after(SILENCE_MS, () => silence.abort(new Error('The download stands still.')));
    };
    const room: Room = { part: `${target}.${randomBytes(6).toString('hex')}${PART}`, bytes: 0, written: 0 };
    rooms.add(room);
    listen();
    try {
      const response = await fetch(url, {
        // What is unpacked on arrival has more bytes than its length says.
        headers: { 'accept-encoding': 'identity' },
        signal: AbortSignal.any([signal, silence.signal]),
      });
      if (!response.ok || response.body === null) {
        await response.body?.cancel();
        throw answerFailure(response, { url, what });
      }
      await reserve(room, Number(response.headers.get('content-length')) || PIECE_BYTES, what);
      const hash = hashOf(checksum);
      const handle = await open(room.part, 'wx', 0o600);
      try {
        for await (const chunk of response.body) {
          listen();
          const missing = room.written + chunk.byteLength - room.bytes;
          if (missing > 0) await reserve(room, Math.max(missing, PIECE_BYTES), what);
          hash.update(chunk);
          await handle.writeFile(chunk);
          room.written += chunk.byteLength;
        }
        await handle.sync();
      } finally {
        await handle.close();
      }
      if (hash.digest('hex') !== checksum.hex) throw wrongChecksum(what);
      await oneAtATime(async () => {
        await rename(room.part, target);
        if (total !== null) total += room.written;
        rooms.delete(room);
      });
      return { path: target, sizeBytes: room.written };
    } catch (error) {
      await rm(room.part, { force: true });
      throw isFull(error) ? diskFull(error) : error;
    } finally {
      rooms.delete(room);
      stopTimer();
    }
  }

  /** Lets a download write that many bytes more. Throws where there is no room for them beside what others may still write. */
  function reserve(room: Room, bytes: number, what: string): Promise<void> {
    return oneAtATime(async () => {
      if (room.bytes + bytes > MAX_FILE_BYTES) throw tooLong(what);
      const underWay = sumOf([...rooms], (one) => one.bytes);
      if (total === null || total + underWay + bytes > maxBytes) total = await prune(underWay + bytes);
      if (total + underWay + bytes > maxBytes)
        throw new AppError('disk_full', 'Buoy keeps too many downloads that other setups are using.', {
          hint: 'Wait until they have ended, then start this again.',
        });
      const unwritten = sumOf([...rooms], (one) => one.bytes - one.written);
      if ((await freeBytes(folder)) < unwritten + bytes + RESERVED_BYTES) throw diskFull();
      room.bytes += bytes;
    });
  }

  /** What counts the same bytes must not do so at the same time. */
  function oneAtATime<T>(work: () => Promise<T>): Promise<T> {
    const result = counting.then(work);
    counting = result.catch(() => {});
    return result;
  }

  /** Removes what was not used for the longest time, until `bytes` fit. Returns the bytes of what is left, without what is under way. */
  async function prune(bytes: number): Promise<number> {
    const now = clock.now();
    const underWay = new Set(Array.from(rooms, ({ part }) => part));
    const names = (await readdir(folder)).map((name) => path.join(folder, name));
    const files = await Promise.all(
      names
        .filter((at) => !underWay.has(at))
        .map(async (at) => {
          // Another Buoy on this folder may have removed it.
          const facts = await stat(at).catch(() => null);
          return { at, isPart: at.endsWith(PART), usedMs: facts?.mtimeMs ?? now, size: facts?.size ?? 0 };
        }),
    );
    let left = sumOf(files, ({ size }) => size);
    for (const { at, isPart, usedMs, size } of files.toSorted((one, other) => one.usedMs - other.usedMs)) {
      const isRemoved = isPart ? now - usedMs > LEFT_MS : left + bytes > maxBytes && !uses.has(at);
      if (!isRemoved) continue;
      await rm(at, { force: true });
      left -= size;
    }
    return left;
  }

  return {
    async whileUsed(work) {
      const used: string[] = [];
      try {
        return await work((source, signal) => {
          const target = targetOf(source);
          used.push(target);
          uses.set(target, (uses.get(target) ?? 0) + 1);
          return shared(JSON.stringify(source), signal);
        });
      } finally {
        for (const target of used) {
          const left = (uses.get(target) ?? 1) - 1;
          if (left === 0) uses.delete(target);
          else uses.set(target, left);
        }
      }
    },
  };
}

function sumOf<T>(items: readonly T[], bytesOf: (item: T) => number): number {
  return items.reduce((sum, item) => sum + bytesOf(item), 0);
}

async function freeBytesOf(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

function isFull(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException).code ?? '');
}

function diskFull(cause?: unknown): AppError {
  return new AppError('disk_full', 'The disk of Buoy is too full for a download.', {
    hint: 'Free some space on the machine of Buoy (500 MB for Node and OpenClaw), or let the server download.',
    cause,
  });
}

function tooLong(what: string): AppError {
  return new AppError('registry_failed', `The source sends more than any real download for ${what}.`, {
    hint: 'Check the registry, or the mirror that is set as NPM_REGISTRY or NODE_MIRROR.',
  });
}

function wrongChecksum(what: string): AppError {
  return new AppError('checksum_mismatch', `The download of ${what} does not have its checksum.`, {
    hint: 'Start this again. If it happens again, the mirror or a proxy on the way changes files.',
  });
}
