// The audit log on both databases: it grows as one chain, and any edit outside Buoy is detected.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DatabaseHandle } from '../db/database.ts';
import { testDatabases } from '../db/testing/databases.ts';
import type { Clock } from '../lib/clock.ts';
import { createRecordingLogger } from '../lib/testing/recording-logger.ts';
import { type AuditStore, createAuditStore } from './audit.store.ts';
import { type Audit, createAudit } from './audit.ts';
import { chainKey } from './chain.ts';
import { type ChainAnchor, createChainAnchor } from './chain-anchor.ts';

const key = chainKey(Buffer.alloc(32, 5));
/** A clock whose timers run only when the anchor is closed. */
const clock: Clock = { now: () => nowMs, after: () => () => undefined };
const startMs = Date.parse('2026-03-01T10:00:00.000Z');
let nowMs = startMs;

describe.each(testDatabases())('audit log on $name', ({ open }) => {
  let database: DatabaseHandle;
  let folder: string;
  let store: AuditStore;
  let anchor: ChainAnchor;
  let audit: Audit;

  /** Buoy with the same database and data folder, started anew. */
  const start = () => {
    store = createAuditStore(database.db);
    anchor = createChainAnchor({
      file: path.join(folder, 'audit-head'),
      stands: (entry) => store.stands(key, entry),
      clock,
      logger: createRecordingLogger().logger,
    });
    audit = createAudit({ store, key, anchor, clock });
  };
  const problem = async () => (await audit.verify()).problem;
  const write = async (count: number) => {
    for (let index = 0; index < count; index += 1)
      await audit.record('backup', 'ok', { target: `number ${index}` });
  };
  const all = (limit = 200) => audit.list({ limit });

  beforeEach(async () => {
    nowMs = startMs;
    database = await open();
    folder = mkdtempSync(path.join(tmpdir(), 'buoy-audit-'));
    start();
  });
  afterEach(async () => {
    await database.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('verifies when empty and after every entry', async () => {
    expect(await problem()).toBeNull();
    await write(3);
    expect(await audit.verify()).toEqual({ entries: 3, removed: null, problem: null });
    expect(await all()).toMatchObject({ chainOk: true, chainProblem: null, nextCursor: null });
  });

  test('stays one chain without a fork under concurrent writes', async () => {
    await Promise.all(Array.from({ length: 40 }, () => write(1)));
    expect(await audit.verify()).toEqual({ entries: 40, removed: null, problem: null });
    expect((await store.following(0, 100)).map((row) => row.seq)).toEqual(
      Array.from({ length: 40 }, (_, index) => index + 1),
    );
  });

  test('writes an entry with its change or not at all', async () => {
    const recorder = audit.recorder({
      action: 'POST /servers',
      userId: 'ada',
      serverId: null,
      target: null,
      ip: null,
      requestId: 'r1',
      details: {},
    });
    const failing = database.db.transaction().execute(async (trx) => {
      await recorder.change({ target: 'web' })(trx);
      throw new Error('the change failed');
    });
    await expect(failing).rejects.toThrow('the change failed');
    expect((await all()).entries).toEqual([]);
    await database.db.transaction().execute(recorder.change());
    await recorder.succeed();
    expect((await all()).entries).toMatchObject([{ action: 'POST /servers', target: 'web', result: 'ok' }]);
  });

  describe('details of one person that are longer together than is kept in an hour', () => {
    /** Of three bytes each. */
    const LONG = '€'.repeat(1_500);
    const BODY = { a: LONG, b: LONG, c: LONG };
    const context = (userId: string, more: Record<string, unknown>) => ({
      ...{ action: 'PUT /servers/:id', userId, serverId: null, target: 'web', ip: null, requestId: null },
      details: { body: BODY, ...more },
    });
    const change = async (userId: string, more: Record<string, unknown> = {}) => {
      await audit.recorder(context(userId, more)).succeed();
      return (await all(1)).entries[0]!;
    };
    const storedBytes = async () => {
      const { rows } = await sql<{ bytes: number | string }>`
        select sum(octet_length(details)) as bytes from audit_entries`.execute(database.db);
      return Number(rows[0]?.bytes);
    };
    beforeEach(async () => {
      for (let index = 0; index < 320; index += 1) await audit.recorder(context('ada', { index })).succeed();
    });

    test('are cut to some facts, the beginning and a hash, in entries of their own', async () => {
      expect(await storedBytes()).toBeLessThan(4 * 1024 * 1024 + 20 * 1_024);
      const entry = await change('ada', { exitCode: 3, task: 'tsk_1', long: LONG });
      expect(entry).toMatchObject({ action: 'PUT /servers/:id', userId: 'ada', target: 'web', result: 'ok' });
      expect(entry.details).toEqual({
        ...{ exitCode: 3, task: 'tsk_1', tooMuchInAnHour: true },
        detailsStart: expect.stringMatching(/^\{.{255}$/),
        detailsSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      });
      expect(await audit.verify()).toEqual({ entries: 321, removed: null, problem: null });
    });

    test('stay whole for other people, for a command before it runs, and when they are short', async () => {
      expect((await change('grace')).details).toEqual({ body: BODY });
      await audit.recorder(context('ada', {})).begin();
      expect((await all(1)).entries).toMatchObject([{ result: 'started', details: { body: BODY } }]);
      const short = { ...context('ada', {}), details: { body: { content: 'x'.repeat(900) } } };
      await audit.recorder(short).succeed();
      expect((await all(1)).entries[0]?.details).toEqual(short.details);
    });

    test('leave as much to the devices of a person as their API tokens have used up', async () => {
      const byToken = { apiTokenId: 'tok_1' };
      expect((await change('ada', byToken)).details).toEqual({ body: BODY, ...byToken });
      for (let index = 0; index < 320; index += 1)
        await audit.recorder(context('grace', { index, ...byToken })).succeed();
      expect((await change('grace', byToken)).details.tooMuchInAnHour).toBe(true);
      expect((await change('grace')).details).toEqual({ body: BODY });
    });

    test('are whole again some time later', async () => {
      nowMs += 60_000;
      expect((await change('ada')).details).toEqual({ body: BODY });
    });
  });

  describe('commands of one person that are longer together than is kept in an hour', () => {
    /** As long as a command may be, and padding beside it; 18 KB together. */
    const COMMAND = '€'.repeat(4_096);
    const long = { query: { padding: '€'.repeat(1_950) }, body: { command: COMMAND } };
    const WHOLE = 220;
    const begin = (userId: string, of: object = long) =>
      audit
        .recorder({
          ...{ action: 'POST /servers/:id/exec', userId, serverId: 'srv_1', target: 'web', ip: null },
          ...{ requestId: null, details: { ...of } },
        })
        .begin();
    const last = async () => (await all(1)).entries[0]!;
    beforeEach(async () => {
      for (let index = 0; index < WHOLE; index += 1) await begin('ada');
    });

    test('are cut to the command, the beginning and a hash; those of others stay whole', async () => {
      expect((await last()).details).toEqual(long);
      while ((await last()).details.tooMuchInAnHour !== true) await begin('ada');
      expect(await last()).toMatchObject({ userId: 'ada', result: 'started' });
      expect((await last()).details).toEqual({
        ...{ command: COMMAND, tooMuchInAnHour: true, detailsStart: expect.stringMatching(/^\{.{255}$/) },
        detailsSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      });
      // A shorter one may still fit.
      do await begin('ada', { body: { argv: ['rm', 'x y '.repeat(1_000)] } });
      while ((await last()).details.tooMuchInAnHour !== true);
      expect((await last()).details.bodyStart).toMatch(/^\{"argv":\["rm","(x y ){1000}/);
      await begin('grace');
      expect((await last()).details).toEqual(long);
    });

    test('do not begin any more once the commands themselves are too long together, until some time later', async () => {
      const refused = async () => {
        for (let index = 0; index < 1_000; index += 1) {
          const error = await begin('ada').then(
            () => null,
            (thrown: unknown) => thrown,
          );
          if (error !== null) return error;
        }
        return null;
      };
      expect(await refused()).toMatchObject({
        code: 'rate_limited',
        details: { retryAfterS: expect.any(Number) },
      });
      const { entries } = await audit.verify();
      await expect(begin('ada')).rejects.toMatchObject({ code: 'rate_limited' });
      expect((await audit.verify()).entries).toBe(entries);
      // Short ones, those of others, and what was done go on.
      await begin('ada', { body: { command: 'id' } });
      await begin('grace');
      nowMs += 60_000;
      await begin('ada');
      expect((await last()).details).toEqual(long);
    });
  });

  describe('audit log with six entries', () => {
    beforeEach(() => write(6));

    test.each([
      ['userId', { userId: 'somebody' }],
      ['action', { action: 'nothing' }],
      ['serverId', { serverId: 'srv_other' }],
      ['target', { target: null }],
      ['result', { result: 'denied' }],
      ['at', { at: '2026-03-01T10:00:00.001Z' }],
      ['ip', { ip: '10.0.0.1' }],
      ['requestId', { requestId: 'other' }],
      ['details', { details: '{"x":1}' }],
      ['id', { id: 'aud_other' }],
      ['mac', { mac: '0'.repeat(64) }],
    ])('detects that the %s of one entry was changed', async (_what, change) => {
      await database.db.updateTable('auditEntries').set(change).where('seq', '=', 3).execute();
      expect(await problem()).toContain('Entry 3');
      expect((await all()).chainOk).toBe(false);
    });

    test.each([1, 2, 5])('detects that entry %i was deleted', async (seq) => {
      await database.db.deleteFrom('auditEntries').where('seq', '=', seq).execute();
      expect(await problem()).toBe(`Entry ${seq} is missing from the audit log.`);
    });

    test('detects that several entries were deleted', async () => {
      await database.db.deleteFrom('auditEntries').where('seq', 'in', [2, 3, 4]).execute();
      expect(await problem()).toBe('Entries 2 to 4 are missing from the audit log.');
    });

    test('detects that one entry was deleted and the others renumbered', async () => {
      await database.db.deleteFrom('auditEntries').where('seq', '=', 3).execute();
      for (const seq of [4, 5, 6])
        await database.db
          .updateTable('auditEntries')
          .set({ seq: seq - 1 })
          .where('seq', '=', seq)
          .execute();
      expect(await problem()).toContain('Entry 3');
    });

    test('detects that two entries were swapped', async () => {
      const move = (from: number, to: number) =>
        database.db.updateTable('auditEntries').set({ seq: to }).where('seq', '=', from).execute();
      await move(2, 99);
      await move(3, 2);
      await move(99, 3);
      expect(await problem()).toContain('Entry 2');
    });

    test.each([1, 3, 6])('detects that the last %i entries were cut off', async (count) => {
      await database.db
        .deleteFrom('auditEntries')
        .where('seq', '>', 6 - count)
        .execute();
      expect(await problem()).toContain('cut off');
    });

    test('detects a cut end although the head in the database was moved along', async () => {
      await database.db.deleteFrom('auditEntries').where('seq', '>', 4).execute();
      const [last] = await store.following(3, 1);
      await database.db.updateTable('auditHead').set({ seq: 4, mac: last!.mac }).execute();
      expect(await problem()).toBe('The end marker of the audit log was forged.');
    });

    test('detects a database that was rolled back to an earlier state', async () => {
      const earlier = (await store.head())!;
      await write(3);
      await anchor.close();
      await database.db.deleteFrom('auditEntries').where('seq', '>', 6).execute();
      await database.db.updateTable('auditHead').set(earlier).execute();
      start();
      expect(await problem()).toBe('The end of the audit log was cut off after entry 6; it once had 9.');
      // Neither later entries nor a restart repair the chain.
      await write(5);
      await anchor.close();
      start();
      expect(await problem()).toBe('The audit log was replaced: entry 9 is not the one that was written.');
    });

    test.each([
      ['cut', async () => database.db.deleteFrom('auditEntries').where('seq', '>', 3).execute()],
      ['emptied', async () => database.db.deleteFrom('auditEntries').execute()],
      ['without its head', async () => database.db.deleteFrom('auditHead').execute()],
      [
        'with a forged head',
        async () => database.db.updateTable('auditHead').set({ seq: 2, seal: 'forged' }).execute(),
      ],
    ])('%s: keeps accepting entries and stays broken', async (_what, damage) => {
      await damage();
      const before = await problem();
      expect(before).not.toBeNull();
      await write(2);
      expect(await problem()).not.toBeNull();
      expect((await all()).entries.length).toBeGreaterThanOrEqual(2);
    });

    test('an unreadable anchor file does not count as a broken chain', async () => {
      writeFileSync(path.join(folder, 'audit-head'), 'garbage');
      expect(await problem()).toBeNull();
    });

    test('never anchors an end that was rolled back', async () => {
      const [copy] = await store.following(5, 1);
      const failing = database.db.transaction().execute(async (trx) => {
        await store.adding(key, { ...copy!, id: 'aud_lost' }, anchor.advance)(trx);
        throw new Error('rolled back');
      });
      await expect(failing).rejects.toThrow('rolled back');
      await anchor.close();
      expect(await problem()).toBeNull();
      await write(1);
      await anchor.close();
      expect((await anchor.read())?.seq).toBe(7);
    });

    test('lists entries newest first, in pages without gaps', async () => {
      const seen: Array<string | null> = [];
      for (let cursor: string | undefined; ; ) {
        const page = await audit.list({ limit: 4, cursor });
        seen.push(...page.entries.map((entry) => entry.target));
        if (page.nextCursor === null) break;
        cursor = page.nextCursor;
      }
      expect(seen).toEqual([5, 4, 3, 2, 1, 0].map((index) => `number ${index}`));
      await expect(audit.list({ limit: 4, cursor: 'x' })).rejects.toMatchObject({ code: 'invalid_request' });
    });

    test('exports oldest first, as JSON lines that can be verified elsewhere', async () => {
      const lines: string[] = [];
      for await (const line of audit.exportLines({})) lines.push(line);
      const entries = lines.map((line) => JSON.parse(line));
      expect(entries.map(({ seq, target }) => [seq, target])).toEqual(
        [0, 1, 2, 3, 4, 5].map((index) => [index + 1, `number ${index}`]),
      );
      expect(entries.map(({ mac }) => mac)).toEqual((await store.following(0, 10)).map((row) => row.mac));
    });

    test('exports characters that a terminal acts on as escapes of the same value', async () => {
      const target = 'a\u009b2J\u202eb';
      await database.db.updateTable('auditEntries').set({ target }).where('seq', '=', 6).execute();
      const lines: string[] = [];
      for await (const line of audit.exportLines({})) lines.push(line);
      expect(lines.join('')).not.toMatch(/[\u0080-\u009f\u202e]/);
      expect(JSON.parse(lines.at(-1) ?? '').target).toBe(target);
    });

    test('lists an entry with unreadable details', async () => {
      await sql`update audit_entries set details = 'no json', result = 'x' where seq = 6`.execute(
        database.db,
      );
      const { entries, chainOk } = await all();
      expect(entries[0]).toMatchObject({ details: {}, result: 'failed' });
      expect(chainOk).toBe(false);
    });
  });

  test('filters by person, server, action and time', async () => {
    await audit.record('POST /servers/:id/exec', 'ok', { userId: 'ada', serverId: 'srv_1' });
    await audit.record('DELETE /servers/:id', 'denied', { userId: 'bob', serverId: 'srv_1' });
    await audit.record('100%', 'ok', { userId: 'ada', serverId: 'srv_2' });
    const actions = async (filter: object) =>
      (await audit.list({ limit: 10, ...filter })).entries.map((entry) => entry.action);
    expect(await actions({ userId: 'ada' })).toEqual(['100%', 'POST /servers/:id/exec']);
    expect(await actions({ serverId: 'srv_1' })).toEqual(['DELETE /servers/:id', 'POST /servers/:id/exec']);
    expect(await actions({ action: 'EXEC' })).toEqual(['POST /servers/:id/exec']);
    expect(await actions({ action: '/servers', userId: 'bob' })).toEqual(['DELETE /servers/:id']);
    expect(await actions({ from: '2026-03-01T10:00:00.000Z' })).toHaveLength(3);
    expect(await actions({ from: '2026-03-01T10:00:01.000Z' })).toEqual([]);
    expect(await actions({ to: '2026-03-01T09:59:59.000Z' })).toEqual([]);
    expect((await audit.list({ limit: 1, userId: 'ada' })).chainOk).toBe(true);
  });

  test('finds rare entries of a long log in both directions', async () => {
    const rare = [1, 10_500, 25_000];
    const rows = Array.from({ length: 25_000 }, (_, index) => ({
      ...{ seq: index + 1, id: `aud_${index + 1}`, at: '2026-03-01T10:00:00.000Z', serverId: null },
      ...{ userId: rare.includes(index + 1) ? 'ada' : 'bob', action: 'backup', target: null, ip: null },
      ...{ result: 'ok', requestId: null, details: '{}', mac: 'none' },
    }));
    for (let from = 0; from < rows.length; from += 1_000)
      await database.db
        .insertInto('auditEntries')
        .values(rows.slice(from, from + 1_000))
        .execute();
    const seqs = (found: Array<{ seq: number }>) => found.map(({ seq }) => seq);
    const byAda = { userId: 'ada' };
    expect(seqs(await store.following(0, 10, byAda))).toEqual(rare);
    expect(seqs(await store.following(1, 1, byAda))).toEqual([10_500]);
    expect(seqs(await store.preceding(null, 10, byAda))).toEqual(rare.toReversed());
    expect(seqs(await store.preceding(25_000, 1, byAda))).toEqual([10_500]);
    expect(await store.preceding(1, 10, byAda)).toEqual([]);
  });

  test('keeps an entry whose target has a character that PostgreSQL does not store', async () => {
    await audit.record('DELETE /servers/:id/invites/:inviteId', 'denied', { target: 'inv_1\0' });
    expect((await all()).entries).toMatchObject([{ result: 'denied', target: 'inv_1\ufffd' }]);
    expect((await audit.verify()).problem).toBeNull();
  });

  test('stores no secret from the details', async () => {
    await audit.record('POST /servers', 'ok', {
      details: { body: { name: 'web', password: 'Hunter2' }, command: 'tool --token Hunter2' },
    });
    const [entry] = (await all()).entries;
    expect(JSON.stringify(entry)).not.toContain('Hunter2');
    expect(entry?.details).toMatchObject({ body: { name: 'web' } });
  });
});
