// Bodies of thousands of small values, or of characters of three bytes, that somebody leaves in the audit log: whoever reads it must not freeze
// Buoy for everyone.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { AuditEntry } from '@buoy/contract';
import BetterSqlite from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAuditStore } from '../../src/audit/audit.store.ts';
import { type Audit, createAudit } from '../../src/audit/audit.ts';
import { chainKey } from '../../src/audit/chain.ts';
import { openDatabase } from '../../src/db/database.ts';
import { provideMigratedSqlite } from '../../src/db/testing/migrated-databases.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { jsonExcess } from '../../src/lib/json-size.ts';
import { type AccessFixture, ids, prepareAccessFixture } from '../support/access-fixture.ts';
import { longestBlockOfThree } from '../support/main-thread.ts';

/** Milliseconds of computing in one go; each of these calls once took from 0.13 s to 8 s. */
const MAX_MS = 50;
/** A page of the log, and one entry more. */
const ENTRIES = 201;

/** 7,500 lists in 15 KB. */
const manyLists = { x: Array.from({ length: 150 }, () => JSON.parse('['.repeat(50) + ']'.repeat(50))) };
/** As earlier versions kept them. */
const kept = [
  ['of thousands of lists', JSON.stringify({ body: manyLists })],
  ['of characters of three bytes', JSON.stringify({ body: { x: '€'.repeat(16_300) } })],
  ['of as many values as are kept', JSON.stringify({ body: { x: Array(490).fill([]) } })],
] as const;

const blockedBy = async (call: () => Promise<unknown>) => (await longestBlockOfThree(call, MAX_MS)).blockedMs;
const text = async (lines: AsyncIterable<string>): Promise<string> => {
  let all = '';
  for await (const line of lines) all += line;
  return all;
};

describe.each(kept)('200 audit entries %s, as earlier versions kept them', (_what, details) => {
  let fixture: AccessFixture;
  beforeAll(async () => {
    fixture = await prepareAccessFixture();
    const database = new BetterSqlite(path.join(fixture.running.dataDir, 'buoy.db'));
    database
      .prepare(
        `insert into audit_entries (seq, id, at, user_id, action, result, details, mac)
         with recursive n(at) as (select 1 union all select at + 1 from n where at < ${ENTRIES})
         select at + 1000, 'aud_' || at, '2026-03-01T10:00:00.000Z', 'x', 'POST /auth/logout', 'ok', ?, '' from n`,
      )
      .run(details);
    database.close();
  });
  afterAll(() => fixture.running.close());

  test.each(['?limit=50', '?limit=200', '/export?'])(
    'do not block the event loop when a super-admin asks for %s',
    async (call) => {
      const asked = () => fixture.as('super', 'GET', `/admin/audit${call}`);
      expect((await asked()).body).toContain('aud_201');
      expect(await blockedBy(asked)).toBeLessThan(MAX_MS);
    },
  );

  test('are exported with all of their text, of which a page has the beginning', async () => {
    const textOf = ({ details: shown }: Pick<AuditEntry, 'details'>) =>
      shown.detailsStart ?? JSON.stringify(shown);
    const { entries } = (await fixture.as('super', 'GET', '/admin/audit?limit=1')).json();
    expect(textOf(entries[0])).toBe(details.slice(0, 8_192));
    const { body } = await fixture.as('super', 'GET', '/admin/audit/export?userId=x');
    expect(textOf(JSON.parse(body.slice(0, body.indexOf('\n'))))).toBe(details);
  });
});

describe.each(kept)('a signed audit log of entries %s', (_what, details) => {
  let folder: string;
  let close: () => Promise<void>;
  let audit: Audit;
  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'buoy-audit-values-'));
    const file = path.join(folder, 'buoy.db');
    await provideMigratedSqlite(file);
    const database = await openDatabase({ engine: 'sqlite', file });
    close = () => database.close();
    const store = createAuditStore(database.db);
    const key = chainKey(Buffer.alloc(32, 5));
    const anchor = { read: async () => null, advance: () => undefined, close: async () => undefined };
    audit = createAudit({ store, key, anchor, clock: systemClock });
    const entry = {
      ...{ at: '2026-03-01T10:00:00.000Z', userId: 'x', action: 'POST /auth/logout', serverId: null },
      ...{ target: null, result: 'ok', ip: null, requestId: null, details },
    };
    for (let index = 0; index < ENTRIES; index += 1)
      await store.add(store.adding(key, { ...entry, id: `aud_${index}` }, anchor.advance));
  });
  afterAll(async () => {
    await close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('is verified without blocking the event loop, to its end', async () => {
    expect(await audit.verify()).toMatchObject({ entries: ENTRIES, problem: null });
    expect(await blockedBy(() => audit.verify())).toBeLessThan(MAX_MS);
  });

  test('is exported without blocking the event loop, whole', async () => {
    expect((await text(audit.exportLines({}))).trimEnd().split('\n')).toHaveLength(ENTRIES);
    expect(await blockedBy(() => text(audit.exportLines({})))).toBeLessThan(MAX_MS);
  });
});

describe('a person who sends what a call does not ask for', () => {
  let fixture: AccessFixture;
  let serverId: string;
  beforeAll(async () => {
    fixture = await prepareAccessFixture();
    serverId = await fixture.newServer();
  });
  afterAll(() => fixture.running.close());

  test('is refused before anybody has approved them, and leaves its beginning and a hash', async () => {
    const waiting = await prepareAccessFixture({ SIGN_UP: 'approval' });
    try {
      // Within the kilobyte that a call may have which ends something.
      const manyValues = Array.from({ length: 505 }, () => 0);
      const answer = await waiting.as('stranger', 'POST', '/auth/logout', manyValues);
      expect([answer.statusCode, answer.json().hint]).toEqual([400, 'Send it without one.']);
      const entry = (await waiting.auditLog()).findLast(({ action }) => action === 'POST /auth/logout');
      expect(entry).toMatchObject({
        ...{ userId: ids.stranger, result: 'failed' },
        details: { requestTooLong: true, bodySha256: expect.any(String) },
      });
      expect(entry?.details).not.toHaveProperty('body');
    } finally {
      await waiting.running.close();
    }
  });

  test.each([
    ['lists', manyLists],
    ['a field', { x: 1 }],
    ['an empty list', []],
  ])('deletes no server with %s', async (_what, body) => {
    expect((await fixture.as('owner', 'DELETE', `/servers/${serverId}`, body)).statusCode).toBe(400);
    expect((await fixture.as('owner', 'GET', `/servers/${serverId}`)).statusCode).toBe(200);
  });

  test('is served with an empty object, and with no body', async () => {
    const test = `/servers/${serverId}/test`;
    expect((await fixture.as('owner', 'POST', test, {})).statusCode).toBe(200);
    expect((await fixture.as('owner', 'POST', test)).statusCode).toBe(200);
  });
});

describe('a change of a server with thousands of values', () => {
  test.each([
    ['nested in a body', '', { x: manyLists }],
    ['repeated in a query', `?${'x&'.repeat(4_000)}`, { tags: [] }],
  ])('%s leaves few values in its audit entry', async (_what, query, body) => {
    const fixture = await prepareAccessFixture();
    try {
      const serverId = await fixture.newServer();
      await fixture.as('owner', 'PUT', `/servers/${serverId}${query}`, body);
      const entry = (await fixture.auditLog()).findLast(({ action }) => action === 'PUT /servers/:id');
      expect(entry?.details).toMatchObject({ requestTooLong: true });
      expect(jsonExcess(JSON.stringify(entry?.details), { depth: 20, values: 500 })).toBeNull();
    } finally {
      await fixture.running.close();
    }
  });
});
