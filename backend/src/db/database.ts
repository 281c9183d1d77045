// Opens the database: SQLite in the data folder by default, PostgreSQL by URL. The rest of Buoy sees one Kysely.
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { CamelCasePlugin, type Dialect, Kysely, PostgresDialect, SqliteDialect, sql } from 'kysely';
import type pg from 'pg';
import type { DatabaseCopies } from './database-copies.ts';
import { migrate } from './migrate.ts';
import { postgresCopies } from './postgres-copies.ts';
import type { Database } from './schema.ts';
import { openSqlite } from './sqlite.ts';
import { sqliteCopies } from './sqlite-copies.ts';
import { translateStorageErrors } from './storage-errors.ts';

export type Db = Kysely<Database>;

export type DatabaseHandle = {
  db: Db;
  dialect: 'sqlite' | 'postgres';
  /** Resolves when the database answers; throws AppError otherwise. */
  ping(): Promise<void>;
  /** Bytes on disk: file and write-ahead log of SQLite, the whole database in PostgreSQL. */
  sizeBytes(): Promise<number>;
  copies: DatabaseCopies;
  close(): Promise<void>;
};

export type DatabaseSource =
  | { engine: 'sqlite'; file: string; onRescue?: (message: string) => void }
  | { engine: 'postgres'; url: string; onRescue?: (message: string) => void };

/** Where a Buoy with these settings keeps its database. */
export function databaseSource(settings: { databaseUrl: string | null; dataDir: string }): DatabaseSource {
  return settings.databaseUrl === null
    ? { engine: 'sqlite', file: path.join(settings.dataDir, 'buoy.db') }
    : { engine: 'postgres', url: settings.databaseUrl };
}

/** Copies of a database that need not be open here, such as that of a Buoy that runs in another process. */
export function databaseCopies(source: DatabaseSource): DatabaseCopies {
  return source.engine === 'sqlite' ? sqliteCopies(source.file) : postgresCopies(source.url);
}

/** Milliseconds that a query may run in PostgreSQL, and that a connection may take. */
const QUERY_DEADLINE_MS = 15_000;
const CONNECT_DEADLINE_MS = 5_000;
const POOL_SIZE = 10;

/** PostgreSQL's bigint and count(*) arrive as text; ours stay far below 2^53. */
const INT8_OID = 20;

/** Opens and migrates. Throws when the file or server cannot be reached or a migration fails. */
export async function openDatabase(source: DatabaseSource): Promise<DatabaseHandle> {
  const dialect =
    source.engine === 'sqlite'
      ? transactionalDdl(
          new SqliteDialect({ database: async () => openSqlite(source.file, source.onRescue) }),
        )
      : new PostgresDialect({ pool: () => postgresPool(source.url) });
  const db = new Kysely<Database>({
    dialect: translateStorageErrors(dialect),
    // Keys inside stored JSON are data, not column names.
    plugins: [new CamelCasePlugin({ maintainNestedObjectKeys: true })],
  });
  try {
    await migrate(db);
  } catch (error) {
    await db.destroy().catch(() => undefined);
    throw error;
  }
  // From a table: SQLite answers a bare "select 1" without reading its file.
  const ping = async (): Promise<void> => {
    await db.selectFrom('users').select('id').limit(1).execute();
  };
  const copies = databaseCopies(source);
  return {
    db,
    dialect: source.engine,
    ping,
    copies: {
      ...copies,
      async write(file, signal) {
        // A database file that somebody took away is put back first: it is read anew for the copy.
        await ping();
        await copies.write(file, signal);
      },
    },
    sizeBytes: () => (source.engine === 'sqlite' ? sqliteSize(source.file) : postgresSize(db)),
    close: () => db.destroy(),
  };
}

async function sqliteSize(file: string): Promise<number> {
  const [main, log] = await Promise.all([
    stat(file),
    // There is none while nobody has written.
    stat(`${file}-wal`).catch(() => ({ size: 0 })),
  ]);
  return main.size + log.size;
}

async function postgresSize(db: Db): Promise<number> {
  const { rows } = await sql<{ size: number }>`select pg_database_size(current_database()) as size`.execute(
    db,
  );
  return Number(rows[0]?.size);
}

/** SQLite rolls back DDL too; Kysely assumes that it does not, and a killed first start would leave half a schema. */
function transactionalDdl(dialect: SqliteDialect): Dialect {
  return {
    createDriver: () => dialect.createDriver(),
    createQueryCompiler: () => dialect.createQueryCompiler(),
    createIntrospector: (db) => dialect.createIntrospector(db),
    createAdapter: () =>
      Object.defineProperty(dialect.createAdapter(), 'supportsTransactionalDdl', { value: true }),
  };
}

async function postgresPool(url: string): Promise<pg.Pool> {
  // Loaded here: most Buoys keep all in SQLite.
  const { default: pg } = await import('pg');
  const pool = new pg.Pool({
    connectionString: url,
    max: POOL_SIZE,
    connectionTimeoutMillis: CONNECT_DEADLINE_MS,
    query_timeout: QUERY_DEADLINE_MS,
    types: {
      getTypeParser: (oid, format) =>
        oid === INT8_OID ? Number : (pg.types.getTypeParser(oid, format) as (value: string) => unknown),
    },
  });
  // An idle connection that breaks is replaced by the pool; without a listener it would end the process.
  pool.on('error', () => undefined);
  // The same for one that breaks while it is in use; who uses it is told by the failure of the query.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}
