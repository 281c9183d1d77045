// Both databases for the store suite: a fresh one for each caller, gone when it is closed.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { inject } from 'vitest';
import { type DatabaseHandle, openDatabase } from '../database.ts';

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
  const handle = await openDatabase({ engine: 'sqlite', file: path.join(folder, 'buoy.db') });
  return {
    ...handle,
    async close() {
      await handle.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function openPostgres(url: string): Promise<DatabaseHandle> {
  const name = `test_${randomBytes(8).toString('hex')}`;
  await onServer(url, `create database ${name}`);
  const own = new URL(url);
  own.pathname = `/${name}`;
  const handle = await openDatabase({ engine: 'postgres', url: own.href });
  return {
    ...handle,
    async close() {
      await handle.close();
      await onServer(url, `drop database ${name}`);
    },
  };
}

async function onServer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
