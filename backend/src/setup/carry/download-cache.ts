// What Buoy has downloaded for servers, on its own disk under the checksums: one download for many servers. Nothing in it is needed: it may be removed at any time.
import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat, statfs, utimes } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../lib/app-error.ts';
import type { Clock } from '../../lib/clock.ts';
import { createSharedWork } from '../../lib/shared-work.ts';
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
/** Milliseconds that a file stays after its last use: longer than it takes to send it to a server. */
const IN_USE_MS = 3 * 60 * 60_000;
/** Milliseconds after which a file that was not downloaded to its end belongs to a Buoy that was killed. */
const LEFT_MS = 60 * 60_000;
const PART = '.part';

export type DownloadSource = { url: string; checksum: Checksum /** In words, for people. */; what: string };
export type CachedFile = { path: string; sizeBytes: number };

export type DownloadCache = {
  /**
   * The file with that checksum, downloaded where it is not here yet; callers at the same time share one download.
   * Throws AppError `registry_failed`, `version_not_found`, `checksum_mismatch` or `disk_full` (of Buoy), or the signal's reason.
   */
  file(source: DownloadSource, signal: AbortSignal): Promise<CachedFile>;
};

export function createDownloadCache({
  folder,
  clock,
  fetch = globalThis.fetch,
  freeBytes = freeBytesOf,
  maxBytes = MAX_CACHE_BYTES,
}: {
  folder: string;
  clock: Clock;
  fetch?: typeof globalThis.fetch;
  freeBytes?: (folder: string) => Promise<number>;
  maxBytes?: number;
}): DownloadCache {
  /** Bytes of all files; null until they are counted. */
  let total: number | null = null;

  const shared = createSharedWork(async (key, signal): Promise<CachedFile> => {
    const source = JSON.parse(key) as DownloadSource;
    const { algorithm, hex } = source.checksum;
    const target = path.join(folder, `${algorithm}-${hex}`);
    const found = await kept(target, source.checksum);
    if (found !== null) return found;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return withAttempts({ clock, signal, what: source.what }, () => download(source, target, signal));
  });

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
    const part = `${target}.${randomBytes(6).toString('hex')}${PART}`;
    listen();
    try {
      const response = await fetch(url, { signal: AbortSignal.any([signal, silence.signal]) });
      if (!response.ok || response.body === null) {
        await response.body?.cancel();
        throw answerFailure(response, what);
      }
      await makeRoom(Number(response.headers.get('content-length')) || 0);
      const hash = hashOf(checksum);
      let sizeBytes = 0;
      const handle = await open(part, 'wx', 0o600);
      try {
        for await (const chunk of response.body) {
          listen();
          sizeBytes += chunk.byteLength;
          if (sizeBytes > MAX_FILE_BYTES) throw tooLong(what);
          hash.update(chunk);
          await handle.writeFile(chunk);
        }
        await handle.sync();
      } finally {
        await handle.close();
      }
      if (hash.digest('hex') !== checksum.hex) throw wrongChecksum(what);
      await rename(part, target);
      total = (total ?? 0) + sizeBytes;
      return { path: target, sizeBytes };
    } catch (error) {
      await rm(part, { force: true });
      throw isFull(error) ? diskFull(error) : error;
    } finally {
      stopTimer();
    }
  }

  /** @param bytes of the file that comes; 0: the source does not say */
  async function makeRoom(bytes: number): Promise<void> {
    if (bytes > MAX_FILE_BYTES) throw tooLong('the download');
    if (total === null || total + bytes > maxBytes) total = await prune(bytes);
    if (total + bytes > maxBytes)
      throw new AppError('disk_full', 'Buoy keeps too many downloads that other setups are using.', {
        hint: 'Wait until they have ended, then start this again.',
      });
    if ((await freeBytes(folder)) < bytes + RESERVED_BYTES) throw diskFull();
  }

  /** Removes what was not used for the longest time, until `bytes` fit. Returns the bytes of what is left. */
  async function prune(bytes: number): Promise<number> {
    const now = clock.now();
    const files = await Promise.all(
      (await readdir(folder)).map(async (name) => {
        const at = path.join(folder, name);
        // Another Buoy on this folder may have removed it.
        const facts = await stat(at).catch(() => null);
        return { at, isPart: name.endsWith(PART), usedMs: facts?.mtimeMs ?? now, size: facts?.size ?? 0 };
      }),
    );
    let left = files.reduce((sum, { size }) => sum + size, 0);
    for (const { at, isPart, usedMs, size } of files.toSorted((one, other) => one.usedMs - other.usedMs)) {
      const isLeft = now - usedMs > (isPart ? LEFT_MS : IN_USE_MS);
      if (!isLeft || (!isPart && left + bytes <= maxBytes)) continue;
      await rm(at, { force: true });
      left -= size;
    }
    return left;
  }

  return { file: (source, signal) => shared(JSON.stringify(source), signal) };
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
