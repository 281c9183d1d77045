// Opens a database in a process of its own: `node durability-open.ts SOURCE_AS_JSON open|kill-at-N`.
// "open" prints "opened"; "kill-at-N" kills the process, as a crash would, before its N-th statement.
import BetterSqlite from 'better-sqlite3';
import { type DatabaseSource, openDatabase } from '../../src/db/database.ts';

const source = JSON.parse(process.argv[2] ?? '') as DatabaseSource;
const killAt = Number(/^kill-at-(\d+)$/.exec(process.argv[3] ?? '')?.[1] ?? Number.POSITIVE_INFINITY);

const prepare = BetterSqlite.prototype.prepare;
let statements = 0;
BetterSqlite.prototype.prepare = function countedPrepare(this: BetterSqlite.Database, statement: string) {
  statements += 1;
  if (statements >= killAt) process.kill(process.pid, 'SIGKILL');
  return prepare.call(this, statement);
} as typeof prepare;

try {
  const opened = await openDatabase(source);
  await opened.close();
  process.stdout.write('opened\n');
} catch (error) {
  const { message, cause } = error as Error;
  process.stdout.write(
    `${message} ${cause instanceof Error ? `${cause.message} ${cause.cause ?? ''}` : ''}\n`,
  );
}
