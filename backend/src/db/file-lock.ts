// A lock between processes that the kernel releases when its holder dies: SQLite's own, on an empty file.
import { chmodSync } from 'node:fs';
import BetterSqlite from 'better-sqlite3';

export type FileLock = { release(): void };

/**
 * Locks `file`, which is made when it is not there; nothing is ever written to it. The answer must be kept: with it goes the lock.
 * @param how `shared` with others who share it, or `exclusive`
 * @returns null when somebody else holds it in a way that excludes this
 * @throws when the file can neither be opened nor made
 */
export function lockFile(file: string, how: 'shared' | 'exclusive'): FileLock | null {
  const connection = new BetterSqlite(file, { timeout: 0 });
  try {
    chmodSync(file, 0o600);
    if (how === 'exclusive') connection.exec('begin exclusive');
    else {
      connection.exec('begin');
      // A transaction takes its lock when it first reads.
      connection.prepare('select count(*) from sqlite_schema').get();
    }
  } catch (error) {
    connection.close();
    if ((error as { code?: string }).code === 'SQLITE_BUSY') return null;
    throw error;
  }
  return { release: () => void connection.close() };
}
