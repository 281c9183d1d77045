// What is in the PostgreSQL database of Buoy, and how all of it is replaced by a dump: in one transaction, or not at all.
import { open, writeFile } from 'node:fs/promises';
import path from 'node:path';
import pg from 'pg';
import { runPostgresProgram } from '../db/postgres-programs.ts';
import { AppError } from '../lib/app-error.ts';

/** Milliseconds. */
const CONNECT_TIMEOUT_MS = 10_000;
/**
 * How pg_restore begins a text in which psql runs no commands but SQL (CVE-2025-8714). What comes from the dump stands behind it, so that a
 * forged one cannot bring such a line.
 */
const RESTRICTED = '--\n-- PostgreSQL database dump\n--\n\n\\restrict ';

export type PostgresContent = {
  /** In the schema that Buoy works in. */
  tables: string[];
  /** That have run on it. */
  migrations: string[];
  /** Other programs that are connected to it. */
  connections: number;
};

export async function postgresContent(url: string): Promise<PostgresContent> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: CONNECT_TIMEOUT_MS,
  });
  await client.connect();
  try {
    const names = async (query: string): Promise<string[]> =>
      (await client.query<{ name: string }>(query)).rows.map(({ name }) => name);
    const tables = await names(
      'select tablename::text as name from pg_tables where schemaname = current_schema() order by 1',
    );
    const migrations = tables.includes('kysely_migration')
      ? await names('select name from kysely_migration order by name')
      : [];
    const others = await names(
      "select pid::text as name from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'",
    );
    return { tables, migrations, connections: others.length };
  } finally {
    await client.end();
  }
}

/**
 * Writes what is in `dump` as SQL, into `file`.
 * @throws AppError where psql would run other commands in it: a forged backup could have some, and they would run as Buoy's account
 */
export async function writeAsSql(dump: string, file: string, signal: AbortSignal): Promise<void> {
  await writeFile(file, '', { mode: 0o600 });
  await runPostgresProgram(
    'pg_restore',
    ['--clean', '--if-exists', '--no-owner', '--no-privileges', `--file=${file}`, dump],
    { signal },
  );
  const handle = await open(file);
  try {
    const expected = Buffer.from(RESTRICTED);
    const { buffer } = await handle.read(Buffer.alloc(expected.length), 0, expected.length, 0);
    if (buffer.equals(expected)) return;
  } finally {
    await handle.close();
  }
  throw new AppError(
    'internal',
    'The client programs of PostgreSQL on this machine are so old that they would run commands that a backup contains.',
    { hint: 'Install those of 13.22, 14.19, 15.14, 16.10, 17.6 or later, then restore.' },
  );
}

/**
 * Drops `tables` and runs the SQL in `fill` in their place, all in one transaction.
 * @param fill null leaves the database without them
 * @throws AppError; nothing is changed then
 */
export async function replaceContent(parts: {
  url: string;
  tables: readonly string[];
  fill: string | null;
  workFolder: string;
  signal: AbortSignal;
}): Promise<void> {
  const { url, tables, fill, workFolder, signal } = parts;
  const drop = path.join(workFolder, 'drop.sql');
  await writeFile(
    drop,
    tables.map((table) => `drop table if exists "${table.replaceAll('"', '""')}" cascade;\n`).join(''),
    { mode: 0o600 },
  );
  await runPostgresProgram(
    'psql',
    [
      '--no-psqlrc',
      '--no-password',
      '--quiet',
      '--single-transaction',
      '--set=ON_ERROR_STOP=1',
      `--file=${drop}`,
      ...(fill === null ? [] : [`--file=${fill}`]),
    ],
    { url, signal, maxOutputBytes: 16 * 1024 * 1024 },
  );
}
