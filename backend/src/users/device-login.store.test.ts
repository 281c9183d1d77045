// Sign-ins that wait for approval, in both databases: approved once, used once, also when many try at the same moment.
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import type { DatabaseHandle } from '../db/database.ts';
import type { DeviceLoginTable } from '../db/schema.ts';
import { testDatabases } from '../db/testing/databases.ts';
import { newId, newSecret, sha256 } from '../lib/ids.ts';
import { createDeviceLoginStore, type DeviceLoginStore } from './device-login.store.ts';
import { createSessionStore } from './sessions.store.ts';
import { sessionRow } from './testing/people.ts';
import { newUserCode } from './user-code.ts';
import { createUserStore } from './users.store.ts';

const before = '2026-03-01T09:59:59.999Z';
const now = '2026-03-01T10:00:00.000Z';
const inTenMinutes = '2026-03-01T10:10:00.000Z';

const request = (changes: Partial<DeviceLoginTable> = {}): DeviceLoginTable => ({
  deviceCodeHash: sha256(newSecret()),
  userCode: newUserCode(),
  ip: '203.0.113.9',
  userAgent: 'buoy-cli/1.0 (🦞; "quoted")',
  createdAt: now,
  expiresAt: inTenMinutes,
  approvedBy: null,
  approvedBySession: null,
  ...changes,
});
const full = (endsAt: string) => new Error(`full until ${endsAt}`);

describe.each(testDatabases())('device sign-ins on $name', ({ open }) => {
  let database: DatabaseHandle | undefined;
  let store: DeviceLoginStore;
  beforeEach(async () => {
    database ??= await open();
    await database.db.deleteFrom('deviceLogins').execute();
    store = createDeviceLoginStore(database);
  });
  afterAll(() => database?.close());
  const db = () => (database ?? expect.unreachable()).db;

  const newUser = async (): Promise<string> => {
    const id = newId('u');
    const empty = { username: null, firstName: null, lastName: null, photoUrl: null, languageCode: null };
    await createUserStore(db()).upsert({ id, ...empty }, now);
    return id;
  };
  /** A person who is there in a session. */
  const newCaller = async () => {
    const [userId, sessionId] = [await newUser(), newId('ses')];
    await createSessionStore(db()).insert(sessionRow(sessionId, userId, now));
    return { user: { id: userId }, sessionId };
  };
  const insert = (login: DeviceLoginTable, maxOpen = 20) => store.insert(login, { maxOpen, full });
  const stored = async (changes: Partial<DeviceLoginTable> = {}): Promise<DeviceLoginTable> => {
    const login = request(changes);
    expect(await insert(login)).toBe(true);
    return login;
  };
  const rows = () => db().selectFrom('deviceLogins').selectAll().execute();

  test('finds a request by either of its codes', async () => {
    const login = await stored();
    expect(await store.findByUserCode(login.userCode, now)).toEqual(login);
    expect(await store.findByDeviceCode(login.deviceCodeHash, now)).toEqual(login);
    expect(await store.findByUserCode(newUserCode(), now)).toBeUndefined();
    expect(await store.findByDeviceCode(sha256('made up'), now)).toBeUndefined();
  });

  test('a request ends exactly at its expiry', async () => {
    const { userCode, deviceCodeHash } = await stored({ expiresAt: now });
    expect(await store.findByUserCode(userCode, before)).toBeDefined();
    expect(await store.findByUserCode(userCode, now)).toBeUndefined();
    expect(await store.findByDeviceCode(deviceCodeHash, now)).toBeUndefined();
    expect(await store.approve(userCode, await newCaller(), now)).toBe(false);
  });

  test('refuses a code in use', async () => {
    const { userCode } = await stored();
    expect(await insert(request({ userCode }))).toBe(false);
    expect(await rows()).toHaveLength(1);
  });

  test('limits open requests per address and reports when the oldest ends', async () => {
    const firstEnd = '2026-03-01T10:05:00.000Z';
    await stored({ expiresAt: before });
    await stored({ expiresAt: inTenMinutes });
    await stored({ expiresAt: firstEnd });
    await expect(insert(request(), 2)).rejects.toThrow(`full until ${firstEnd}`);
    expect(await insert(request({ ip: '2001:db8::1' }), 2)).toBe(true);
    expect(await rows()).toHaveLength(4);
  });

  test('thirty parallel requests of one address stay within the limit', async () => {
    const opened = await Promise.allSettled(Array.from({ length: 30 }, () => insert(request(), 8)));
    expect(opened.filter(({ status }) => status === 'fulfilled')).toHaveLength(8);
    expect(await rows()).toHaveLength(8);
  });

  test('of thirty people who approve one device at once, one succeeds', async () => {
    const { userCode, deviceCodeHash } = await stored();
    const people = await Promise.all(Array.from({ length: 30 }, newCaller));
    const approved = await Promise.all(people.map((one) => store.approve(userCode, one, now)));
    expect(approved.filter(Boolean)).toHaveLength(1);
    const { approvedBy } = (await store.findByDeviceCode(deviceCodeHash, now)) ?? expect.unreachable();
    expect(approvedBy).toBe(people[approved.indexOf(true)]?.user.id);
  });

  test('a failing hook rolls back the approval', async () => {
    const { userCode } = await stored();
    const fails = async () => {
      throw new Error('no room for the audit entry');
    };
    await expect(store.approve(userCode, await newCaller(), now, fails)).rejects.toThrow('no room');
    expect((await store.findByUserCode(userCode, now))?.approvedBy).toBeNull();
  });

  describe('a device approval', () => {
    let userId: string;
    let sessionId: string;
    let login: DeviceLoginTable;
    beforeEach(async () => {
      const approver = await newCaller();
      userId = approver.user.id;
      sessionId = approver.sessionId;
      login = await stored();
      await store.approve(login.userCode, approver, now);
    });
    const openSession = (use: { userId?: string; now?: string } = {}, also?: () => Promise<void>) => {
      const session = { ...sessionRow(newId('ses'), userId, now), kind: 'device' };
      const { deviceCodeHash } = login;
      const usingUp = store.usingUp({ deviceCodeHash, userId, now, ...use }, () => new Error('gone'));
      return createSessionStore(db()).insert(session, {
        also: async (trx) => {
          await usingUp(trx);
          await also?.();
        },
      });
    };
    const sessions = async () =>
      (await createSessionStore(db()).listLive(userId, now)).filter(({ kind }) => kind === 'device');

    test('opens one session under parallel requests', async () => {
      const opened = await Promise.allSettled(Array.from({ length: 30 }, () => openSession()));
      expect(opened.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect(await sessions()).toHaveLength(1);
      expect(await rows()).toEqual([]);
    });

    test('of another person, or expired, opens no session and stays unchanged', async () => {
      await expect(openSession({ userId: await newUser() })).rejects.toThrow('gone');
      await expect(openSession({ now: inTenMinutes })).rejects.toThrow('gone');
      expect(await sessions()).toEqual([]);
      expect(await rows()).toHaveLength(1);
    });

    test('is not used up when storing the session fails', async () => {
      const fails = async () => {
        throw new Error('no room for the audit entry');
      };
      await expect(openSession({}, fails)).rejects.toThrow('no room');
      expect(await sessions()).toEqual([]);
      await openSession();
      expect(await sessions()).toHaveLength(1);
    });

    test('opens no session once the session that gave it has ended, also when both happen at once', async () => {
      const approver = { user: { id: userId }, sessionId };
      const [during, after] = [await stored(), await stored()];
      await Promise.all([
        store.approve(during.userCode, approver, now),
        createSessionStore(db()).revoke(sessionId, userId, now),
      ]);
      await store.approve(after.userCode, approver, now);
      for (const { deviceCodeHash } of [login, during, after]) {
        const usingUp = store.usingUp({ deviceCodeHash, userId, now }, () => new Error('gone'));
        await expect(db().transaction().execute(usingUp)).rejects.toThrow('gone');
      }
    });

    test('is deleted with the person who gave it', async () => {
      await db().deleteFrom('users').where('id', '=', userId).execute();
      expect(await rows()).toEqual([]);
    });
  });

  test('a request without approval cannot be used up', async () => {
    const { deviceCodeHash } = await stored();
    const userId = await newUser();
    const using = store.usingUp({ deviceCodeHash, userId, now }, () => new Error('gone'));
    await expect(db().transaction().execute(using)).rejects.toThrow('gone');
    expect(await rows()).toHaveLength(1);
  });

  test('deletes expired requests and keeps open ones', async () => {
    await stored({ expiresAt: before });
    await stored({ expiresAt: now });
    const open = await stored();
    await store.forgetExpired(now);
    expect(await rows()).toEqual([open]);
  });
});

/** Its queries take the time of the main thread. */
const sqlite = testDatabases().filter(({ name }) => name === 'sqlite');
describe.each(sqlite)('a device sign-in on $name', ({ open }) => {
  test('begins as fast while sixty thousand others wait', async () => {
    const database = await open();
    try {
      const store = createDeviceLoginStore(database);
      // Two of sixty thousand random codes are equal in one run of fourteen.
      const numbered = (number: number) => request({ ip: `2001:db8::${number}`, userCode: `N${number}` });
      for (let sent = 0; sent < 60_000; sent += 1_000)
        await database.db
          .insertInto('deviceLogins')
          .values(Array.from({ length: 1_000 }, (_, index) => numbered(sent + index)))
          .execute();
      const before = process.threadCpuUsage();
      for (let index = 0; index < 20; index += 1) {
        await store.forgetExpired(now);
        await store.insert(request({ ip: `198.51.100.${index}` }), { maxOpen: 20, full });
      }
      expect(process.threadCpuUsage(before).user / 1_000).toBeLessThan(200);
    } finally {
      await database.close();
    }
  });
});
