// Invariants after every kill: all acknowledged data exists, and the audit log matches the database exactly.
import { sql } from 'kysely';
import { expect } from 'vitest';
import type { Db } from '../../src/db/database.ts';
import type { AuditEntryTable } from '../../src/db/schema.ts';
import type { SentRequest } from './killed-client.ts';
import { emptyFixture, readFixture } from './killed-fixture.ts';

/**
 * Compares the whole log and the whole database with the requests and answers of the clients.
 * @param when prefix of the message of a failed check
 */
export async function expectNothingLost(
  db: Db,
  sentRequests: readonly SentRequest[],
  when: string,
): Promise<void> {
  const entries = await db.selectFrom('auditEntries').selectAll().orderBy('seq').execute();
  expect(
    entries.every(({ seq }, index) => seq === index + 1),
    `${when}: the sequence numbers of the log have no gap`,
  ).toBe(true);
  const byRequest = Map.groupBy(entries, ({ requestId }) => requestId);

  const refused = new Set<string>();
  const logged = sentRequests.map((request) => {
    const results = resultsOf(byRequest.get(request.requestId));
    const isRepeated = refused.has(refusalOf(request));
    if (results === 'failed') refused.add(refusalOf(request));
    return { ...nameOf(request), results, isRepeated };
  });
  expect(
    logged.filter(({ status, results, isRepeated }) => !isLoggedCorrectly(status, results, isRepeated)),
    `${when}: each answered call has its one entry, each unanswered one at most one`,
  ).toEqual([]);

  // The log is the history of the database: applying its entries in order gives the same content.
  const byId = new Map(sentRequests.map((request) => [request.requestId, request]));
  const expected = emptyFixture();
  for (const { result, requestId, serverId, details } of entries) {
    const { task = '', repeated = false } = JSON.parse(details) as { task?: string; repeated?: boolean };
    if (result === 'ok' && !repeated)
      byId.get(requestId ?? '')?.act.apply(expected, { serverId: serverId ?? '', taskId: task });
  }
  const found = await readFixture(db);
  expect(found, `${when}: the database matches the audit log`).toEqual(expected);
  const names = [...found.servers.values()].map(({ name }) => name);
  expect(names.length, `${when}: a call repeated with its Idempotency-Key has one effect`).toBe(
    new Set(names).size,
  );
  expectOrderKept(entries, byId, when);
}

/** The log keeps the order of each client's acts. */
function expectOrderKept(
  entries: readonly AuditEntryTable[],
  byId: ReadonlyMap<string, SentRequest>,
  when: string,
): void {
  const known = entries.flatMap(({ requestId }) => byId.get(requestId ?? '') ?? []);
  for (const sentRequests of Map.groupBy(known, ({ client }) => client).values()) {
    const numbers = sentRequests.map(({ requestId }) => Number(requestId.split('-').at(-1)));
    expect(numbers, `${when}: the log keeps the order of each client`).toEqual(
      numbers.toSorted((a, b) => a - b),
    );
  }
}

export async function expectWholeSqlite(db: Db): Promise<void> {
  const check = await sql<{ integrityCheck: string }>`pragma integrity_check`.execute(db);
  const foreign = await sql`pragma foreign_key_check`.execute(db);
  expect([...check.rows.map((row) => row.integrityCheck), ...foreign.rows]).toEqual(['ok']);
}

/** The same call, refused in the same way: within a minute it is only counted, and a Buoy that is killed loses the count. */
function refusalOf({ client, act, status }: SentRequest): string {
  return JSON.stringify([client, act.key, act.path, act.body, status]);
}

function isLoggedCorrectly(status: number | null, results: string, isRepeated: boolean): boolean {
  if (status === null) return ['', 'ok', 'failed'].includes(results);
  if (status >= 400 && isRepeated && results === '') return true;
  return results === (status < 400 ? 'ok' : 'failed');
}

const nameOf = ({ requestId, act, status }: SentRequest) => ({ requestId, key: act.key, status });
const resultsOf = (entries: readonly AuditEntryTable[] = []): string =>
  entries.map(({ result }) => result).join(' ');
