// Cloning a server: which settings it copies, who owns the clone, and which secrets stay behind.
import { generateKeyPairSync } from 'node:crypto';
import path from 'node:path';
import BetterSqlite from 'better-sqlite3';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { loadConfig } from '../src/config.ts';
import { openCredential } from '../src/servers/credential.ts';
import { type LoopbackSshd, noSshd, startLoopbackSshd } from '../src/ssh/testing/loopback-sshd.ts';
import { createVault } from '../src/vault/vault.ts';
import { type AccessFixture, ids, type Person, prepareAccessFixture } from './support/access-fixture.ts';

let fixture: AccessFixture;
let serverId: string;
beforeAll(async () => {
  fixture = await prepareAccessFixture();
});
afterAll(() => fixture.running.close());

const newKey = () =>
  generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
let clones = 0;
const clone = (body: object, by: Person = 'owner') => {
  clones += 1;
  return fixture.as(by, 'POST', `/servers/${serverId}/clone`, {
    ...{ name: `clone ${clones}`, host: '127.0.0.1', ...body },
  });
};

/** What Buoy uses to log in. */
const credentialOf = (id: string) => {
  const { dataDir } = fixture.running;
  const database = new BetterSqlite(path.join(dataDir, 'buoy.db'), { readonly: true });
  try {
    const { credential } = database.prepare('select credential from servers where id = ?').get(id) as {
      credential: string;
    };
    return openCredential(createVault(loadConfig({ DATA_DIR: dataDir }).vaultKeys), id, credential);
  } finally {
    database.close();
  }
};

describe('cloning a server with a password', () => {
  beforeEach(async () => {
    serverId = await fixture.newServer({ tags: ['prod', 'eu'], username: 'deploy' });
  });

  test('returns 201 when the owner who entered the password clones the same address: everything not given is copied', async () => {
    const cloned = await clone({ name: 'second' });
    expect(cloned.statusCode).toBe(201);
    const { server } = cloned.json();
    expect(server).toMatchObject({
      ...{ name: 'second', host: '127.0.0.1', port: 1, username: 'deploy', authType: 'password' },
      ...{ tags: ['prod', 'eu'], jumpServerId: null, hostKey: null, role: 'owner', version: 1 },
    });
    expect(server.id).not.toBe(serverId);
    expect(credentialOf(server.id)).toEqual({ type: 'password', password: 'Stored-pa55word' });
    expect(await fixture.rolesOn(server.id)).toEqual({ [ids.owner]: 'owner' });
    expect(cloned.body).not.toContain('Stored-pa55word');
  });

  test('returns 201 with the given values: another port, login, tags, and a key in place of the password', async () => {
    const privateKey = newKey();
    const cloned = await clone({ port: 2, username: 'root', tags: ['new'], authType: 'key', privateKey });
    expect(cloned.json().server).toMatchObject({ port: 2, username: 'root', tags: ['new'], authType: 'key' });
    expect(credentialOf(cloned.json().server.id)).toEqual({ type: 'key', privateKey, passphrase: null });
  });

  test('returns 201 when an admin clones it with a password of their own: they own the clone, and the source is unchanged', async () => {
    const before = (await fixture.as('owner', 'GET', `/servers/${serverId}`)).json();
    const { server } = (await clone({ name: "the admin's", password: 'of-the-admin' }, 'admin')).json();
    expect(server.role).toBe('owner');
    expect(await fixture.rolesOn(server.id)).toEqual({ [ids.admin]: 'owner' });
    expect((await fixture.as('owner', 'GET', `/servers/${server.id}`)).statusCode).toBe(404);
    const { status: _, ...after } = (await fixture.as('owner', 'GET', `/servers/${serverId}`)).json().server;
    expect(before.server).toMatchObject(after);
  });

  test.each([
    ['an admin', 'the same address', 'admin', {}],
    ['an admin', 'another host', 'admin', { host: '127.0.0.2' }],
    ['an admin', 'another port', 'admin', { port: 2 }],
    ['a super-admin', 'the same address', 'super', {}],
    ['the owner', 'another host', 'owner', { host: '127.0.0.2' }],
    ['the owner', 'another login', 'owner', { username: 'root' }],
  ] as const)(
    'returns 400 when %s would send the stored password to %s; 201 with a password of their own',
    async (_who, _where, person, change) => {
      const refused = await clone(change, person);
      expect(refused.statusCode).toBe(400);
      expect(refused.json()).toMatchObject({ code: 'invalid_request', details: [{ path: 'password' }] });
      const cloned = await clone({ ...change, password: 'their-own' }, person);
      expect(cloned.statusCode).toBe(201);
      expect(credentialOf(cloned.json().server.id)).toEqual({ type: 'password', password: 'their-own' });
    },
  );

  test('returns 400 when the owner did not enter the password: after a transfer, and after an admin entered another one', async () => {
    await fixture.as('admin', 'PUT', `/servers/${serverId}`, { password: 'of-the-admin' });
    expect((await clone({})).json().details[0].path).toBe('password');
    await fixture.as('owner', 'PUT', `/servers/${serverId}`, { password: 'of-the-owner' });
    expect((await clone({})).statusCode).toBe(201);
    await fixture.as('owner', 'POST', `/servers/${serverId}/transfer`, { userId: ids.admin });
    expect((await clone({}, 'admin')).json().details[0].path).toBe('password');
    expect((await clone({}, 'owner')).json().details[0].path).toBe('password');
  });

  test('returns 403 when a viewer clones it, 404 when a stranger does', async () => {
    expect((await clone({ password: 'x' }, 'viewer')).statusCode).toBe(403);
    expect((await clone({ password: 'x' }, 'stranger')).statusCode).toBe(404);
  });

  test.each([
    ['no name', { name: undefined }, 'name'],
    ['no host', { host: undefined }, 'host'],
    ['a key without changing authType', { privateKey: 'x' }, 'privateKey'],
    ['the kind "key" without a key', { authType: 'key' }, 'privateKey'],
    ['a host key that is not a fingerprint', { hostKey: 'ssh-ed25519 AAAA' }, 'hostKey'],
    ['an unknown field', { pinned: null }, ''],
  ])('returns 400 with %s', async (_, body, field) => {
    const refused = await clone(body);
    expect(refused.statusCode).toBe(400);
    expect(refused.json().details[0].path).toBe(field);
  });

  test('returns 400 when a key cannot be read', async () => {
    const refused = await clone({ authType: 'key', privateKey: 'not a key' });
    expect([refused.statusCode, refused.json().code]).toEqual([400, 'key_format']);
  });

  test('one audit entry, on the new server, names the old one and holds no secret', async () => {
    const { server } = (await clone({ name: 'audited', password: 'Brought-pa55word' }, 'admin')).json();
    const log = await fixture.auditLog();
    const entries = log.filter(({ serverId: of }) => of === server.id);
    expect(entries).toMatchObject([
      { action: 'POST /servers/:id/clone', userId: ids.admin, target: 'audited', result: 'ok' },
    ]);
    expect(entries[0]?.details).toMatchObject({ source: serverId });
    expect(JSON.stringify(log)).not.toMatch(/Brought-pa55word|Stored-pa55word/);
  });
});

describe('cloning a server with a key', () => {
  const privateKey = newKey();
  beforeEach(async () => {
    serverId = await fixture.newServer({ authType: 'key', password: undefined, privateKey });
  });

  test('returns 201 when the owner who entered it clones the same address: the key is copied', async () => {
    const { server } = (await clone({})).json();
    expect(server.authType).toBe('key');
    expect(credentialOf(server.id)).toEqual({ type: 'key', privateKey, passphrase: null });
  });

  test('returns 400 when an admin would use the stored key on another machine; 201 with a key of their own', async () => {
    const refused = await clone({ host: '127.0.0.2' }, 'admin');
    expect([refused.statusCode, refused.json().details[0].path]).toEqual([400, 'privateKey']);
    const own = newKey();
    const cloned = await clone({ host: '127.0.0.2', privateKey: own }, 'admin');
    expect(credentialOf(cloned.json().server.id)).toMatchObject({ privateKey: own });
  });
});

describe('cloning a server behind a jump host', () => {
  let jumpServerId: string;
  beforeEach(async () => {
    jumpServerId = await fixture.newServer({ name: 'bastion' });
    serverId = await fixture.newServer({ jumpServerId });
  });

  test('returns 201 with the same jump host, with none, and with another one', async () => {
    const password = 'x';
    expect((await clone({})).json().server.jumpServerId).toBe(jumpServerId);
    expect((await clone({ jumpServerId: null, password })).json().server.jumpServerId).toBeNull();
    const other = await fixture.newServer({ name: 'other bastion' });
    expect((await clone({ jumpServerId: other, password })).json().server.jumpServerId).toBe(other);
  });

  test('returns 400 when the caller is not admin of the jump host that would be copied', async () => {
    await fixture.as('owner', 'PUT', `/servers/${jumpServerId}/access/${ids.admin}`, { role: 'viewer' });
    const refused = await clone({ password: 'own' }, 'admin');
    expect([refused.statusCode, refused.json().details[0].path]).toEqual([400, 'jumpServerId']);
    expect((await clone({ jumpServerId: null }, 'admin')).json().details[0].path).toBe('password');
    expect((await clone({ jumpServerId: null, password: 'own' }, 'admin')).statusCode).toBe(201);
  });

  test('returns 400 when the jump host is itself behind one, or does not exist', async () => {
    for (const jumpServerId of [serverId, 'srv_none'])
      expect((await clone({ jumpServerId, password: 'own' })).json().details[0].path).toBe('jumpServerId');
  });
});

describe.skipIf(noSshd !== null)(
  `a clone on a real SSH server${noSshd === null ? '' : ` (${noSshd})`}`,
  () => {
    let sshd: LoopbackSshd;
    beforeAll(async () => {
      sshd = await startLoopbackSshd();
      const { port, username, privateKey } = sshd;
      serverId = await fixture.newServer({
        port,
        username,
        authType: 'key',
        password: undefined,
        privateKey,
      });
      expect((await fixture.as('owner', 'POST', `/servers/${serverId}/test`)).json().ok).toBe(true);
    });
    afterAll(() => sshd.stop());

    test('logs in with the copied key, and copies the pinned host key for the same address', async () => {
      const pinned = (await fixture.as('owner', 'GET', `/servers/${serverId}`)).json().server.hostKey;
      expect(pinned.fingerprint).toMatch(/^SHA256:/);
      const { server } = (await clone({ name: 'same machine' })).json();
      expect(server.hostKey).toEqual(pinned);
      expect((await fixture.as('owner', 'POST', `/servers/${server.id}/test`)).json().ok).toBe(true);
    });

    test('pins no host key for another host name until the first connection', async () => {
      const { server } = (await clone({ host: 'localhost', privateKey: sshd.privateKey })).json();
      expect(server.hostKey).toBeNull();
      const tested = (await fixture.as('owner', 'POST', `/servers/${server.id}/test`)).json();
      expect(tested).toMatchObject({ ok: true, hostKey: { fingerprint: expect.stringMatching(/^SHA256:/) } });
    });
  },
);

describe('changing the address of a server', () => {
  test('returns 400 when an admin sends the stored password to another address; the address stays', async () => {
    const id = await fixture.newServer();
    for (const change of [{ host: 'localhost' }, { port: 2 }, { username: 'deploy' }]) {
      const answer = await fixture.as('admin', 'PUT', `/servers/${id}`, change);
      expect(answer.statusCode).toBe(400);
      expect(answer.json().details).toMatchObject([{ path: 'password' }]);
    }
    expect((await fixture.as('owner', 'GET', `/servers/${id}`)).json().server).toMatchObject({ port: 1 });
  });

  test('returns 200 when the admin also sends the password, changes nothing of the address, or is the owner', async () => {
    const id = await fixture.newServer();
    const put = async (person: 'admin' | 'owner', change: object) =>
      (await fixture.as(person, 'PUT', `/servers/${id}`, change)).statusCode;
    expect(await put('admin', { name: 'renamed', tags: ['a'], host: '127.0.0.1', port: 1 })).toBe(200);
    expect(await put('owner', { port: 2 })).toBe(200);
    expect(await put('admin', { port: 1, password: 'of-the-new-one' })).toBe(200);
    // From here on the password is the admin's, so the owner may not send it elsewhere either.
    expect(await put('owner', { port: 2 })).toBe(400);
    expect(await put('admin', { port: 2 })).toBe(400);
    expect(await put('owner', { port: 2, password: 'of-the-owner' })).toBe(200);
  });
});
