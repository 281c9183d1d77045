// Servers in both databases: atomic writes, one winner of each race, and text that is returned as it was typed.
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DatabaseHandle } from '../db/database.ts';
import type { ServerTable } from '../db/schema.ts';
import { isForeignKeyViolation, isUniqueViolation } from '../db/storage-errors.ts';
import { testDatabases } from '../db/testing/databases.ts';
import { serverRow } from '../db/testing/server-row.ts';
import { newId } from '../lib/ids.ts';
import { windowRow } from '../maintenance/testing/window-row.ts';
import { createServerStore, type ServerStore } from './servers.store.ts';

const at = '2026-03-01T10:00:00.000Z';
const later = '2026-03-01T11:00:00.000Z';

describe.each(testDatabases())('servers on $name', ({ open }) => {
  let database: DatabaseHandle;
  let store: ServerStore;
  beforeAll(async () => {
    database = await open();
    store = createServerStore(database.db);
  });
  afterAll(() => database.close());

  let made = 0;
  const newServer = async (changes: Partial<ServerTable> = {}): Promise<ServerTable> => {
    made += 1;
    const server = serverRow(newId('srv'), {
      name: `web ${made}`,
      host: 'web.example.org',
      tags: '["prod"]',
      createdAt: at,
      updatedAt: at,
      ...changes,
    });
    await store.insert(server);
    return server;
  };
  const rowsOf = async (serverId: string) => ({
    statuses: await database.db
      .selectFrom('serverStatuses')
      .selectAll()
      .where('serverId', '=', serverId)
      .execute(),
    grants: await database.db.selectFrom('grants').selectAll().where('serverId', '=', serverId).execute(),
  });

  test('a new server has an unknown state and its maker as owner', async () => {
    const server = await newServer();
    expect(await store.find(server.id)).toEqual({
      ...server,
      ...{
        ownerId: 'ada',
        ownershipBy: 'ada',
        ownerUsername: null,
        ownerFirstName: null,
        ownerLastName: null,
        ownerDisplayName: null,
      },
      state: 'unknown',
      since: at,
      checkedAt: null,
      reasons: '[]',
      openclawInstalled: null,
      openclawVersion: null,
    });
    expect((await rowsOf(server.id)).grants).toEqual([
      { serverId: server.id, userId: 'ada', role: 'owner', grantedBy: 'ada', createdAt: at },
    ]);
  });

  test('an id that is taken is refused, and the first server keeps its state and its one owner', async () => {
    const server = await newServer();
    const again = await newServer({ id: server.id, createdBy: 'mallory' }).catch((error: unknown) => error);
    expect(isUniqueViolation(again)).toBe(true);
    expect(await store.find(server.id)).toMatchObject({ createdBy: 'ada' });
    expect((await rowsOf(server.id)).grants).toMatchObject([{ userId: 'ada' }]);
  });

  test.each(['grants', 'serverStatuses'] as const)(
    'when the %s cannot be written, no part of the server is stored',
    async (table) => {
      const broken = await open();
      try {
        await broken.db.schema.dropTable(table).execute();
        await expect(createServerStore(broken.db).insert(await newServer())).rejects.toThrow();
        const rest = (['servers', 'serverStatuses', 'grants'] as const).filter((name) => name !== table);
        for (const name of rest)
          expect(await broken.db.selectFrom(name).selectAll().execute(), name).toEqual([]);
      } finally {
        await broken.close();
      }
    },
  );

  test('a change based on the current version is written and increments it', async () => {
    const server = await newServer();
    expect(await store.update(server.id, 1, { name: 'renamed', updatedAt: later })).toBe(true);
    expect(await store.find(server.id)).toMatchObject({ name: 'renamed', version: 2, host: server.host });
  });

  test('a change based on an old or future version, or of an unknown server, writes nothing', async () => {
    const server = await newServer({ version: 5 });
    expect(await store.update(server.id, 4, { name: 'stale' })).toBe(false);
    expect(await store.update(server.id, 6, { name: 'early' })).toBe(false);
    expect(await store.update('srv_none', 5, { name: 'nobody' })).toBe(false);
    expect(await store.find(server.id)).toMatchObject({ name: server.name, version: 5 });
  });

  test('of twenty concurrent changes based on one version, one is stored', async () => {
    const { id } = await newServer();
    const won = await Promise.all(
      Array.from({ length: 20 }, (_, index) => store.update(id, 1, { name: `by ${index}` })),
    );
    expect(won.filter(Boolean)).toHaveLength(1);
    expect(await store.find(id)).toMatchObject({ name: `by ${won.indexOf(true)}`, version: 2 });
  });

  test('deleting a server deletes its state, grants, snapshots and tasks, and nothing of other servers', async () => {
    const { id } = await newServer();
    const other = await newServer();
    for (const serverId of [id, other.id]) {
      const snapshot = { serverId, kind: 'status', payload: '{}', observedAt: at };
      await database.db.insertInto('openclawSnapshots').values(snapshot).execute();
      await database.db
        .insertInto('tasks')
        .values({
          id: `tsk_${serverId}`,
          type: 'test',
          serverId,
          status: 'succeeded',
          input: '{}',
          result: null,
          error: null,
          cancelRequested: 0,
          exclusiveKey: null,
          outputBytes: 0,
          createdBy: 'ada',
          createdAt: at,
          startedAt: null,
          finishedAt: null,
        })
        .execute();
    }
    await store.remove(id, later);
    expect(await store.find(id)).toBeUndefined();
    expect(await rowsOf(id)).toEqual({ statuses: [], grants: [] });
    expect(await store.find(other.id)).toBeDefined();
    for (const table of ['openclawSnapshots', 'tasks'] as const) {
      const left = await database.db
        .selectFrom(table)
        .select('serverId')
        .where('serverId', 'in', [id, other.id])
        .execute();
      expect(left).toEqual([{ serverId: other.id }]);
    }
  });

  test('deleting a jump server detaches the servers behind it, without a direct connection instead', async () => {
    const jump = await newServer({ name: 'bastion' });
    const inner = await newServer({ name: 'inner', jumpServerId: jump.id });
    const other = await newServer({ name: 'other' });
    expect(await store.listDependentIds(jump.id)).toEqual([inner.id]);
    expect(await store.remove(jump.id, later)).toEqual([inner.id]);
    expect(await store.find(jump.id)).toBeUndefined();
    expect(await store.find(inner.id)).toMatchObject({
      ...{ jumpServerId: null, jumpServerRemoved: 1 },
      // A form opened before must not overwrite it unnoticed.
      ...{ version: 2, updatedAt: later },
    });
    expect(await store.find(other.id)).toMatchObject({ jumpServerRemoved: 0, version: 1 });
  });

  test('choosing a jump server while it is deleted is either refused or detached again', async () => {
    for (let round = 0; round < 5; round += 1) {
      const jump = await newServer();
      const inner = await newServer();
      const [removal, choice] = await Promise.allSettled([
        store.remove(jump.id, later),
        store.update(inner.id, 1, { jumpServerId: jump.id }),
      ]);
      expect(removal.status).toBe('fulfilled');
      const row = await store.find(inner.id);
      expect(row?.jumpServerId).toBeNull();
      expect(row?.jumpServerRemoved).toBe(choice.status === 'fulfilled' ? 1 : 0);
    }
  });

  test('an unknown jump host is refused', async () => {
    const lost = await newServer({ jumpServerId: 'srv_none' }).catch((error: unknown) => error);
    expect(isForeignKeyViolation(lost)).toBe(true);
  });

  test('of twenty connections that see a first host key at once, one pins it, and it is not overwritten later', async () => {
    const server = await newServer();
    const { id } = server;
    const pin = (index: number) =>
      store.pinFirstHostKey(server, { algorithm: 'ssh-ed25519', fingerprint: `SHA256:${index}` }, at);
    const pinned = await Promise.all(Array.from({ length: 20 }, (_, index) => pin(index)));
    expect(pinned.filter(Boolean)).toHaveLength(1);
    expect(await pin(99)).toBe(false);
    expect(await store.find(id)).toMatchObject({
      hostKeyFingerprint: `SHA256:${pinned.indexOf(true)}`,
      hostKeyPinnedAt: at,
      // Pinning is not an edit: a form opened before may still be saved.
      version: 1,
    });
  });

  test('an accepted host key replaces the old one and clears the refused one', async () => {
    const server = await newServer();
    const { id } = server;
    await store.pinFirstHostKey(server, { algorithm: 'ssh-rsa', fingerprint: 'SHA256:old' }, at);
    await store.noteOfferedKey(server, { algorithm: 'ssh-ed25519', fingerprint: 'SHA256:new' });
    expect(await store.find(id)).toMatchObject({
      hostKeyFingerprint: 'SHA256:old',
      offeredKeyFingerprint: 'SHA256:new',
    });
    await store.replaceHostKey(id, { algorithm: 'ssh-ed25519', fingerprint: 'SHA256:new' }, null, later);
    expect(await store.find(id)).toMatchObject({
      hostKeyAlgorithm: 'ssh-ed25519',
      hostKeyFingerprint: 'SHA256:new',
      hostKeyPinnedAt: later,
      offeredKeyAlgorithm: null,
      offeredKeyFingerprint: null,
    });
  });

  test('a key that was shown at the old place of a server is neither noted nor pinned for the new one', async () => {
    const server = await newServer();
    const key = { algorithm: 'ssh-ed25519', fingerprint: 'SHA256:old-place' };
    for (const before of [{ host: 'elsewhere.example' }, { port: 2_222 }]) {
      expect(await store.noteOfferedKey({ ...server, ...before }, key)).toBe(false);
      expect(await store.pinFirstHostKey({ ...server, ...before }, key, at)).toBe(false);
    }
    expect(await store.find(server.id)).toMatchObject({
      ...{ hostKeyFingerprint: null, offeredKeyFingerprint: null },
    });
    expect(await store.noteOfferedKey(server, key)).toBe(true);
  });

  test('a key that was shown behind a jump server goes with its old place, and those of other servers stay', async () => {
    const jump = await newServer();
    const behind = await newServer({ jumpServerId: jump.id });
    const other = await newServer();
    const key = { algorithm: 'ssh-ed25519', fingerprint: 'SHA256:shown' };
    for (const server of [behind, other]) expect(await store.noteOfferedKey(server, key)).toBe(true);
    await database.db.transaction().execute(store.forgetKeysOfferedBehind(jump.id));
    expect((await store.find(behind.id))?.offeredKeyFingerprint).toBeNull();
    expect((await store.find(other.id))?.offeredKeyFingerprint).toBe('SHA256:shown');
  });

  test('a key that was shown behind the old place of a jump server is neither noted nor pinned, also after the move', async () => {
    const jump = await newServer();
    const behind = await newServer({ jumpServerId: jump.id });
    const key = { algorithm: 'ssh-ed25519', fingerprint: 'SHA256:shown' };
    const { host, port } = jump;
    for (const old of [
      { host: 'elsewhere.example', port },
      { host, port: 2_222 },
    ]) {
      expect(await store.noteOfferedKey({ ...behind, behind: old }, key)).toBe(false);
      expect(await store.pinFirstHostKey({ ...behind, behind: old }, key, at)).toBe(false);
    }
    expect(await store.noteOfferedKey({ ...behind, behind: { host, port } }, key)).toBe(true);
  });

  test('a key that was shown behind a jump server goes when the jump server gets another host key, or is removed', async () => {
    const jump = await newServer();
    const behind = await newServer({ jumpServerId: jump.id });
    const shown = { algorithm: 'ssh-ed25519', fingerprint: 'SHA256:shown' };
    const offered = async () => (await store.find(behind.id))?.offeredKeyFingerprint;
    const key = { algorithm: 'ssh-ed25519', fingerprint: 'SHA256:of-the-jump-server' };
    await store.noteOfferedKey(behind, shown);
    await store.replaceHostKey(jump.id, key, null, later);
    expect(await offered()).toBeNull();
    await store.noteOfferedKey(behind, shown);
    await store.replaceHostKey(jump.id, key, null, later);
    expect(await offered()).toBe('SHA256:shown');
    await store.remove(jump.id, later);
    expect(await offered()).toBeNull();
  });

  describe('secrets behind a jump server that is moved', () => {
    const keptBack = async (id: string): Promise<boolean> =>
      (await store.find(id))?.credentialHostKey === 'none';
    const move = (jumpServerId: string, exceptOf: string | null) =>
      database.db
        .transaction()
        .execute(
          store.keepBackUnboundSecretsBehind(jumpServerId, { noHostKey: 'none', exceptOf, now: later }),
        );

    test('are kept back where no host key is pinned or expected, and those of other servers stay', async () => {
      const jump = await newServer();
      const behind = await newServer({ jumpServerId: jump.id, credentialEnteredBy: 'ada' });
      const ofNobody = await newServer({ jumpServerId: jump.id, credentialEnteredBy: null });
      const expected = await newServer({ jumpServerId: jump.id, credentialHostKey: 'SHA256:expected' });
      const pinned = await newServer({ jumpServerId: jump.id, hostKeyFingerprint: 'SHA256:pinned' });
      const spared = [expected, pinned, jump, await newServer()];
      await move(jump.id, 'mallory');
      for (const { id } of [behind, ofNobody]) expect(await keptBack(id)).toBe(true);
      for (const { id, credentialHostKey } of spared)
        expect(await store.find(id)).toMatchObject({ credentialHostKey, version: 1 });
    });

    test('are not kept back from the person who entered them and moves it', async () => {
      const jump = await newServer();
      const own = await newServer({ jumpServerId: jump.id, credentialEnteredBy: 'mallory' });
      await move(jump.id, 'mallory');
      expect(await keptBack(own.id)).toBe(false);
      await move(jump.id, null);
      expect(await keptBack(own.id)).toBe(true);
    });

    test('are bound to no key that a connection begun before has seen, and by no change begun before', async () => {
      const jump = await newServer();
      const behind = await newServer({ jumpServerId: jump.id, credentialEnteredBy: 'ada' });
      await move(jump.id, 'mallory');
      const key = { algorithm: 'ssh-ed25519', fingerprint: 'SHA256:of-mallory' };
      expect(await store.pinFirstHostKey(behind, key, at)).toBe(false);
      expect(await store.update(behind.id, 1, { credentialHostKey: null })).toBe(false);
      expect(await keptBack(behind.id)).toBe(true);
    });
  });

  test('what another host key ends is part of its acceptance, and is left out for the key that is pinned', async () => {
    const { id } = await newServer();
    const key = (name: string) => ({ algorithm: 'ssh-ed25519', fingerprint: `SHA256:${name}` });
    const ended: string[] = [];
    const accept = (name: string) =>
      store.replaceHostKey(id, key(name), null, later, { ifOther: async () => void ended.push(name) });
    for (const name of ['first', 'first', 'second']) await accept(name);
    expect(ended).toEqual(['first', 'second']);
    const broken = store.replaceHostKey(id, key('third'), null, later, {
      ifOther: async () => Promise.reject(new Error('not stored')),
    });
    await expect(broken).rejects.toThrow('not stored');
    expect(await store.find(id)).toMatchObject({ hostKeyFingerprint: 'SHA256:second' });
  });

  test('the first pinned key binds the secret; an accepted key rebinds it only for the person who entered it', async () => {
    const server = await newServer({ credentialEnteredBy: 'ada' });
    const { id } = server;
    const key = (name: string) => ({ algorithm: 'ssh-ed25519', fingerprint: `SHA256:${name}` });
    const bound = async () => (await store.find(id))?.credentialHostKey;
    await store.pinFirstHostKey(server, key('first'), at);
    expect(await bound()).toBe('SHA256:first');
    await store.replaceHostKey(id, key('second'), 'bob', later);
    expect(await bound()).toBe('SHA256:first');
    await store.replaceHostKey(id, key('third'), null, later);
    expect(await bound()).toBe('SHA256:first');
    await store.replaceHostKey(id, key('fourth'), 'ada', later);
    expect(await bound()).toBe('SHA256:fourth');
  });

  test('an unbound secret is bound to the pinned key, or to the accepted key when none was pinned', async () => {
    const accepted = async (hostKeyFingerprint: string | null) => {
      const { id } = await newServer({ hostKeyFingerprint, credentialHostKey: null });
      const key = { algorithm: 'ssh-ed25519', fingerprint: 'SHA256:accepted' };
      await store.replaceHostKey(id, key, null, later);
      return (await store.find(id))?.credentialHostKey;
    };
    expect(await accepted('SHA256:pinned')).toBe('SHA256:pinned');
    expect(await accepted(null)).toBe('SHA256:accepted');
  });

  test('a secret that was entered for one host key is not bound to another key that is seen first', async () => {
    const server = await newServer({ credentialHostKey: 'SHA256:expected' });
    const { id } = server;
    const pin = (fingerprint: string) =>
      store.pinFirstHostKey(server, { algorithm: 'ssh-ed25519', fingerprint }, at);
    expect(await pin('SHA256:other')).toBe(false);
    expect(await store.find(id)).toMatchObject({ hostKeyFingerprint: null });
    expect(await pin('SHA256:expected')).toBe(true);
  });

  test('lists the servers of an owner that are reached through a jump server, and no others', async () => {
    const jump = await newServer();
    const mine = await newServer({ jumpServerId: jump.id, createdBy: 'led' });
    await newServer({ createdBy: 'led' });
    const shared = await newServer({ jumpServerId: jump.id });
    const grant = { serverId: shared.id, userId: 'led', role: 'admin', grantedBy: 'ada', createdAt: at };
    await database.db.insertInto('grants').values(grant).execute();
    expect(await store.listIdsBehindJumpServers('led')).toEqual([mine.id]);
  });

  test('lists the roles of these people, and of nobody for an empty list', async () => {
    const server = await newServer();
    expect(await store.listRoles([server.createdBy])).toContainEqual({
      serverId: server.id,
      userId: server.createdBy,
      role: 'owner',
    });
    expect(await store.listRoles([])).toEqual([]);
  });

  test('a person lists the servers granted to them, with the role; a super-admin lists all as owner', async () => {
    const mine = await newServer({ name: 'a mine', createdBy: 'lister' });
    const shared = await newServer({ name: 'b shared' });
    await newServer({ name: 'c not mine' });
    const grant = { serverId: shared.id, userId: 'lister', role: 'viewer', grantedBy: 'ada', createdAt: at };
    await database.db.insertInto('grants').values(grant).execute();
    const listed = (await store.list('lister')).map(({ id, role }) => ({ id, role }));
    expect(listed).toEqual([
      { id: mine.id, role: 'owner' },
      { id: shared.id, role: 'viewer' },
    ]);
    expect(await store.list('nobody')).toEqual([]);
    const all = await store.list(null);
    expect(all.length).toBeGreaterThan(listed.length);
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    expect(all.every(({ role }) => role === 'owner')).toBe(true);
    // The owner by a grant, for whoever asks, and one row for a server with several members.
    expect((await store.list('lister')).map(({ ownerId }) => ownerId)).toEqual(['lister', 'ada']);
  });

  test('a state replaces the last one; that of a deleted server is ignored', async () => {
    const { id } = await newServer();
    const status = {
      state: 'up',
      since: at,
      checkedAt: later,
      reasons: '["Der Dienst «läuft» 🦞"]',
      openclawInstalled: 1,
      openclawVersion: '2026.3.1',
    };
    await store.updateStatus(id, status);
    expect(await store.findStatus(id)).toEqual({ serverId: id, ...status });
    await store.updateStatus('srv_none', status);
    expect(await store.findStatus('srv_none')).toBeUndefined();
  });

  test('any text is returned as it was typed: quotes, emoji, other scripts, SQL', async () => {
    const { id } = await newServer();
    const typed = [
      "' or 1=1 --",
      '"`\\',
      '👩‍👩‍👧‍👦 عربى ﷽ 王小明',
      '%_?$1:name',
      '\u202e\u0001\u007f',
      'x'.repeat(100_000),
    ];
    const anyText = fc.oneof(
      fc.constantFrom(...typed),
      fc.string({ unit: 'binary' }).filter((text) => !text.includes('\0') && text.isWellFormed()),
    );
    let version = 1;
    await fc.assert(
      fc.asyncProperty(anyText, anyText, async (name, tag) => {
        const tags = JSON.stringify([tag]);
        expect(await store.update(id, version, { name, tags })).toBe(true);
        version += 1;
        expect(await store.find(id)).toMatchObject({ name, tags, version });
      }),
      { numRuns: 40 },
    );
  });
});

describe.each(testDatabases())('how the servers are on $name', ({ open }) => {
  let database: DatabaseHandle;
  let store: ServerStore;
  beforeAll(async () => {
    database = await open();
    store = createServerStore(database.db);
  });
  afterAll(() => database.close());

  test('servers are counted by state, including those not checked recently or ever', async () => {
    expect(await store.countByState('2026-03-01T10:00:00.000Z', '2026-03-02T00:00:00.000Z')).toEqual([]);
    const seen = async (state: string, checkedAt: string | null) => {
      const id = newId('srv');
      await store.insert(serverRow(id));
      await store.updateStatus(id, {
        state,
        since: checkedAt ?? '2026-03-01T00:00:00.000Z',
        checkedAt,
        reasons: '[]',
        openclawInstalled: null,
        openclawVersion: null,
      });
    };
    await seen('up', '2026-03-01T10:00:00.000Z');
    await seen('up', '2026-03-01T09:59:59.999Z');
    await seen('up', '2026-03-02T00:00:00.000Z');
    await seen('down', '2025-03-01T10:00:00.000Z');
    await seen('unknown', null);
    const counts = await store.countByState('2026-03-01T10:00:00.000Z', '2026-03-02T00:00:00.000Z');
    expect(counts.sort((one, other) => one.state.localeCompare(other.state))).toEqual([
      { state: 'down', servers: 1, stale: 1 },
      { state: 'unknown', servers: 1, stale: 1 },
      { state: 'up', servers: 3, stale: 1 },
    ]);
    const { id } = await database.db.selectFrom('servers').select('id').limit(1).executeTakeFirstOrThrow();
    const window = windowRow(id, {
      startsAt: '2026-03-01T23:00:00.000Z',
      endsAt: '2026-03-02T00:00:00.001Z',
    });
    await database.db.insertInto('maintenanceWindows').values(window).execute();
    expect(await store.countByState('2026-03-01T10:00:00.000Z', '2026-03-02T00:00:00.000Z')).toContainEqual({
      ...{ state: 'maintenance', servers: 1, stale: 0 },
    });
  });
});
