// Opens the database: SQLite in the data folder by default, PostgreSQL by URL. The rest of Buoy sees one Kysely.
import { CamelCasePlugin, type Dialect, Kysely, PostgresDialect, SqliteDialect, sql } from 'kysely';
import pg from 'pg';
import { migrate } from './migrate.ts';
import type { Database } from './schema.ts';
import { openSqlite } from './sqlite.ts';
import { translateStorageErrors } from './storage-errors.ts';

export type Db = Kysely<Database>;

export type DatabaseHandle = {
  db: Db;
  dialect: 'sqlite' | 'postgres';
  /** Resolves when the database answers; throws AppError otherwise. */
  ping(): Promise<void>;
  close(): Promise<void>;
};

export type DatabaseSource =
  | { engine: 'sqlite'; file: string; onRescue?: (message: string) => void }
  | { engine: 'postgres'; url: string };

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
      : new PostgresDialect({ pool: postgresPool(source.url) });
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
  return {
    db,
    dialect: source.engine,
    async ping() {
      await sql`select 1`.execute(db);
    },
    close: () => db.destroy(),
  };
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

function postgresPool(url: string): pg.Pool {
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
  return pool;
}
