// Audit retention on both databases: old entries are removed, and any removal outside Buoy is detected.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DatabaseHandle } from '../db/database.ts';
import { testDatabases } from '../db/testing/databases.ts';
import { createFakeClock, type FakeClock } from '../lib/testing/fake-clock.ts';
import { createRecordingLogger } from '../lib/testing/recording-logger.ts';
import { type AuditStore, createAuditStore } from './audit.store.ts';
import { type Audit, createAudit } from './audit.ts';
import { chainKey } from './chain.ts';
import { type ChainAnchor, createChainAnchor } from './chain-anchor.ts';
import { createRetentionStore } from './retention.store.ts';
import { createAuditRetention, RETENTION_ACTION } from './retention.ts';

const key = chainKey(Buffer.alloc(32, 5));
const DAY_MS = 86_400_000;
const DAYS = 10;

describe.each(testDatabases())('audit retention on $name', ({ open }) => {
  let database: DatabaseHandle;
  let folder: string;
  let clock: FakeClock;
  let store: AuditStore;
  let anchor: ChainAnchor;
  let audit: Audit;
  let retention: ReturnType<typeof createAuditRetention>;

  const start = () => {
    const { logger } = createRecordingLogger();
    store = createAuditStore(database.db);
    anchor = createChainAnchor({
      file: path.join(folder, 'audit-head'),
      stands: (entry) => store.stands(key, entry),
      clock,
      logger,
    });
    audit = createAudit({ store, key, anchor, clock });
  };
  const newRetention = () =>
    createAuditRetention({
      ...{ audit, entries: store, store: createRetentionStore(database.db), key, days: DAYS, clock },
      logger: createRecordingLogger().logger,
    });
  const write = async (count: number) => {
    for (let index = 0; index < count; index += 1)
      await audit.record('backup', 'ok', { target: `number ${index}` });
  };
  const problem = async () => (await audit.verify()).problem;
  const seqs = async () => (await store.following(0, 5_000)).map(({ seq }) => seq);
  /** Runs retention to its end by advancing the clock through its pauses. */
  const run = async (jobs = [retention]) => {
    for (const job of jobs) job.start();
    clock.pass(60_000);
    const closing = Promise.all(jobs.map((job) => job.close()));
    await closing;
  };

  beforeEach(async () => {
    database = await open();
    folder = mkdtempSync(path.join(tmpdir(), 'buoy-retention-'));
    clock = createFakeClock();
    start();
    retention = newRetention();
  });
  afterEach(async () => {
    await database.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('leaves a log without old entries unchanged', async () => {
    await write(3);
    await run();
    expect(await seqs()).toEqual([1, 2, 3]);
    expect(await store.checkpoint()).toBeUndefined();
  });

  test('removes entries older than the limit, records it, and the chain still verifies', async () => {
    await write(4);
    clock.pass((DAYS + 1) * DAY_MS);
    await write(2);
    await run();
    expect(await seqs()).toEqual([5, 6, 7, 8]);
    expect(await audit.verify()).toEqual({
      entries: 4,
      removed: { entries: 4, lastAt: expect.any(String) },
      problem: null,
    });
    const { entries } = await audit.list({ limit: 10, action: RETENTION_ACTION });
    expect(entries).toMatchObject([
      { result: 'ok', userId: null, details: { removed: 4, days: DAYS } },
      { result: 'started' },
    ]);
    await write(3);
    expect(await problem()).toBeNull();
  });

  test('continues from its checkpoint the next day', async () => {
    await write(3);
    clock.pass((DAYS + 1) * DAY_MS);
    await write(1);
    await run();
    clock.pass((DAYS + 1) * DAY_MS);
    retention = newRetention();
    await run();
    expect(await audit.verify()).toMatchObject({ removed: { entries: 6 }, problem: null });
  });

  test('keeps the last entry, however old it is', async () => {
    await write(2);
    clock.pass(100 * DAY_MS);
    const { removed } = await store.removeOldest(key, {
      ...{ before: '2030-01-01T00:00:00.000Z', limit: 100, now: '2026-06-01T00:00:00.000Z' },
    });
    expect(removed).toBe(1);
    expect(await seqs()).toEqual([2]);
    await write(1);
    expect(await problem()).toBeNull();
  });

  test('runs once a day, in one of two Buoys that share a database', async () => {
    await write(3);
    clock.pass((DAYS + 1) * DAY_MS);
    await run([newRetention(), newRetention()]);
    await run([newRetention(), newRetention()]);
    const { entries } = await audit.list({ limit: 10, action: RETENTION_ACTION });
    expect(entries.map(({ result }) => result)).toEqual(['ok', 'started']);
  });

  test('removes in batches, and a verification meanwhile succeeds', async () => {
    await write(60);
    const removeTen = () =>
      store.removeOldest(key, {
        ...{ before: '2030-01-01T00:00:00.000Z', limit: 10, now: '2026-06-01T00:00:00.000Z' },
      });
    const checks: Array<Promise<string | null>> = [];
    for (let batch = 0; batch < 5; batch += 1) {
      // Each check has read its checkpoint and goes on while the entries after it are removed.
      checks.push(
        problem(),
        removeTen().then(({ problem: found }) => found),
      );
      await Promise.resolve();
    }
    expect(await Promise.all(checks)).toEqual(Array(10).fill(null));
    expect(await seqs()).toEqual([51, 52, 53, 54, 55, 56, 57, 58, 59, 60]);
  });

  test('removes nothing when the entries to remove were changed, so that the evidence stays', async () => {
    await write(4);
    await database.db.updateTable('auditEntries').set({ userId: 'somebody' }).where('seq', '=', 2).execute();
    clock.pass((DAYS + 1) * DAY_MS);
    await run();
    expect((await seqs()).slice(0, 4)).toEqual([1, 2, 3, 4]);
    expect(await problem()).toContain('Entry 2');
    const { entries } = await audit.list({ limit: 1, action: RETENTION_ACTION });
    expect(entries).toMatchObject([
      { result: 'failed', details: { problem: expect.stringContaining('Entry 2') } },
    ]);
  });

  test('moves the anchor on, even when its entry is removed', async () => {
    await write(3);
    await anchor.close();
    clock.pass((DAYS + 1) * DAY_MS);
    // Another Buoy writes and removes; this one has not written for all that time.
    const other = createAudit({
      ...{ store, key, clock },
      anchor: { read: async () => null, advance: () => undefined, close: async () => undefined },
    });
    for (let index = 0; index < 3; index += 1) await other.record('backup', 'ok');
    await store.removeOldest(key, {
      ...{ before: '2026-03-10T00:00:00.000Z', limit: 100, now: '2026-03-12T00:00:00.000Z' },
    });
    expect(await seqs()).toEqual([4, 5, 6]);
    expect(await problem()).toBeNull();
    await write(1);
    await anchor.close();
    expect((await anchor.read())?.seq).toBe(7);
  });

  describe('audit log verification detects a database edit that', () => {
    beforeEach(async () => {
      await write(6);
      clock.pass((DAYS + 1) * DAY_MS);
      await write(6);
      await run();
      expect(await seqs()).toEqual([7, 8, 9, 10, 11, 12, 13, 14]);
      expect(await problem()).toBeNull();
    });

    test('removes more entries than retention did', async () => {
      await database.db.deleteFrom('auditEntries').where('seq', '<', 10).execute();
      expect(await problem()).toBe('Entries 7 to 9 are missing from the audit log.');
    });

    test('removes entries and moves the checkpoint', async () => {
      const [nine] = await store.following(8, 1);
      await database.db.deleteFrom('auditEntries').where('seq', '<', 10).execute();
      await database.db.updateTable('auditCheckpoint').set({ seq: 9, mac: nine!.mac, pruned: 9 }).execute();
      expect(await problem()).toBe('The audit log checkpoint for removed entries was forged.');
    });

    test.each([
      ['seq', { seq: 5 }],
      ['mac', { mac: '0'.repeat(64) }],
      ['pruned', { pruned: 1 }],
      ['at', { at: '2026-01-01T00:00:00.000Z' }],
      ['seal', { seal: 'forged' }],
    ])('changes the %s of the checkpoint', async (_what, change) => {
      await database.db.updateTable('auditCheckpoint').set(change).execute();
      expect(await problem()).toContain('forged');
      expect((await audit.list({ limit: 1 })).chainOk).toBe(false);
    });

    test('deletes the checkpoint, even after further entries', async () => {
      await database.db.deleteFrom('auditCheckpoint').execute();
      expect(await problem()).toBe('Entries 1 to 6 are missing from the audit log.');
      await write(2);
      expect(await problem()).toBe('Entries 1 to 6 are missing from the audit log.');
    });

    test('puts an older checkpoint back', async () => {
      const older = (await store.checkpoint())!;
      clock.pass((DAYS + 1) * DAY_MS);
      await write(1);
      retention = newRetention();
      await run();
      await database.db.updateTable('auditCheckpoint').set(older).execute();
      expect(await problem()).toContain('are missing from the audit log.');
    });

    test('puts a later checkpoint beside older entries', async () => {
      const entries = await store.following(0, 100);
      clock.pass((DAYS + 1) * DAY_MS);
      await write(1);
      retention = newRetention();
      await run();
      await database.db.insertInto('auditEntries').values(entries.slice(0, 2)).execute();
      expect(await problem()).toBe(
        'The audit log checkpoint says that entries up to 14 were removed, but some still exist.',
      );
    });

    test('removes all entries and the head', async () => {
      await database.db.deleteFrom('auditEntries').execute();
      await database.db.deleteFrom('auditHead').execute();
      expect(await problem()).toBe('The end marker of the audit log is missing.');
    });

    test('restores the head from before retention', async () => {
      const [seven] = await store.following(6, 1);
      await database.db.updateTable('auditHead').set({ seq: 3, mac: seven!.mac }).execute();
      expect(await problem()).toContain('forged');
    });

    test('makes entries look old, and does not remove them', async () => {
      await database.db.updateTable('auditEntries').set({ at: '2020-01-01T00:00:00.000Z' }).execute();
      clock.pass(2 * DAY_MS);
      retention = newRetention();
      await run();
      expect((await seqs()).slice(0, 8)).toEqual([7, 8, 9, 10, 11, 12, 13, 14]);
      expect(await problem()).toContain('Entry 7');
    });
  });
});
