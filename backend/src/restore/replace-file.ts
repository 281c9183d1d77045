// Replaces the SQLite database with a prepared one and keeps the old one: atomically.
import { closeSync, existsSync, linkSync, openSync, readSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import BetterSqlite from 'better-sqlite3';
import { AppError } from '../lib/app-error.ts';
import { syncToDisk } from '../lib/sync-to-disk.ts';

/** Milliseconds that another program may take to let go of the database. */
const BUSY_TIMEOUT_MS = 3_000;
/** https://sqlite.org/fileformat.html */
const SQLITE_START = Buffer.from('SQLite format 3\0');
/** What SQLite keeps beside a database; a log of the old one must never be replayed into the new one. */
const companions = ['-wal', '-shm', '-journal'];

/**
 * @param draft the new database, closed, on the same disk
 * @param file where it goes
 * @param asideName how the names end of what is put aside
 * @returns where the old database is now; null when there was none
 * @throws AppError `conflict` when a program uses the old one; the error of the file system. Nothing is changed then.
 */
export function replaceFile(draft: string, file: string, asideName: string): string | null {
  syncToDisk(draft);
  const undo: Array<() => void> = [];
  const moveAside = (from: string, to: string): void => {
    if (!existsSync(from)) return;
    renameSync(from, to);
    undo.unshift(() => renameSync(to, from));
  };
  const aside = `${file}.${asideName}`;
  const isThere = existsSync(file);
  const held = isThere ? hold(file) : null;
  try {
    if (isThere) {
      linkSync(file, aside);
      undo.unshift(() => rmSync(aside));
    }
    for (const companion of companions) moveAside(`${file}${companion}`, `${aside}${companion}`);
    const anchor = anchorOf(path.dirname(file));
    moveAside(anchor, `${anchor}.${asideName}`);
    renameSync(draft, file);
  } catch (error) {
    for (const step of undo) step();
    throw error;
  } finally {
    held?.close();
  }
  syncToDisk(path.dirname(file));
  return isThere ? aside : null;
}

/** The note of where the audit log ended that is put aside: the restored one legitimately ends before. */
export function anchorOf(dataDir: string): string {
  return path.join(dataDir, 'audit-head');
}

/**
 * Brings everything that is in the old database's log into its file, and keeps every other program out until it is closed.
 * @returns null when it is too damaged to be opened: then nobody else has it open either
 */
function hold(file: string): InstanceType<typeof BetterSqlite> | null {
  // SQLite would remove the log of what it takes for no database; whoever puts the old one together again may need it.
  if (!isSqlite(file)) return null;
  let connection: InstanceType<typeof BetterSqlite> | null = null;
  try {
    connection = new BetterSqlite(file, { timeout: BUSY_TIMEOUT_MS });
    connection.pragma('journal_mode = DELETE');
    connection.exec('begin exclusive');
    return connection;
  } catch (error) {
    connection?.close();
    if ((error as { code?: string }).code?.startsWith('SQLITE_BUSY'))
      throw new AppError('conflict', 'A program uses the database of this DATA_DIR.', {
        hint: 'Stop Buoy and every other program that has the database open, then restore.',
        cause: error,
      });
    return null;
  }
}

function isSqlite(file: string): boolean {
  const handle = openSync(file, 'r');
  try {
    const start = Buffer.alloc(SQLITE_START.length);
    return readSync(handle, start) === start.length && start.equals(SQLITE_START);
  } finally {
    closeSync(handle);
  }
}
