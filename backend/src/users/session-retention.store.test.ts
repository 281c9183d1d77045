// Session retention on both databases: what is left of sessions that are over goes without their people.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DatabaseHandle } from '../db/database.ts';
import type { SessionTable } from '../db/schema.ts';
import { testDatabases } from '../db/testing/databases.ts';
import { type Clock, isoTime } from '../lib/clock.ts';
import { newId, newSecret } from '../lib/ids.ts';
import { createFakeClock, type FakeClock } from '../lib/testing/fake-clock.ts';
import { createRecordingLogger } from '../lib/testing/recording-logger.ts';
import { createSessionRetentionStore } from './session-retention.store.ts';
import { createSessionRetention } from './session-retention.ts';
import { createSessionStore } from './sessions.store.ts';
import { createUserStore } from './users.store.ts';

const FIRST_PASS_MS = 60_000;
const HOUR_MS = 3_600_000;
const now = '2026-03-01T10:00:00.000Z';
const longBefore = '2026-01-01T10:00:00.000Z';
const before = '2026-02-01T10:00:00.000Z';
const later = '2026-03-31T10:00:00.000Z';

describe.each(testDatabases())('session retention on $name', ({ open }) => {
  let database: DatabaseHandle;
  let clock: FakeClock;
  let recorded: ReturnType<typeof createRecordingLogger>;
  let running: Array<ReturnType<typeof createSessionRetention>>;
  let onPause: () => Promise<unknown>;
  beforeEach(async () => {
    database = await open();
    clock = createFakeClock(Date.parse(now));
    recorded = createRecordingLogger();
    running = [];
    onPause = async () => undefined;
  });
  afterEach(async () => {
    await Promise.all(running.map((retention) => retention.close()));
    expect(recorded.text()).toBe('');
    await database.close();
  });

  /** The answer runs the next pass of one Buoy to its end; the pauses in it are over at once. */
  const newRetention = (): (() => Promise<void>) => {
    let ended = () => {};
    const own: Clock = {
      now: clock.now,
      after(delayMs, run) {
        if (delayMs >= 1_000) {
          ended();
          return clock.after(delayMs, run);
        }
        void onPause().then(run);
        return () => undefined;
      },
    };
    const store = createSessionRetentionStore(database.db);
    const retention = createSessionRetention({ store, clock: own, logger: recorded.logger });
    running.push(retention);
    retention.start();
    return () =>
      new Promise((resolve) => {
        ended = resolve;
        clock.pass(HOUR_MS);
      });
  };
  const newUser = async (): Promise<string> => {
    const id = newId('u');
    const empty = { username: null, firstName: null, lastName: null, photoUrl: null, languageCode: null };
    await createUserStore(database.db).upsert({ id, ...empty }, longBefore);
    return id;
  };
  const newSession = async (userId: string, changes: Partial<SessionTable> = {}): Promise<string> => {
    const id = newId('ses');
    await createSessionStore(database.db).insert({
      ...{ id, userId, kind: 'telegram', refreshHash: newSecret(), familyHash: null },
      ...{ ip: null, userAgent: null, createdAt: longBefore, lastUsedAt: before, expiresAt: later },
      revokedAt: null,
      ...changes,
    });
    return id;
  };
  const addReplaced = async (sessionId: string, count: number) => {
    const rows = Array.from({ length: count }, (_, index) => ({
      ...{ secretHash: newSecret(), sessionId, generation: index + 1 },
      ...{ attemptKeyHash: null, voided: 0, rotatedAt: before },
    }));
    await database.db.insertInto('rotatedRefreshSecrets').values(rows).execute();
  };
  const replacedOf = async (sessionId: string) =>
    (
      await database.db
        .selectFrom('rotatedRefreshSecrets')
        .select('secretHash')
        .where('sessionId', '=', sessionId)
        .execute()
    ).length;
  const stored = async () =>
    (await database.db.selectFrom('sessions').select('id').execute()).map(({ id }) => id).sort();

  test('the replaced secrets of an expired session go without its person renewing', async () => {
    const expired = await newSession(await newUser(), { expiresAt: before });
    const expiringNow = await newSession(await newUser(), {
      expiresAt: isoTime(clock.now() + FIRST_PASS_MS),
    });
    for (const id of [expired, expiringNow]) await addReplaced(id, 30);
    await newRetention()();
    for (const id of [expired, expiringNow]) expect(await replacedOf(id)).toBe(0);
  });

  test('so do those of a session that was ended, and those of a live one stay', async () => {
    const userId = await newUser();
    const ended = await newSession(userId, { revokedAt: before });
    const live = await newSession(userId);
    for (const id of [ended, live]) await addReplaced(id, 30);
    await newRetention()();
    expect([await replacedOf(ended), await replacedOf(live)]).toEqual([0, 30]);
    expect(await stored()).toEqual([ended, live].sort());
  });

  test('they go 200 at a time, with a pause in between', async () => {
    const expired = await newSession(await newUser(), { expiresAt: before });
    await addReplaced(expired, 1_000);
    const left: number[] = [];
    onPause = async () => left.push(await replacedOf(expired));
    await newRetention()();
    expect(left).toEqual([800, 600, 400, 200, 0]);
  });

  test('expired sessions go, but for the last used one of each person, who is still seen then', async () => {
    const [ada, bob] = [await newUser(), await newUser()];
    const kept: string[] = [];
    for (const userId of [ada, bob]) {
      for (let count = 0; count < 3; count += 1)
        await newSession(userId, { lastUsedAt: longBefore, expiresAt: before });
      kept.push(await newSession(userId, { expiresAt: before }));
    }
    kept.push(await newSession(ada, { lastUsedAt: longBefore }));
    await newRetention()();
    expect(await stored()).toEqual(kept.sort());
    for (const id of [ada, bob])
      expect((await createUserStore(database.db).findKnown(id))?.lastSeenAt).toBe(before);
  });

  test('an ended session stays until it would have expired: a disabled person is told why it ended', async () => {
    const userId = await newUser();
    const ended = await newSession(userId, {
      ...{ lastUsedAt: longBefore, revokedAt: before },
      expiresAt: isoTime(clock.now() + 2 * FIRST_PASS_MS),
    });
    const live = await newSession(userId);
    const pass = newRetention();
    await pass();
    expect(await stored()).toEqual([ended, live].sort());
    await pass();
    expect(await stored()).toEqual([live]);
  });

  test('goes through all sessions, however many, each hour again', async () => {
    const userId = await newUser();
    for (let count = 0; count < 120; count += 1)
      await newSession(userId, { lastUsedAt: longBefore, expiresAt: before });
    const last = await newSession(userId);
    const pass = newRetention();
    await pass();
    expect(await stored()).toEqual([last]);
    await newSession(userId, { lastUsedAt: longBefore, expiresAt: before });
    await pass();
    expect(await stored()).toEqual([last]);
  });

  test('two Buoys on one database do it at once', async () => {
    const expired: string[] = [];
    for (let count = 0; count < 20; count += 1) {
      expired.push(await newSession(await newUser(), { expiresAt: before }));
      await addReplaced(expired.at(-1) ?? '', 300);
    }
    const passes = [newRetention(), newRetention()];
    await Promise.all(passes.map((pass) => pass()));
    for (const id of expired) expect(await replacedOf(id)).toBe(0);
  });

  test('ends in the middle with Buoy', async () => {
    const expired = await newSession(await newUser(), { expiresAt: before });
    await addReplaced(expired, 1_000);
    const pass = newRetention();
    const paused = Promise.withResolvers<void>();
    onPause = () => {
      paused.resolve();
      return new Promise(() => {});
    };
    void pass();
    await paused.promise;
    await running[0]?.close();
    expect(await replacedOf(expired)).toBe(800);
    expect(await stored()).toEqual([expired]);
  });
});
