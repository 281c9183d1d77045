// What must hold after every kill: everything acknowledged is there, and the audit log tells exactly what is there.
import { sql } from 'kysely';
import { expect } from 'vitest';
import type { Db } from '../../src/db/database.ts';
import type { AuditEntryTable } from '../../src/db/schema.ts';
import type { Deed } from './killed-client.ts';
import { emptyFixture, readFixture } from './killed-fixture.ts';

/**
 * Holds the whole log and the whole database against what the clients have sent and been told.
 * @param when stands in the message of what does not hold
 */
export async function expectNothingLost(db: Db, deeds: readonly Deed[], when: string): Promise<void> {
  const entries = await db.selectFrom('auditEntries').selectAll().orderBy('seq').execute();
  expect(
    entries.every(({ seq }, index) => seq === index + 1),
    `${when}: the numbers of the log have no gap`,
  ).toBe(true);
  const byRequest = Map.groupBy(entries, ({ requestId }) => requestId);

  const told = deeds.map((deed) => ({ ...nameOf(deed), results: resultsOf(byRequest.get(deed.requestId)) }));
  expect(
    told.filter(({ status, results }) => !isToldRight(status, results)),
    `${when}: each answered call has its one entry, each unanswered one at most one`,
  ).toEqual([]);

  // The log is the history of the database: who does it all again in its order gets the same.
  const byId = new Map(deeds.map((deed) => [deed.requestId, deed]));
  const world = emptyFixture();
  for (const { result, requestId, serverId, details } of entries) {
    const { task = '', repeated = false } = JSON.parse(details) as { task?: string; repeated?: boolean };
    if (result === 'ok' && !repeated)
      byId.get(requestId ?? '')?.act.apply(world, { serverId: serverId ?? '', taskId: task });
  }
  const found = await readFixture(db);
  expect(found, `${when}: the database is what the log tells`).toEqual(world);
  const names = [...found.servers.values()].map(({ name }) => name);
  expect(names.length, `${when}: a call that was repeated with its key has one effect`).toBe(
    new Set(names).size,
  );
  expectOrderKept(entries, byId, when);
}

/** What one client was told first stands first. */
function expectOrderKept(
  entries: readonly AuditEntryTable[],
  byId: ReadonlyMap<string, Deed>,
  when: string,
): void {
  const known = entries.flatMap(({ requestId }) => byId.get(requestId ?? '') ?? []);
  for (const deeds of Map.groupBy(known, ({ client }) => client).values()) {
    const numbers = deeds.map(({ requestId }) => Number(requestId.split('-').at(-1)));
    expect(numbers, `${when}: what one client did stands in its order`).toEqual(
      numbers.toSorted((a, b) => a - b),
    );
  }
}

export async function expectWholeSqlite(db: Db): Promise<void> {
  const check = await sql<{ integrityCheck: string }>`pragma integrity_check`.execute(db);
  const foreign = await sql`pragma foreign_key_check`.execute(db);
  expect([...check.rows.map((row) => row.integrityCheck), ...foreign.rows]).toEqual(['ok']);
}

function isToldRight(status: number | null, results: string): boolean {
  if (status === null) return ['', 'ok', 'failed'].includes(results);
  return results === (status < 400 ? 'ok' : 'failed');
}

const nameOf = ({ requestId, act, status }: Deed) => ({ requestId, key: act.key, status });
const resultsOf = (entries: readonly AuditEntryTable[] = []): string =>
  entries.map(({ result }) => result).join(' ');
