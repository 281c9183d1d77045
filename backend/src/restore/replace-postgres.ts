// The restore of a PostgreSQL database: the keys are tried on the dump itself, the present content is dumped aside, then replaced.
import { rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { packFile } from '../backups/packing.ts';
import { databaseCopies, databaseSource, openDatabase } from '../db/database.ts';
import { knownMigrations } from '../db/migrate.ts';
import { rowsInDump } from '../db/postgres-copies.ts';
import { AppError } from '../lib/app-error.ts';
import { sealedColumns } from '../sealed-columns.ts';
import { createVault } from '../vault/vault.ts';
import type { BackupContent } from './backup-content.ts';
import { keysDoNotOpen, type SealedRow, unreadableRows } from './key-check.ts';
import { type PostgresContent, postgresContent, replaceContent, writeAsSql } from './postgres-content.ts';
import { anchorOf } from './replace-file.ts';
import { type Replaced, type Replacing, settle } from './replacing.ts';

const migrationTables = ['kysely_migration', 'kysely_migration_lock'];

/** @throws AppError; the content from before is there then, put back if need be */
export async function replacePostgres(backup: BackupContent, parts: Replacing): Promise<Replaced> {
  const { config, signal, withoutKeys, workFolder, asideName } = parts;
  const url = config.databaseUrl ?? '';
  const vault = createVault(config.vaultKeys);
  const unreadable = unreadableRows(await sealedRowsInDump(backup.copy, signal), vault);
  if (unreadable.length > 0 && !withoutKeys) throw keysDoNotOpen(unreadable, vault);

  const fill = path.join(workFolder, 'fill.sql');
  await writeAsSql(backup.copy, fill, signal);
  const before = await postgresContent(url);
  await refuseForeign(before, workFolder);
  const hadContent = before.tables.length > 0;
  const present = path.join(workFolder, 'present.dump');
  const keptAside = hadContent ? path.join(config.dataDir, `database.${asideName}.dump.gz`) : null;
  if (keptAside !== null) {
    const copies = databaseCopies(databaseSource(config));
    await copies.write(present, signal);
    await copies.check(present, signal);
    await packFile(present, keptAside, signal);
  }

  await replaceContent({ url, tables: before.tables, fill, workFolder, signal });
  try {
    const database = await openDatabase({ engine: 'postgres', url });
    const settled = await settle(database, backup, parts);
    const anchor = anchorOf(config.dataDir);
    await rename(anchor, `${anchor}.${asideName}`).catch(ignoreMissing);
    return { ...settled, keptAside };
  } catch (cause) {
    const { tables } = await postgresContent(url);
    // To the end, also when somebody wants to stop: half of it is neither the old nor the new database.
    const untilDone = new AbortController().signal;
    const putBack = async (): Promise<void> => {
      if (hadContent) await writeAsSql(present, fill, untilDone);
      await replaceContent({ url, tables, fill: hadContent ? fill : null, workFolder, signal: untilDone });
    };
    await putBack().catch((error: unknown) => {
      throw new AppError(
        'storage_unavailable',
        'The restore failed halfway, and the content from before could not be put back.',
        {
          ...(keptAside === null ? {} : { hint: `It is in "${keptAside}": restore that file.` }),
          details: { changed: true },
          cause: error,
        },
      );
    });
    if (keptAside !== null) await rm(keptAside, { force: true });
    throw cause;
  }
}

/** All sealed texts in the dump, found before it is restored anywhere. */
async function sealedRowsInDump(dump: string, signal: AbortSignal): Promise<SealedRow[]> {
  const tables = await rowsInDump(
    dump,
    sealedColumns.map(({ table }) => snakeCase(table)),
    signal,
  );
  return sealedColumns.flatMap(({ table, column, key, associatedData }) =>
    (tables[snakeCase(table)] ?? []).flatMap((row) => {
      const sealed = row[snakeCase(column)];
      return sealed == null
        ? []
        : [{ associatedData: associatedData(...key.map((name) => row[snakeCase(name)] ?? '')), sealed }];
    }),
  );
}

/** What shares the database with Buoy would be dropped with it; and who is connected would write into what comes. */
async function refuseForeign(content: PostgresContent, workFolder: string): Promise<void> {
  if (content.connections > 0)
    throw new AppError(
      'conflict',
      `Other programs are connected to this database (${content.connections} connections).`,
      { hint: 'Stop every Buoy that uses it, then restore.' },
    );
  // A newer Buoy may have tables that this one does not know.
  if (content.migrations.some((name) => !knownMigrations.includes(name))) return;
  const own = new Set([...(await ownTables(workFolder)), ...migrationTables]);
  const foreign = content.tables.filter((table) => !own.has(table));
  if (foreign.length > 0)
    throw new AppError(
      'conflict',
      `The database holds tables that are not Buoy's: ${foreign.slice(0, 5).join(', ')}.`,
      { hint: 'A restore replaces the whole content: give Buoy a database of its own.' },
    );
}

/** The tables that the migrations make, by making them. */
async function ownTables(workFolder: string): Promise<string[]> {
  const fresh = await openDatabase({ engine: 'sqlite', file: path.join(workFolder, 'fresh.db') });
  try {
    return (await fresh.db.introspection.getTables()).map(({ name }) => snakeCase(name));
  } finally {
    await fresh.close();
  }
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
}
