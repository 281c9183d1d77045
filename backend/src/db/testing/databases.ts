// Both databases for the store suite: a fresh one for each caller, gone when it is closed.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { inject } from 'vitest';
import { type DatabaseHandle, openDatabase } from '../database.ts';
import { copyMigratedPostgres, provideMigratedSqlite } from './migrated-databases.ts';

export type TestDatabase = { name: 'sqlite' | 'postgres'; open(): Promise<DatabaseHandle> };

/** What `describe.each` takes: SQLite, and PostgreSQL where the run has one. */
export function testDatabases(): TestDatabase[] {
  const url = inject('postgresUrl');
  const sqlite: TestDatabase = { name: 'sqlite', open: openSqlite };
  return url === null || url === undefined
    ? [sqlite]
    : [sqlite, { name: 'postgres', open: () => openPostgres(url) }];
}

async function openSqlite(): Promise<DatabaseHandle> {
  const folder = mkdtempSync(path.join(tmpdir(), 'buoy-store-'));
  const file = path.join(folder, 'buoy.db');
  await provideMigratedSqlite(file);
  const handle = await openDatabase({ engine: 'sqlite', file });
  return {
    ...handle,
    async close() {
      await handle.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function openPostgres(server: string): Promise<DatabaseHandle> {
  const { url, drop } = await copyMigratedPostgres(server);
  const handle = await openDatabase({ engine: 'postgres', url });
  return {
    ...handle,
    async close() {
      await handle.close();
      await drop();
    },
  };
}
