// Jump servers: use after the role has ended, and attempts to learn about servers of other people.
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Db, openDatabase } from '../../src/db/database.ts';
import {
  freePort,
  type LoopbackSshd,
  noSshd,
  startLoopbackSshd,
} from '../../src/ssh/testing/loopback-sshd.ts';
import { type AccessFixture, ids, type Person, prepareAccessFixture } from '../support/access-fixture.ts';

let fixture: AccessFixture;
beforeAll(async () => {
  fixture = await prepareAccessFixture();
});
afterAll(() => fixture.running.close());

let added = 0;
const add = async (person: Person, body: object) => {
  added += 1;
  const answer = await fixture.as(person, 'POST', '/servers', {
    ...{ name: `Project Nightingale ${added}`, host: '127.0.0.1', port: 1, username: 'root' },
    ...{ authType: 'password', password: 'x', ...body },
  });
  if (answer.statusCode !== 201) throw new Error(answer.body);
  return answer.json().server.id as string;
};
const show = async (person: Person, id: string) =>
  (await fixture.as(person, 'GET', `/servers/${id}`)).json().server;
const testOf = async (person: Person, id: string) =>
  (await fixture.as(person, 'POST', `/servers/${id}/test`)).json();
const run = (person: Person, id: string) =>
  fixture.as(person, 'POST', `/servers/${id}/exec`, { command: 'echo through' });

/** What the API does not offer, in the database of the running Buoy. */
async function withDatabase(act: (db: Db) => Promise<unknown>): Promise<void> {
  const file = path.join(fixture.running.dataDir, 'buoy.db');
  const { db, close } = await openDatabase({ engine: 'sqlite', file });
  try {
    await act(db);
  } finally {
    await close();
  }
}

describe.skipIf(noSshd !== null)(
  `on real SSH servers${noSshd === null ? '' : ` (${noSshd})`} › jump server after the role on it has ended`,
  () => {
    let sshd: LoopbackSshd;
    let login: object;
    let jump: string;
    let own: string;
    beforeAll(async () => {
      sshd = await startLoopbackSshd();
      const { port, username, privateKey } = sshd;
      login = { port, username, authType: 'key', password: undefined, privateKey };
    });
    afterAll(() => sshd.stop());
    beforeEach(async () => {
      jump = await fixture.newServer({ ...login, name: 'bastion' });
      own = await add('admin', { ...login, jumpServerId: jump });
      expect((await run('admin', own)).json().stdout).toBe('through\n');
    });

    const expectCut = async (person: Person, reason = 'not an admin of its jump server') => {
      const refused = await run(person, own);
      expect(refused.statusCode).toBe(503);
      expect(refused.json().details.kind).toBe('jump');
      expect((await show(person, own)).status).toMatchObject({
        state: 'unreachable',
        reasons: [expect.stringContaining(reason)],
      });
      expect((await testOf(person, own)).failure.kind).toBe('jump');
    };

    test('connection is cut at once when the role on the jump server is revoked', async () => {
      await fixture.as('owner', 'DELETE', `/servers/${jump}/access/${ids.admin}`);
      await expectCut('admin');
    });

    test('connection is cut at once when the role is lowered, and works again when it is restored', async () => {
      const role = (to: string) =>
        fixture.as('owner', 'PUT', `/servers/${jump}/access/${ids.admin}`, { role: to });
      await role('viewer');
      await expectCut('admin');
      await role('admin');
      expect((await run('admin', own)).json().stdout).toBe('through\n');
    });

    test('connection is cut at once also when the queued tasks of the revoked admin cannot be cancelled', async () => {
      await withDatabase(async (db) => {
        await db.schema.alterTable('tasks').renameTo('tasksAway').execute();
        try {
          const revoked = await fixture.as('owner', 'DELETE', `/servers/${jump}/access/${ids.admin}`);
          expect(revoked.statusCode).toBe(204);
          await expectCut('admin');
        } finally {
          await db.schema.alterTable('tasksAway').renameTo('tasks').execute();
        }
      });
    });

    test('connection of a super-admin without a role on the jump server is cut at once when they are disabled, until they are enabled', async () => {
      const rank = (isSuperAdmin: number) =>
        withDatabase((db) =>
          db.updateTable('users').set({ isSuperAdmin }).where('id', '=', ids.stranger).execute(),
        );
      await rank(1);
      try {
        own = await add('stranger', { ...login, jumpServerId: jump });
        await fixture.as('stranger', 'POST', `/servers/${own}/access`, { userId: ids.admin, role: 'admin' });
        expect((await run('admin', own)).json().stdout).toBe('through\n');
        const running = fixture.as('admin', 'POST', `/servers/${own}/exec`, { command: 'echo on; sleep 60' });
        await fixture.as('super', 'POST', `/admin/users/${ids.stranger}/disable`);
        expect((await running).statusCode).toBe(503);
        await expectCut('admin');
        await fixture.as('super', 'POST', `/admin/users/${ids.stranger}/enable`);
        expect((await run('admin', own)).json().stdout).toBe('through\n');
      } finally {
        await fixture.as('super', 'POST', `/admin/users/${ids.stranger}/enable`);
        await rank(0);
        fixture.tokens.stranger = await fixture.running.signIn(Number(ids.stranger));
      }
    });

    test('servers of a disabled person stay reachable through a jump server on which their role still stands', async () => {
      await fixture.as('admin', 'POST', `/servers/${own}/access`, { userId: ids.viewer, role: 'admin' });
      await fixture.as('super', 'POST', `/admin/users/${ids.admin}/disable`);
      try {
        expect((await run('viewer', own)).json().stdout).toBe('through\n');
        await fixture.as('owner', 'DELETE', `/servers/${jump}/access/${ids.admin}`);
        await expectCut('viewer');
      } finally {
        await fixture.as('super', 'POST', `/admin/users/${ids.admin}/enable`);
        fixture.tokens.admin = await fixture.running.signIn(Number(ids.admin));
      }
    });

    test('connection is cut for a new owner who has no role on the jump server', async () => {
      await fixture.as('admin', 'POST', `/servers/${own}/transfer`, { userId: ids.stranger });
      await expectCut('stranger', 'jump server was removed');
    });

    test.each(['owner', 'super'] as const)(
      'a revoked admin does not get through again by giving the server behind it to the %s of the jump server',
      async (heir) => {
        await fixture.as('owner', 'DELETE', `/servers/${jump}/access/${ids.admin}`);
        await fixture.as('admin', 'POST', `/servers/${own}/transfer`, { userId: ids[heir] });
        expect((await run('admin', own)).statusCode).toBe(503);
        expect(await show(heir, own)).toMatchObject({ jumpServerId: null, jumpServerRemoved: true });
      },
    );

    test('an admin who gave the server away in time does not keep the route when the role is revoked', async () => {
      await fixture.as('admin', 'POST', `/servers/${own}/transfer`, { userId: ids.owner });
      await fixture.as('owner', 'DELETE', `/servers/${jump}/access/${ids.admin}`);
      expect((await run('admin', own)).statusCode).toBe(503);
      await fixture.as('owner', 'PUT', `/servers/${own}`, { ...login, jumpServerId: jump });
      expect((await run('owner', own)).json().stdout).toBe('through\n');
    });

    test('a super-admin who takes the server over keeps its route', async () => {
      await fixture.as('owner', 'POST', `/servers/${jump}/access`, { userId: ids.super, role: 'admin' });
      await fixture.as('super', 'POST', `/servers/${own}/transfer`, { userId: ids.super });
      expect(await show('super', own)).toMatchObject({ jumpServerId: jump, jumpServerRemoved: false });
      expect((await run('super', own)).json().stdout).toBe('through\n');
    });

    test('a command that runs through the jump server ends with 503 when the role is revoked', async () => {
      const running = fixture.as('admin', 'POST', `/servers/${own}/exec`, { command: 'echo on; sleep 60' });
      await fixture.as('owner', 'DELETE', `/servers/${jump}/access/${ids.admin}`);
      expect((await running).statusCode).toBe(503);
    });

    test('after the jump server is removed, nothing connects directly until the admin chooses a route', async () => {
      const removed = await fixture.as('owner', 'DELETE', `/servers/${jump}`);
      expect(removed.statusCode).toBe(204);
      expect(await show('admin', own)).toMatchObject({
        ...{ jumpServerId: null, jumpServerRemoved: true },
        status: { state: 'unreachable', reasons: [expect.stringContaining('jump server was removed')] },
      });
      expect((await testOf('admin', own)).failure).toMatchObject({
        kind: 'jump',
        message: 'Its jump server was removed. Choose another one, or save a direct connection.',
      });
      expect((await run('admin', own)).statusCode).toBe(503);
      const chosen = await fixture.as('admin', 'PUT', `/servers/${own}`, { jumpServerId: null });
      expect(chosen.json().server).toMatchObject({ jumpServerId: null, jumpServerRemoved: false });
      expect((await run('admin', own)).json().stdout).toBe('through\n');
    });
  },
);

describe('jump servers and servers of other people', () => {
  test('removing or redirecting a private jump server shows nobody the name of a server behind it', async () => {
    const jump = await fixture.newServer({ name: 'bastion' });
    const other = await fixture.newServer({ name: 'other bastion' });
    await add('admin', { jumpServerId: jump });
    const led = await fixture.as('owner', 'PUT', `/servers/${jump}`, { jumpServerId: other });
    expect(led.statusCode).toBe(400);
    expect(led.body).not.toContain('Nightingale');
    const removed = await fixture.as('owner', 'DELETE', `/servers/${jump}`);
    expect(removed.body).not.toContain('Nightingale');
    expect(removed.statusCode).toBe(204);
  });

  test('address and login of a hidden jump server are in no answer about the server behind it', async () => {
    const port = await freePort();
    const jump = await fixture.newServer({ port, username: 'gatekeeper' });
    const behind = await add('owner', { jumpServerId: jump });
    await fixture.as('owner', 'POST', `/servers/${behind}/access`, { userId: ids.stranger, role: 'admin' });
    const texts = [
      JSON.stringify(await testOf('stranger', behind)),
      (await run('stranger', behind)).body,
      (await fixture.as('stranger', 'POST', `/servers/${behind}/check`)).body,
      (await fixture.as('stranger', 'GET', '/alerts')).body,
      JSON.stringify(await show('stranger', behind)),
      (await fixture.as('stranger', 'GET', `/servers/${behind}/openclaw/status`)).body,
      (await fixture.as('stranger', 'POST', '/servers/host-key', { host: '127.0.0.1', jumpServerId: jump }))
        .body,
    ];
    for (const text of texts) expect(text).not.toMatch(new RegExp(`${port}|gatekeeper`));
    expect(texts[0]).toContain('jump server');
  });

  test('only an admin of the jump server may set it, and only for an owner who is admin there', async () => {
    const jump = await fixture.newServer({ name: 'bastion' });
    const behind = await add('stranger', {});
    await fixture.as('stranger', 'POST', `/servers/${behind}/access`, { userId: ids.admin, role: 'admin' });
    const change = { jumpServerId: jump, password: 'y' };
    const led = await fixture.as('admin', 'PUT', `/servers/${behind}`, change);
    expect([led.statusCode, led.json().details?.[0].path]).toEqual([400, 'jumpServerId']);
    await fixture.as('owner', 'POST', `/servers/${jump}/access`, { userId: ids.stranger, role: 'admin' });
    expect((await fixture.as('admin', 'PUT', `/servers/${behind}`, change)).statusCode).toBe(200);
  });
});
