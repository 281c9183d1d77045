// Fills the disk under a database and frees it again: `node durability-full-disk.ts FOLDER disk|pages`.
// "disk" expects FOLDER to be a small file system of its own; "pages" limits the database's pages instead. Prints its results as JSON.
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { sql } from 'kysely';
import { type DatabaseHandle, openDatabase } from '../../src/db/database.ts';
import { isAppError } from '../../src/lib/app-error.ts';
import { createServerStore } from '../../src/servers/servers.store.ts';
import { createUserStore } from '../../src/users/users.store.ts';
import { rowOfServer, rowOfUser } from './durability-rows.ts';

export type Seen = {
  /** Errors of the write that found the disk full, and of a transaction after it. */
  refusals: Array<{ code: string; message: string; hint: string } | string>;
  /** How many of the acknowledged rows could be read while the disk was full, and after the database was opened again. */
  acknowledged: number;
  readWhileFull: number;
  readAfterReopen: number;
  /** Rows that the refused transaction left; must be none. */
  leftOfRefused: number;
  /** Result of a write once space is free again: "ok", or the error. */
  afterRoom: string;
  integrity: string;
};

const [, , folder = '.', mode = 'pages'] = process.argv;
const file = path.join(folder, 'buoy.db');
const ballast = path.join(folder, 'ballast');
const at = '2026-03-01T10:00:00.000Z';
const plenty = 'x'.repeat(20_000);
/** Far more than fits: a run that does not fill the disk ends here. */
const MAX_ROWS = 5_000;

async function limitPages({ db }: DatabaseHandle, more: number): Promise<void> {
  const { rows } = await sql<{ pageCount: number }>`pragma page_count`.execute(db);
  await sql.raw(`pragma max_page_count = ${(rows[0]?.pageCount ?? 0) + more}`).execute(db);
}

const refusal = (error: unknown): Seen['refusals'][number] =>
  isAppError(error) ? { code: error.code, message: error.message, hint: error.hint ?? '' } : String(error);

const database = await openDatabase({ engine: 'sqlite', file });
const users = createUserStore(database.db);
const servers = createServerStore(database.db);
const count = async (): Promise<number> => {
  const { rows } = await sql<{ count: number }>`select count(*) as count from users`.execute(database.db);
  return rows[0]?.count ?? 0;
};

let acknowledged = 0;
const refusals: Seen['refusals'] = [];
if (mode === 'disk') writeFileSync(ballast, Buffer.alloc(1_000_000));
else await limitPages(database, 60);
while (refusals.length === 0 && acknowledged < MAX_ROWS)
  await users.upsert(rowOfUser(`row-${acknowledged}`, plenty), at).then(
    () => {
      acknowledged += 1;
    },
    (error: unknown) => refusals.push(refusal(error)),
  );
const large = { ...rowOfServer('srv_refused'), name: plenty.repeat(20) };
await servers.insert(large).catch((error: unknown) => refusals.push(refusal(error)));
const readWhileFull = await count();
const left = await Promise.all(
  (['servers', 'serverStatuses', 'grants'] as const).map((table) =>
    database.db.selectFrom(table).selectAll().execute(),
  ),
);

if (mode === 'disk') rmSync(ballast);
else await limitPages(database, 10_000);
const afterRoom = await servers
  .insert(large)
  .then(() => users.upsert(rowOfUser('after'), at))
  .then(
    () => 'ok',
    (error: unknown) => String(error),
  );
await database.close();

const reopened = await openDatabase({ engine: 'sqlite', file });
const kept = await reopened.db
  .selectFrom('users')
  .select('id')
  .where('firstName', '=', plenty)
  .where('id', 'like', 'row-%')
  .execute();
const check = await sql<{ integrityCheck: string }>`pragma integrity_check`.execute(reopened.db);
await reopened.close();

const seen: Seen = {
  refusals,
  acknowledged,
  readWhileFull,
  readAfterReopen: kept.length,
  leftOfRefused: left.flat().length,
  afterRoom,
  integrity: check.rows.map((row) => row.integrityCheck).join('\n'),
};
process.stdout.write(`${JSON.stringify(seen)}\n`);
