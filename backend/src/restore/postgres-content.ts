// What is in the PostgreSQL database of Buoy, and how all of it is replaced by a dump: in one transaction, or not at all.
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import pg from 'pg';
import { runPostgresProgram } from '../db/postgres-programs.ts';

/** Milliseconds. */
const CONNECT_TIMEOUT_MS = 10_000;

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
 * Drops `tables` and writes what is in `dump` in their place, all in one transaction.
 * @param dump null leaves the database without them
 * @throws AppError; nothing is changed then
 */
export async function replaceContent(parts: {
  url: string;
  tables: readonly string[];
  dump: string | null;
  workFolder: string;
  signal: AbortSignal;
}): Promise<void> {
  const { url, tables, dump, workFolder, signal } = parts;
  const drop = path.join(workFolder, 'drop.sql');
  const fill = path.join(workFolder, 'fill.sql');
  await writeFile(
    drop,
    tables.map((table) => `drop table if exists "${table.replaceAll('"', '""')}" cascade;\n`).join(''),
    { mode: 0o600 },
  );
  await writeFile(fill, '', { mode: 0o600 });
  if (dump !== null)
    await runPostgresProgram(
      'pg_restore',
      ['--clean', '--if-exists', '--no-owner', '--no-privileges', `--file=${fill}`, dump],
      { signal },
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
      `--file=${fill}`,
    ],
    { url, signal, maxOutputBytes: 16 * 1024 * 1024 },
  );
}
