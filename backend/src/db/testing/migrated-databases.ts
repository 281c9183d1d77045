// Empty databases of the newest schema for tests to copy: to run all migrations takes 40 ms of CPU time, a copied file 7.
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { openDatabase } from '../database.ts';

let migratedFile: Promise<Buffer> | undefined;

/** Writes one for SQLite to `file`, unless there is a file already. */
export async function provideMigratedSqlite(file: string): Promise<void> {
  if (existsSync(file)) return;
  migratedFile ??= readMigratedSqlite();
  writeFileSync(file, await migratedFile, { mode: 0o600 });
}

async function readMigratedSqlite(): Promise<Buffer> {
  const folder = mkdtempSync(path.join(tmpdir(), 'buoy-migrated-'));
  try {
    const file = path.join(folder, 'buoy.db');
    await (await openDatabase({ engine: 'sqlite', file })).close();
    return readFileSync(file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const TEMPLATE = 'buoy_migrated';

/** Makes the one that `copyMigratedPostgres` copies; once for each server of PostgreSQL. */
export async function migratePostgres(server: string): Promise<void> {
  await onServer(server, `create database ${TEMPLATE}`);
  await (await openDatabase({ engine: 'postgres', url: urlOf(server, TEMPLATE) })).close();
}

/** @returns the URL of a new one, and what drops it */
export async function copyMigratedPostgres(
  server: string,
): Promise<{ url: string; drop: () => Promise<void> }> {
  const name = `test_${randomBytes(8).toString('hex')}`;
  await onServer(server, `create database ${name} template ${TEMPLATE}`);
  return { url: urlOf(server, name), drop: () => onServer(server, `drop database ${name}`) };
}

function urlOf(server: string, database: string): string {
  const url = new URL(server);
  url.pathname = `/${database}`;
  return url.href;
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
