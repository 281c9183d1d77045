// Puts a backup in the place of the database: checks everything first, replaces it as a whole, and keeps what was there before.
import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { seizeDataDir } from '../db/data-dir-lock.ts';
import { databaseCopies, databaseSource } from '../db/database.ts';
import { knownMigrations } from '../db/migrate.ts';
import { AppError } from '../lib/app-error.ts';
import { type BackupContent, type BackupFile, unpackBackup } from './backup-content.ts';
import { replacePostgres } from './replace-postgres.ts';
import { replaceSqlite } from './replace-sqlite.ts';
import type { Replaced, RestoreParts } from './replacing.ts';

export type Restored = Replaced & {
  backup: BackupContent;
  /** The migrations that ran on it now, for it is of an older Buoy. */
  migrated: string[];
};

/** @throws AppError in words; nothing is changed then */
export async function restore(file: BackupFile, parts: RestoreParts): Promise<Restored> {
  const { config, clock, signal } = parts;
  const { dataDir } = config;
  const lock = seizeDataDir(dataDir);
  // On the disk of the database, so that it can be put in its place by its name alone.
  const workFolder = path.join(dataDir, '.restoring');
  try {
    rmSync(workFolder, { recursive: true, force: true });
    mkdirSync(workFolder, { mode: 0o700 });
    const backup = await unpackBackup(file, { workFolder, signal });
    const copies = databaseCopies(databaseSource(config));
    if (copies.engine !== backup.engine) throw otherEngine(backup.engine);
    const { migrations } = await copies.check(backup.copy, signal);
    checkMigrations(migrations);
    // To the millisecond: two restores within a second must not take each other's name.
    const asideName = `before-restore-${new Date(clock.now()).toISOString().replaceAll(/[:.]/g, '-')}`;
    const replace = backup.engine === 'sqlite' ? replaceSqlite : replacePostgres;
    const outcome = await replace(backup, { ...parts, workFolder, asideName });
    return { ...outcome, backup, migrated: knownMigrations.filter((name) => !migrations.includes(name)) };
  } finally {
    rmSync(workFolder, { recursive: true, force: true });
    lock.release();
  }
}

function otherEngine(engine: 'sqlite' | 'postgres'): AppError {
  return engine === 'sqlite'
    ? new AppError('conflict', 'This is a backup of an SQLite database, and DATABASE_URL says PostgreSQL.', {
        hint: 'Restore it without DATABASE_URL.',
      })
    : new AppError('conflict', 'This is a backup of a PostgreSQL database, and no DATABASE_URL is set.', {
        hint: 'Set DATABASE_URL to the database that it goes to.',
      });
}

/** Also of those that a newer Buoy has. */
const MIGRATION_NAME = /^\d{4}-[a-z0-9-]{1,80}$/;

function checkMigrations(migrations: readonly string[]): void {
  if (migrations[0] !== knownMigrations[0] || !migrations.every((name) => MIGRATION_NAME.test(name)))
    throw new AppError('internal', 'This is a database, but not one of Buoy.');
  const newer = migrations.filter((name) => !knownMigrations.includes(name));
  if (newer.length > 0)
    throw new AppError(
      'conflict',
      `This backup is from a newer Buoy, which has the migration "${newer.at(-1)}".`,
      {
        hint: 'Install that newer version of Buoy, then restore.',
      },
    );
}
