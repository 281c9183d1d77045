// Backups of Buoy's own database: made online, verified by reading back, listed, downloaded and pruned.
import { randomBytes } from 'node:crypto';
import { constants, createReadStream, openSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import type { Backup } from '@buoy/contract';
import type { AuditRecorder } from '../audit/audit-recorder.ts';
import type { DatabaseCopies } from '../db/database-copies.ts';
import { lockFile } from '../db/file-lock.ts';
import { AppError, isAppError } from '../lib/app-error.ts';
import { type Clock, isoTime } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import { createBackupFolder } from './backup-folder.ts';
import { type BackupRunRecord, createBackupRunRecord } from './backup-run-record.ts';
import { packFile, unpackFile } from './packing.ts';

/** A backup as a client may download it, in parts too. */
export type BackupFile = {
  filename: string;
  sizeBytes: number;
  etag: string;
  open(range: { start: number; end: number }): Readable;
};

export type Backups = ReturnType<typeof createBackups>;

/**
 * @param parts.folder where they are kept, made when it is not there
 * @param parts.keep verified backups that stay
 * @param parts.version of this Buoy
 */
export function createBackups(parts: {
  copies: DatabaseCopies;
  folder: string;
  keep: number;
  version: string;
  clock: Clock;
  logger: Logger;
}) {
  const { copies, keep, version, clock, logger } = parts;
  const folder = createBackupFolder(parts.folder);
  const memory = createBackupRunRecord(folder.pathOf('state.json'));
  const lockPath = folder.pathOf('.lock');
  let running: { controller: AbortController; done: Promise<unknown> } | null = null;
  let closed = false;

  /** Copies, compresses and verifies: only a verified file is published, and no other file stays. */
  const make = async (signal: AbortSignal): Promise<Backup> => {
    const createdAt = isoTime(clock.now());
    const name = randomBytes(6).toString('hex');
    const copy = folder.draft(`${name}.copy`);
    const packed = folder.draft(`${name}.gz`);
    const unpacked = folder.draft(`${name}.check`);
    try {
      await copies.write(copy, signal);
      const written = await packFile(copy, packed, signal);
      await rm(copy);
      const readBack = await unpackFile(packed, unpacked, signal);
      if (readBack.sha256 !== written.sha256)
        throw new AppError('internal', 'The backup read back from disk differs from what was written.', {
          hint: "Check Buoy's disk.",
        });
      const { migrations } = await copies.check(unpacked, signal);
      return await folder.publish(packed, copies.extension, {
        createdAt,
        ...written,
        verified: true,
        engine: copies.engine,
        migration: migrations.at(-1) ?? '',
        version,
      });
    } finally {
      for (const draft of [copy, packed, unpacked]) await rm(draft, { force: true });
    }
  };

  const remember = async (change: (known: BackupRunRecord) => Partial<BackupRunRecord>): Promise<void> => {
    try {
      const now = isoTime(clock.now());
      const known = await memory.read(now);
      memory.write({ ...known, ...change(known), lastAt: now });
    } catch (error) {
      logger.warn({ err: error }, 'the backup result could not be recorded');
    }
  };

  const runLocked = async (signal: AbortSignal): Promise<Backup> => {
    await folder.prepare();
    const lock = lockFile(lockPath, 'exclusive');
    if (lock === null) throw alreadyRunning();
    try {
      await folder.removeLeftovers();
      const backup = await make(signal);
      const { createdAt, sizeBytes } = backup;
      await remember(() => ({ lastOk: true, lastSuccessAt: createdAt, lastSizeBytes: sizeBytes }));
      const removed = await folder.prune(keep).catch((error: unknown) => {
        logger.warn({ err: error }, 'old backups could not be removed');
        return [];
      });
      logger.info({ filename: backup.filename, sizeBytes, removed }, 'backup made and verified');
      return backup;
    } finally {
      lock.release();
    }
  };

  return {
    /**
     * Makes a backup and checks it. One at a time: who comes meanwhile is refused and not given the one that is under way, for what
     * they have just changed may not be in it.
     * @throws AppError `conflict` while another one is made, `storage_full`, or what else went wrong; nothing stays of it then
     */
    async run(audit?: AuditRecorder): Promise<Backup> {
      if (closed) throw shuttingDown();
      if (running !== null) throw alreadyRunning();
      const controller = new AbortController();
      const { signal } = controller;
      const work = runLocked(signal).catch((error: unknown) => {
        throw signal.aborted ? signal.reason : inWords(error);
      });
      running = { controller, done: work.catch(() => undefined) };
      try {
        const backup = await work;
        audit?.note({
          target: backup.filename,
          details: { sizeBytes: backup.sizeBytes, sha256: backup.sha256 },
        });
        return backup;
      } catch (error) {
        if (isAppError(error, 'conflict', 'shutting_down')) throw error;
        logger.error({ err: error }, 'the backup failed');
        await remember(({ failures }) => ({ lastOk: false, failures: failures + 1 }));
        throw error;
      } finally {
        running = null;
      }
    },

    /** Newest first. One without the notes that Buoy made of it, or of another size than they say, is not verified. */
    list: folder.list,

    /** @throws AppError `not_found`: no file of this name is in the folder itself; links are not followed */
    async open(filename: string): Promise<BackupFile> {
      const backup = await folder.read(filename);
      if (backup === null) throw new AppError('not_found', 'There is no such backup.');
      return {
        filename,
        sizeBytes: backup.sizeBytes,
        etag: backup.sha256,
        open: (range) =>
          createReadStream('', {
            fd: openSync(folder.pathOf(filename), constants.O_RDONLY | constants.O_NOFOLLOW),
            ...range,
          }),
      };
    },

    /** The result of the last run, kept over restarts. */
    state: (): Promise<BackupRunRecord> => memory.read(isoTime(clock.now())),

    /** Creates the folder and removes leftovers of a killed run. */
    async prepare(): Promise<void> {
      await folder.prepare();
      const lock = lockFile(lockPath, 'exclusive');
      if (lock === null) return;
      try {
        await folder.removeLeftovers();
        memory.write(await memory.read(isoTime(clock.now())));
      } finally {
        lock.release();
      }
    },

    /** Aborts a running backup and removes its files. */
    async close(): Promise<void> {
      closed = true;
      running?.controller.abort(shuttingDown());
      await running?.done;
    },
  };
}

function alreadyRunning(): AppError {
  return new AppError('conflict', 'A backup is already being made.', {
    hint: 'Wait until it is done, then start another if you still need one.',
  });
}

function shuttingDown(): AppError {
  return new AppError('shutting_down', 'Buoy is stopping.');
}

function inWords(error: unknown): unknown {
  if (isAppError(error)) return error;
  const { code } = error as { code?: string };
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new AppError('storage_full', "Buoy's disk is full; no backup was made.", {
      hint: 'Free some space in the data folder of Buoy, then try again. Older backups are still there.',
      cause: error,
    });
  // Codes of zlib: the packed file is not what was written.
  if (code?.startsWith('Z_'))
    return new AppError('internal', 'The backup read back from disk differs from what was written.', {
      hint: "Check Buoy's disk.",
      cause: error,
    });
  return new AppError('storage_unavailable', 'The backup could not be written to the data folder of Buoy.', {
    hint: "Check Buoy's log and its disk.",
    cause: error,
  });
}
