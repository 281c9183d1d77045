// Foreign database errors become AppErrors here, once, whatever the engine.
import type { DatabaseConnection, Dialect, Driver } from 'kysely';
import { AppError } from '../lib/app-error.ts';

/** Wraps a dialect so that every query that fails for lack of space or reach says so in words. */
export function translateStorageErrors(dialect: Dialect): Dialect {
  return {
    createAdapter: () => dialect.createAdapter(),
    createIntrospector: (db) => dialect.createIntrospector(db),
    createQueryCompiler: () => dialect.createQueryCompiler(),
    createDriver: () => translatingDriver(dialect.createDriver()),
  };
}

function translatingDriver(driver: Driver): Driver {
  const translated = new WeakSet<DatabaseConnection>();
  const init = driver.init.bind(driver);
  driver.init = (options) => init(options).catch(rethrow);
  const acquire = driver.acquireConnection.bind(driver);
  driver.acquireConnection = async (options) => {
    const connection = await acquire(options).catch(rethrow);
    if (!translated.has(connection)) {
      translated.add(connection);
      const execute = connection.executeQuery.bind(connection);
      connection.executeQuery = (query, queryOptions) => execute<never>(query, queryOptions).catch(rethrow);
    }
    return connection;
  };
  return driver;
}

function rethrow(error: unknown): never {
  throw translate(error);
}

/** Codes of SQLite (https://sqlite.org/rescode.html), of PostgreSQL (appendix A of its manual) and of Node's sockets. */
function translate(error: unknown): unknown {
  const code = codeOf(error);
  if (code === null) return error;
  if (code === 'SQLITE_FULL' || code === '53100' || code === 'ENOSPC')
    return new AppError('storage_full', "Buoy's disk is full; the change was not stored.", {
      hint: 'Free some space in the data folder of Buoy, then try again. Nothing stored before is lost.',
      cause: error,
    });
  if (code === '40P01' || code === '40001')
    return new AppError(
      'storage_unavailable',
      'Somebody else changed the same at this moment; the change was not stored.',
      {
        hint: 'Try again.',
        cause: error,
      },
    );
  if (/^SQLITE_(IOERR|CANTOPEN|CORRUPT|NOTADB|READONLY|BUSY|PROTOCOL)/.test(code) || isPostgresOutage(code))
    return new AppError(
      'storage_unavailable',
      'The database of Buoy does not answer; the change was not stored.',
      {
        hint: "Check Buoy's log, and its disk or PostgreSQL server.",
        cause: error,
      },
    );
  return error;
}

/** Also when it is there but lets nobody in: wrong password (28), no such database (3D), closed for now (55000). */
function isPostgresOutage(code: string): boolean {
  return (
    /^(08...|57P0.|53...|28...|3D000|55000)$/.test(code) ||
    ['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EPIPE', 'ENOENT', 'ENOTFOUND', 'EAI_AGAIN'].includes(code) ||
    ['EHOSTUNREACH', 'ENETUNREACH'].includes(code)
  );
}

/** True when a row with that unique key is there already. */
export function isUniqueViolation(error: unknown): boolean {
  return ['SQLITE_CONSTRAINT_UNIQUE', 'SQLITE_CONSTRAINT_PRIMARYKEY', '23505'].includes(codeOf(error) ?? '');
}

/** True when the row is still referred to, or refers to one that is not there. */
export function isForeignKeyViolation(error: unknown): boolean {
  return ['SQLITE_CONSTRAINT_FOREIGNKEY', 'SQLITE_CONSTRAINT_TRIGGER', '23503', '23001'].includes(
    codeOf(error) ?? '',
  );
}

function codeOf(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  if ('code' in error && typeof error.code === 'string') return error.code;
  // pg reports its own deadlines without a code.
  return /timeout exceeded|Query read timeout|Connection terminated/.test(error.message) ? 'ETIMEDOUT' : null;
}
