// Administration of people on both databases, also under concurrency.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { DatabaseHandle } from '../db/database.ts';
import { testDatabases } from '../db/testing/databases.ts';
import { serverRow } from '../db/testing/server-row.ts';
import { createServerStore } from '../servers/servers.store.ts';
import { createAccessRequestStore } from './access-requests.store.ts';
import { createPeopleStore, type PeopleStore } from './people.store.ts';
import { createSessionStore } from './sessions.store.ts';
import { userRow } from './testing/people.ts';

const now = '2026-03-01T10:00:00.000Z';
const later = '2026-03-02T10:00:00.000Z';

describe.each(testDatabases())('people on $name', ({ open }) => {
  let database: DatabaseHandle;
  let store: PeopleStore;
  beforeAll(async () => {
    database = await open();
    store = createPeopleStore(database);
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    await database.db.deleteFrom('users').execute();
    await database.db.deleteFrom('servers').execute();
  });

  const add = (id: string, changes: Parameters<typeof userRow>[1] = {}) =>
    database.db.insertInto('users').values(userRow(id, changes)).execute();
  const find = (id: string) =>
    database.db.selectFrom('users').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
  const session = (id: string, userId: string) => ({
    ...{ id, userId, kind: 'link', refreshHash: 'hash', familyHash: null, ip: null, userAgent: null },
    ...{ createdAt: now, lastUsedAt: now, expiresAt: later, revokedAt: null },
  });
  const last = { isConfigured: false, refused: () => new Error('the last one') };
  const outcomes = async (acts: Array<Promise<unknown>>) =>
    (await Promise.allSettled(acts)).map((one) =>
      one.status === 'fulfilled' ? one.value : one.reason.message,
    );

  test('of two super-admins who disable each other at once, one stays enabled', async () => {
    for (let round = 0; round < 5; round += 1) {
      const [one, other] = [`one${round}`, `other${round}`];
      await database.db.updateTable('users').set({ isSuperAdmin: 0 }).execute();
      for (const id of [one, other]) await add(id, { isSuperAdmin: 1 });
      const said = await outcomes([store.disable(one, now, last), store.disable(other, now, last)]);
      expect(said.toSorted()).toEqual(['the last one', true].toSorted());
      expect([await find(one), await find(other)].filter((row) => row.disabledAt === null)).toHaveLength(1);
    }
  });

  test('the last stored super-admin can be disabled when the configuration names others', async () => {
    await add('ada', { isSuperAdmin: 1 });
    await expect(store.disable('ada', now, last)).rejects.toThrow('the last one');
    expect((await find('ada')).disabledAt).toBeNull();
    expect(await store.disable('ada', now, { ...last, isConfigured: true })).toBe(true);
  });

  test('disabling during sign-ins leaves no live session', async () => {
    await add('ada');
    const sessions = createSessionStore(database.db);
    const acts = Array.from({ length: 20 }, (_, index) => sessions.insert(session(`ses_${index}`, 'ada')));
    await Promise.all([...acts.slice(0, 10), store.disable('ada', now, last), ...acts.slice(10)]);
    expect(await sessions.listLive('ada', now)).toEqual([]);
    expect(await sessions.insert(session('ses_later', 'ada'))).toBe(false);
    expect(await store.disable('ada', later, last)).toBe(false);
    expect((await find('ada')).disabledAt).toBe(now);
  });

  test('enabling removes earlier links, device approvals, passkeys and open invites', async () => {
    await add('ada');
    await database.db
      .insertInto('signInLinks')
      .values({
        ...{ codeHash: 'link', userId: 'ada', createdAt: now, expiresAt: later, usedAt: null, kept: 0 },
        madeBySession: null,
      })
      .execute();
    await database.db
      .insertInto('deviceLogins')
      .values({
        ...{ deviceCodeHash: 'device', userCode: 'BCDFGHJK', ip: null, userAgent: null },
        ...{ createdAt: now, expiresAt: later, approvedBy: 'ada', approvedBySession: null },
      })
      .execute();
    await database.db
      .insertInto('passkeys')
      .values({
        ...{ id: 'pky_1', userId: 'ada', name: 'Phone', credentialId: 'credential', publicKey: 'key' },
        ...{ counter: 0, transports: '[]', domain: 'buoy.test', origin: 'https://buoy.test', synced: 0 },
        ...{ createdAt: now, lastUsedAt: null },
      })
      .execute();
    await database.db.insertInto('servers').values(serverRow('srv_1')).execute();
    await database.db
      .insertInto('invites')
      .values({
        ...{ id: 'inv_1', serverId: 'srv_1', role: 'admin', codeHash: 'invite', createdBy: 'ada' },
        ...{ createdAt: now, expiresAt: later, acceptedBy: null, acceptedAt: null },
      })
      .execute();
    await store.disable('ada', now, last);
    expect(await store.enable('ada')).toBe(true);
    expect(await store.enable('ada')).toBe(false);
    expect(await database.db.selectFrom('signInLinks').selectAll().execute()).toEqual([]);
    expect(await database.db.selectFrom('deviceLogins').selectAll().execute()).toEqual([]);
    expect(await database.db.selectFrom('passkeys').selectAll().execute()).toEqual([]);
    expect(await database.db.selectFrom('invites').selectAll().execute()).toEqual([]);
    expect(await createSessionStore(database.db).insert(session('ses_new', 'ada'))).toBe(true);
  });

  test('writes the hook with a decision, and only when something changes', async () => {
    await add('ada');
    const written: string[] = [];
    const also = (what: string) => async () => void written.push(what);
    expect(await store.approve('ada', now, also('approve'))).toBe(true);
    expect(await store.approve('ada', later, also('approve again'))).toBe(false);
    expect(await store.refuse('ada', now, also('refuse'))).toBe(false);
    expect(await store.change('ada', { mayAddServers: 1, displayName: null }, also('the same'))).toBe(false);
    expect(await store.change('ada', {}, also('nothing'))).toBe(false);
    expect(await store.change('ada', { mayAddServers: 0 }, also('right'))).toBe(true);
    expect(await store.change('ada', { displayName: 'Ada' }, also('name'))).toBe(true);
    expect(await store.change('ada', { displayName: 'Ada' }, also('the same name'))).toBe(false);
    expect(await store.disable('ada', now, last, also('disable'))).toBe(true);
    expect(written).toEqual(['approve', 'right', 'name', 'disable']);
    expect(await find('ada')).toMatchObject({ approvedAt: now, mayAddServers: 0, disabledAt: now });
  });

  test('fifty parallel access requests respect the limit, one per person', async () => {
    const requests = createAccessRequestStore(database);
    const limits = { maxOpen: 7, askedBefore: '2026-01-01', refusedBefore: '2026-01-01' };
    await Promise.all(Array.from({ length: 10 }, (_, index) => add(`p${index}`)));
    const asked = Array.from({ length: 50 }, (_, index) =>
      requests.insert({ userId: `p${index % 10}`, requestedAt: now }, limits),
    );
    expect((await Promise.all(asked)).filter(Boolean)).toHaveLength(7);
    expect(await requests.listOpen(50)).toHaveLength(7);
  });

  test("thirty servers added at once respect the person's limit", async () => {
    await add('ada');
    const servers = createServerStore(database.db);
    const limit = { maxOwned: 4, full: () => new Error('full') };
    const acts = Array.from({ length: 30 }, (_, index) =>
      servers.insert(serverRow(`srv_${index}`, { createdBy: 'ada' }), undefined, limit),
    );
    expect((await outcomes(acts)).filter((said) => said === 'full')).toHaveLength(26);
    expect(await servers.list('ada')).toHaveLength(4);
    expect((await find('ada')).approvedAt).not.toBeNull();
  });
});
