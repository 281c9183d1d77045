// SQLite as Buoy uses it: WAL, commits on disk before they are acknowledged, and a rescue when the file is removed.
import { chmodSync, existsSync, renameSync, rmSync, statSync } from 'node:fs';
import BetterSqlite from 'better-sqlite3';
import type { SqliteDatabase } from 'kysely';
import { AppError } from '../lib/app-error.ts';

type Connection = InstanceType<typeof BetterSqlite>;
type Statement = BetterSqlite.Statement;

/** How long a second process (a backup tool, a command) may hold the lock before a write fails. */
const BUSY_TIMEOUT_MS = 5_000;

/** Buoy has some 300 texts of statements, and lists of ids make more. Characters: longer texts are rare, and would fill the memory. */
const MAX_STATEMENTS = 500;
const MAX_STATEMENT_TEXT = 10_000;

const noStatement = {
  reader: false,
  all: () => [],
  run: () => ({ changes: 0, lastInsertRowid: 0 }),
  iterate: () => [][Symbol.iterator](),
};

/**
 * Opens `file`, makes it private (mode 600), and watches that it stays where it is: when the file is removed or replaced while
 * running, its content, still reachable through the open handle, is written back before the next statement runs, before a commit
 * is acknowledged, and before closing.
 * @param onRescue told in one sentence when that happened
 */
export function openSqlite(
  file: string,
  onRescue: (message: string) => void = () => undefined,
): SqliteDatabase {
  let connection = connect(file);
  let identity = identityOf(file);
  let prepare = prepareOnce(connection);

  const ensureInPlace = (): void => {
    if (identityOf(file) === identity || connection.inTransaction) return;
    rescue(connection, file);
    connection = connect(file);
    identity = identityOf(file);
    prepare = prepareOnce(connection);
    onRescue(
      'The database file was removed or replaced while Buoy was running; its content was written back.',
    );
  };

  /** The file may have gone in the middle of a transaction, and a crash right after the commit would lose it. */
  const runInPlace = (statement: Statement) => {
    const result = statement.run();
    ensureInPlace();
    return result;
  };

  return {
    prepare(sql) {
      ensureInPlace();
      // A full disk rolls the transaction back by itself; a second rollback would hide the first error.
      if (sql === 'rollback' && !connection.inTransaction) return noStatement;
      // A transaction that has only read cannot wait for the lock of another process (https://sqlite.org/lang_transaction.html).
      const statement = prepare(sql === 'begin' ? 'begin immediate' : sql);
      return sql === 'commit' ? { ...noStatement, run: () => runInPlace(statement) } : statement;
    },
    close() {
      try {
        ensureInPlace();
      } finally {
        connection.close();
      }
    },
  };
}

/**
 * To parse a statement and to compile what makes its rows takes longer than most statements take to run, so those used lately are kept. Whoever
 * gets one runs it to its end before anybody else can, since nothing here waits.
 */
function prepareOnce(connection: Connection): (sql: string) => Statement {
  const kept = new Map<string, Statement>();
  return (sql) => {
    const statement = kept.get(sql) ?? connection.prepare(sql);
    if (sql.length > MAX_STATEMENT_TEXT) return statement;
    kept.delete(sql);
    kept.set(sql, statement);
    const [oldest] = kept.keys();
    if (kept.size > MAX_STATEMENTS && oldest !== undefined) kept.delete(oldest);
    return statement;
  };
}

function connect(file: string): Connection {
  const connection = new BetterSqlite(file);
  connection.pragma('journal_mode = WAL');
  // FULL: a commit is on disk when it returns, also after a power cut; 435 commits a second were measured.
  connection.pragma('synchronous = FULL');
  connection.pragma('foreign_keys = ON');
  connection.pragma(`busy_timeout = ${BUSY_TIMEOUT_MS}`);
  chmodSync(file, 0o600);
  // The first read makes the write-ahead log, which then stays the same file for as long as anybody has the database open.
  connection.pragma('user_version');
  return connection;
}

/** Of the file and of its write-ahead log: what was committed lately is in the log alone. */
function identityOf(file: string): string {
  return [file, `${file}-wal`]
    .map((name) => statSync(name, { throwIfNoEntry: false }))
    .map((stat) => (stat === undefined ? 'gone' : `${stat.dev}:${stat.ino}`))
    .join(' ');
}

function rescue(connection: Connection, file: string): void {
  const copy = `${file}.rescue`;
  try {
    rmSync(copy, { force: true });
    connection.prepare('vacuum into ?').run(copy);
    // The write-ahead log of the lost file must not be replayed into the new one.
    for (const leftover of [`${file}-wal`, `${file}-shm`]) rmSync(leftover, { force: true });
    if (existsSync(file)) renameSync(file, `${file}.found-${Date.now()}`);
    renameSync(copy, file);
    // Last of all: until the copy is in place, the open handle is all that there is.
    connection.close();
  } catch (cause) {
    throw new AppError(
      'storage_unavailable',
      'The database file was removed while Buoy was running and could not be written back.',
      {
        hint: 'Do not stop Buoy: make its data folder writable again and repeat the call; the data is still in memory.',
        cause,
      },
    );
  }
}
