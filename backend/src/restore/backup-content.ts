// A backup file on its way back: found, compared with the notes beside it, unpacked, and told apart by what is in it, not by its name.
import { existsSync } from 'node:fs';
import { copyFile, open, stat } from 'node:fs/promises';
import path from 'node:path';
import { hashOf, unpackFile } from '../backups/packing.ts';
import { readSidecar, sidecarNameOf } from '../backups/sidecar.ts';
import { AppError } from '../lib/app-error.ts';

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

/**
 * @param given a path, or the name of a file in `backupFolder`; packed, or a plain copy of a database
 * @param workFolder where the unpacked copy goes
 * @throws AppError in words: not there, not the file that its notes speak of, cut off, not a copy of a database
 */
export async function unpackBackup(
  given: string,
  { backupFolder, workFolder, signal }: { backupFolder: string; workFolder: string; signal: AbortSignal },
): Promise<BackupContent> {
  const file = await find(given, backupFolder);
  const notes = await readSidecar(sidecarNameOf(file));
  const sha256 = await hashOf(file);
  if (notes !== null && notes.sha256 !== sha256)
    throw new AppError('internal', 'This file is not what Buoy wrote: its SHA-256 is another one.', {
      hint: 'It was changed or damaged. Take another backup, or fetch this one again.',
    });
  const copy = path.join(workFolder, 'unpacked');
  if (await beginsWith(file, beginnings.gzip))
    await unpackFile(file, copy, signal).catch((cause: unknown) => {
      throw unpackingFailed(cause);
    });
  else {
    await copyFile(file, copy);
    // Part of a database that was put aside as it was.
    if (existsSync(`${file}-wal`)) await copyFile(`${file}-wal`, `${copy}-wal`);
  }
  const engine = (await beginsWith(copy, beginnings.sqlite))
    ? 'sqlite'
    : (await beginsWith(copy, beginnings.postgres))
      ? 'postgres'
      : null;
  if (engine === null)
    throw new AppError('internal', 'There is no copy of a database in this file.', {
      hint: 'Give a backup of Buoy: a file that ends in .db.gz or .dump.gz.',
    });
  return {
    filename: path.basename(file),
    sha256,
    hashKnown: notes !== null,
    createdAt: notes?.createdAt ?? null,
    engine,
    copy,
  };
}

async function find(given: string, backupFolder: string): Promise<string> {
  const here = path.resolve(given);
  const places = path.basename(given) === given ? [here, path.join(backupFolder, given)] : [here];
  for (const place of places) if ((await stat(place).catch(() => null))?.isFile()) return place;
  throw new AppError('not_found', `There is no file "${places.join('", nor "')}".`);
}

async function beginsWith(file: string, beginning: string | Buffer): Promise<boolean> {
  const expected = Buffer.from(beginning);
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(expected.length), 0, expected.length, 0);
    return bytesRead === expected.length && buffer.equals(expected);
  } finally {
    await handle.close();
  }
}

function unpackingFailed(cause: unknown): unknown {
  const { code } = cause as { code?: string };
  if (code === 'ENOSPC')
    return new AppError('storage_full', 'There is no room in the data folder to unpack the backup.', {
      cause,
    });
  if (code?.startsWith('Z_'))
    return new AppError('internal', 'This file is damaged or cut off: it cannot be unpacked.', {
      hint: 'Take another backup, or fetch this one again.',
      cause,
    });
  return cause;
}
