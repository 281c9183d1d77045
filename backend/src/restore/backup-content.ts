// A backup file for a restore: located, verified against its sidecar, unpacked, and its type detected by content, not name.
import { constants, createWriteStream } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fromStart, hashOf, unpackFile } from '../backups/packing.ts';
import { readSidecar, type Sidecar, sidecarNameOf } from '../backups/sidecar.ts';
import { AppError } from '../lib/app-error.ts';

/** A backup that is open: whoever reads it further need not be allowed to open it. */
export type BackupFile = {
  /** Without its folder. */
  filename: string;
  handle: FileHandle;
  /** Part of a database that was put aside as it was. */
  log: FileHandle | null;
  notes: Sidecar | null;
};

export type BackupContent = {
  /** The name of the backup, without its folder. */
  filename: string;
  sha256: string;
  /** Whether the notes beside it said which hash it must have. */
  hashKnown: boolean;
  /** Of which moment it is, by those notes; null without them. */
  createdAt: string | null;
  engine: 'sqlite' | 'postgres';
  /** The copy of the database, unpacked in the work folder. */
  copy: string;
};

/** How the files begin: of gzip (RFC 1952), of SQLite (https://sqlite.org/fileformat.html), of pg_dump's own format. */
const beginnings = { gzip: Buffer.from([0x1f, 0x8b]), sqlite: 'SQLite format 3\0', postgres: 'PGDMP' };

/** The first of `places` that is a file; packed, or a plain copy of a database. null: none is, or none may be read. */
export async function openBackup(places: readonly string[]): Promise<BackupFile | null> {
  for (const place of places) {
    if (!(await stat(place).catch(() => null))?.isFile()) continue;
    const handle = await open(place).catch(() => null);
    if (handle === null) continue;
    return {
      filename: path.basename(place),
      handle,
      // No link: who may write beside a backup of root could lead root to another file, whose content is not checked.
      log: await open(`${place}-wal`, constants.O_RDONLY | constants.O_NOFOLLOW).catch(() => null),
      notes: await readSidecar(sidecarNameOf(place)),
    };
  }
  return null;
}

/**
 * @param workFolder where the unpacked copy goes
 * @throws AppError in words: not the file that its notes speak of, cut off, not a copy of a database
 */
export async function unpackBackup(
  { filename, handle, log, notes }: BackupFile,
  { workFolder, signal }: { workFolder: string; signal: AbortSignal },
): Promise<BackupContent> {
  const sha256 = await hashOf(handle);
  if (notes !== null && notes.sha256 !== sha256)
    throw new AppError('internal', 'This file is not what Buoy wrote: its SHA-256 differs.', {
      hint: 'It was changed or damaged. Take another backup, or fetch this one again.',
    });
  const copy = path.join(workFolder, 'unpacked');
  if (await beginsWith(handle, beginnings.gzip))
    await unpackFile(handle, copy, signal).catch((cause: unknown) => {
      throw unpackingFailed(cause);
    });
  else {
    await copyFrom(handle, copy, signal);
    if (log !== null) await copyFrom(log, `${copy}-wal`, signal);
  }
  const engine = await engineOf(copy);
  if (engine === null)
    throw new AppError('internal', 'This file contains no copy of a database.', {
      hint: 'Give a backup of Buoy: a file that ends in .db.gz or .dump.gz.',
    });
  return {
    filename,
    sha256,
    hashKnown: notes !== null,
    createdAt: notes?.createdAt ?? null,
    engine,
    copy,
  };
}

async function copyFrom(source: FileHandle, target: string, signal: AbortSignal): Promise<void> {
  await pipeline(fromStart(source), createWriteStream(target, { flags: 'wx', mode: 0o600 }), { signal });
}

async function engineOf(copy: string): Promise<BackupContent['engine'] | null> {
  const handle = await open(copy);
  try {
    if (await beginsWith(handle, beginnings.sqlite)) return 'sqlite';
    return (await beginsWith(handle, beginnings.postgres)) ? 'postgres' : null;
  } finally {
    await handle.close();
  }
}

async function beginsWith(handle: FileHandle, beginning: string | Buffer): Promise<boolean> {
  const expected = Buffer.from(beginning);
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(expected.length), 0, expected.length, 0);
  return bytesRead === expected.length && buffer.equals(expected);
}

function unpackingFailed(cause: unknown): unknown {
  const { code } = cause as { code?: string };
  if (code === 'ENOSPC')
    return new AppError('storage_full', 'The data folder has no room to unpack the backup.', {
      cause,
    });
  if (code?.startsWith('Z_'))
    return new AppError('internal', 'This file is damaged or cut off: it cannot be unpacked.', {
      hint: 'Take another backup, or fetch this one again.',
      cause,
    });
  return cause;
}
