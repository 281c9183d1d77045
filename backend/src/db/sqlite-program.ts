// A process of its own for long work on an SQLite file: `node sqlite-program.ts copy FILE TARGET`, or `check FILE`.
// In Buoy's own process it would stop the event loop; a thread could not be ended in the middle of a statement.
import { getPriority, setPriority } from 'node:os';
import BetterSqlite from 'better-sqlite3';
import type { SqliteProgramAnswer } from './sqlite-copies.ts';

/** How much a person is told of; more faults say nothing more. */
const FAULTS_SHOWN = 3;
/** Niceness: Buoy's own work has priority. */
const LOW_PRIORITY = 10;
/** Milliseconds that another process may hold the lock before this gives up. */
const BUSY_TIMEOUT_MS = 10_000;

/** One read transaction under the write-ahead log: the state of one moment, and no writer waits. */
function copy(file: string, target: string): SqliteProgramAnswer {
  const connection = open(file);
  connection.prepare('vacuum into ?').run(target);
  connection.close();
  return { ok: true, migrations: [] };
}

function check(file: string): SqliteProgramAnswer {
  const connection = open(file);
  // What is in the file is not trusted yet (https://sqlite.org/security.html).
  connection.pragma('trusted_schema = OFF');
  connection.pragma('cell_size_check = ON');
  const integrity = connection.pragma(`integrity_check(${FAULTS_SHOWN})`) as Array<{
    integrity_check: string;
  }>;
  const faults = integrity.map((row) => row.integrity_check).filter((text) => text !== 'ok');
  const strays = connection.pragma('foreign_key_check') as Array<{ table: string; parent: string }>;
  faults.push(
    ...strays.slice(0, FAULTS_SHOWN).map(({ table, parent }) => `a row of ${table} without its ${parent}`),
  );
  if (faults.length > 0) return { ok: false, code: 'FAULTS', message: faults.join('; ') };
  const isThere = connection
    .prepare("select 1 from sqlite_schema where type = 'table' and name = 'kysely_migration'")
    .get();
  const rows =
    isThere === undefined ? [] : connection.prepare('select name from kysely_migration order by name').all();
  connection.close();
  return { ok: true, migrations: (rows as Array<{ name: string }>).map(({ name }) => name) };
}

function open(file: string): InstanceType<typeof BetterSqlite> {
  return new BetterSqlite(file, { readonly: true, fileMustExist: true, timeout: BUSY_TIMEOUT_MS });
}

function answer([verb, file = '', target = '']: string[]): SqliteProgramAnswer {
  try {
    return verb === 'copy' ? copy(file, target) : check(file);
  } catch (error) {
    const { code = '', message } = error as Error & { code?: string };
    return { ok: false, code, message };
  }
}

// Raising it, where Buoy or its command was started lower, takes rights that Buoy does not have.
if (getPriority() < LOW_PRIORITY) setPriority(LOW_PRIORITY);
process.stdout.write(`${JSON.stringify(answer(process.argv.slice(2)))}\n`);
