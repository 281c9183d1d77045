// API tokens over HTTP: how one is made and revoked, what each scope allows, and that nothing on disk reveals one.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { contract, type EndpointKey } from '@buoy/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startSilentServer } from '../../testbed/misbehaving-servers.ts';
import { openDatabase } from '../src/db/database.ts';
import { auditLogOf } from './support/audit-log.ts';
import { minimumRoles } from './support/minimum-roles.ts';
import { SUPER_ID, startTestBuoy, type TestBuoy } from './support/test-buoy.ts';

const OWNER = 100;
const MEMBER = 101;
const CROWDED = 102;

let running: TestBuoy;
let owner: string;
let boss: string;

beforeAll(async () => {
  running = await startTestBuoy();
  owner = await running.signIn(OWNER);
  boss = await running.signIn(SUPER_ID);
});
afterAll(() => running.close());

const post = (token: string | null, body: object, headers: Record<string, string> = {}) =>
  running.call('POST', '/me/tokens', { token, body, headers });

type CreatedToken = { id: string; secret: string };
const make = async (scopes: string[], token = owner, more: object = {}): Promise<CreatedToken> => {
  const response = await post(token, { name: `for ${scopes}`, scopes, ...more });
  expect(response.statusCode).toBe(201);
  return response.json().token;
};
const revoke = (id: string, token = owner) => running.call('DELETE', `/me/tokens/${id}`, { token });
const me = (token: string) => running.call('GET', '/me', { token });

let serverCount = 0;
const newServer = async (changes: object = {}): Promise<string> => {
  serverCount += 1;
  const response = await running.call('POST', '/servers', {
    token: owner,
    body: {
      ...{
        name: `pot ${serverCount}`,
        host: '127.0.0.1',
        port: 1,
        username: 'root',
        authType: 'password',
        password: 'x',
      },
      ...changes,
    },
  });
  expect(response.statusCode).toBe(201);
  return response.json().server.id;
};

describe('making an API token', () => {
  test('returns 201 with the secret, which no later answer shows', async () => {
    const response = await post(owner, {
      name: 'deploy script',
      scopes: ['read', 'operate'],
      expiresAt: '2999-01-01T00:00:00Z',
    });
    expect(response.statusCode).toBe(201);
    const { secret, ...token } = response.json().token;
    expect(secret).toMatch(/^buoy_[\w-]{43}$/);
    expect(token).toMatchObject({
      name: 'deploy script',
      scopes: ['read', 'operate'],
      lastUsedAt: null,
      expiresAt: '2999-01-01T00:00:00.000Z',
    });
    expect((await me(secret)).json().user.id).toBe(String(OWNER));
    const list = await running.call('GET', '/me/tokens', { token: owner });
    expect(list.json().tokens).toContainEqual({ ...token, lastUsedAt: expect.any(String) });
    expect(list.body).not.toContain(secret.slice('buoy_'.length));
  });

  test('returns 201 with the same token when the call is repeated with its Idempotency-Key', async () => {
    const key = { 'idempotency-key': 'make-one' };
    const body = { name: 'made once', scopes: ['read'] };
    const [first, again] = [await post(owner, body, key), await post(owner, body, key)];
    expect([first.statusCode, again.statusCode]).toEqual([201, 201]);
    expect(again.json()).toEqual(first.json());
    const { tokens } = (await running.call('GET', '/me/tokens', { token: owner })).json();
    expect(tokens.filter(({ name }: { name: string }) => name === 'made once')).toHaveLength(1);
  });

  test.each([
    ['with an expiry in the past', { expiresAt: '2020-01-01T00:00:00Z' }, 'expiresAt'],
    ['with an invalid expiry', { expiresAt: 'tomorrow' }, 'expiresAt'],
    ['without scopes', { scopes: [] }, 'scopes'],
    ['with a scope twice', { scopes: ['read', 'read'] }, 'scopes'],
    ['with an unknown scope', { scopes: ['root'] }, 'scopes.0'],
    ['without a name', { name: ' ' }, 'name'],
  ])('returns 400 with the field for a token %s', async (_what, changes, field) => {
    const response = await post(owner, { name: 'x', scopes: ['read'], ...changes });
    expect(response.statusCode).toBe(400);
    expect(response.json().details.map((one: { path: string }) => one.path)).toContain(field);
  });

  test('returns 403 with a message for the scope "metrics" when the person is not a super-admin, 201 when they are', async () => {
    const refused = await post(owner, { name: 'scraper', scopes: ['metrics'] });
    expect([refused.statusCode, refused.json().error]).toEqual([
      403,
      'Only a super-admin can make a token with the scope "metrics".',
    ]);
    expect((await post(boss, { name: 'scraper', scopes: ['metrics'] })).statusCode).toBe(201);
  });

  test('returns 409 for the fifty-first token, and 201 again when one is revoked', async () => {
    const token = await running.signIn(CROWDED);
    const made = await Promise.all(
      Array.from({ length: 60 }, (_, index) => post(token, { name: `${index}`, scopes: ['read'] })),
    );
    expect(made.filter(({ statusCode }) => statusCode === 201)).toHaveLength(50);
    expect(made.filter(({ statusCode }) => statusCode === 409)).toHaveLength(10);
    const { tokens } = (await running.call('GET', '/me/tokens', { token })).json();
    await revoke(tokens[0].id, token);
    expect((await post(token, { name: 'again', scopes: ['read'] })).statusCode).toBe(201);
  });
});

describe('revoked and expired API tokens', () => {
  test('401 unauthenticated at once for a revoked token and for a made-up one', async () => {
    const { id, secret } = await make(['admin']);
    expect((await me(secret)).statusCode).toBe(200);
    expect((await revoke(id)).statusCode).toBe(204);
    for (const gone of [secret, `buoy_${'A'.repeat(43)}`, 'buoy_']) {
      const response = await me(gone);
      expect([response.statusCode, response.json().code]).toEqual([401, 'unauthenticated']);
    }
  });

  test('401 token_expired after the expiry', async () => {
    const { id, secret } = await make(['read'], owner, { expiresAt: '2999-01-01T00:00:00Z' });
    const { db, close } = await openDatabase({
      engine: 'sqlite',
      file: path.join(running.dataDir, 'buoy.db'),
    });
    await db
      .updateTable('apiTokens')
      .set({ expiresAt: new Date(Date.now() - 1).toISOString() })
      .where('id', '=', id)
      .execute();
    await close();
    const response = await me(secret);
    expect([response.statusCode, response.json().code]).toEqual([401, 'token_expired']);
  });

  test("returns 404 when another person revokes it, or when it is already revoked; another person's attempt leaves it valid", async () => {
    const { id, secret } = await make(['read']);
    expect((await revoke(id, boss)).statusCode).toBe(404);
    expect((await me(secret)).statusCode).toBe(200);
    await revoke(id);
    expect((await revoke(id)).statusCode).toBe(404);
  });

  test('returns 200 after the session that made it is signed out: a token does not depend on its session', async () => {
    const session = await running.signIn(OWNER);
    const { id, secret } = await make(['read'], session);
    await running.call('POST', '/auth/logout', { token: session });
    expect((await me(session)).statusCode).toBe(401);
    expect((await me(secret)).statusCode).toBe(200);
    await revoke(id);
    expect((await me(secret)).statusCode).toBe(401);
  });

  test('returns 404 at once for a server on which its person lost the role', async () => {
    const serverId = await newServer();
    await running.grant(serverId, String(MEMBER), 'admin');
    const { secret } = await make(['admin'], await running.signIn(MEMBER));
    const getServer = () => running.call('GET', `/servers/${serverId}`, { token: secret });
    expect((await getServer()).statusCode).toBe(200);
    await running.call('DELETE', `/servers/${serverId}/access/${MEMBER}`, { token: owner });
    expect((await getServer()).statusCode).toBe(404);
    expect((await running.call('GET', '/servers', { token: secret })).json().servers).toEqual([]);
  });

  test('revoking ends an open stream over a real socket, while the task it follows goes on', async () => {
    // Accepts connections and stays silent, so that a task on this server keeps running.
    const silent = await startSilentServer();
    const url = await running.buoy.app.listen({ host: '127.0.0.1', port: 0 });
    const serverId = await newServer({ port: silent.port });
    const started = await running.call('POST', `/servers/${serverId}/openclaw/restart`, { token: owner });
    const taskId: string = started.json().task.id;
    const open = async (token: string) => {
      const response = await fetch(`${url}/api/tasks/${taskId}/events`, {
        headers: { authorization: `Bearer ${token}` },
        signal: AbortSignal.timeout(20_000),
      });
      expect(response.status).toBe(200);
      const reader = (response.body ?? expect.unreachable()).getReader();
      await reader.read();
      return reader;
    };
    const [revoked, kept] = [await make(['read']), await make(['read'])];
    const stream = await open(revoked.secret);
    const other = await open(kept.secret);
    let otherEnded = false;
    void other.closed.then(
      () => {
        otherEnded = true;
      },
      () => undefined,
    );
    await revoke(revoked.id);
    while (!(await stream.read()).done);
    expect(otherEnded).toBe(false);
    const { task } = (await running.call('GET', `/tasks/${taskId}`, { token: owner })).json();
    expect(['queued', 'running']).toContain(task.status);
    await running.call('POST', `/tasks/${taskId}/cancel`, { token: owner });
    while (!(await other.read()).done);
    await silent.stop();
  });
});

describe("scopes of an owner's token", () => {
  let serverId: string;
  beforeAll(async () => {
    serverId = await newServer();
  });
  const machine = {
    ...{ name: 'by token', host: '127.0.0.1', port: 1, username: 'root' },
    ...{ authType: 'password', password: 'x' },
  };
  type Call = [method: 'GET' | 'POST' | 'PUT' | 'DELETE', url: string, body?: object];
  const reads: Call[] = [
    ['GET', '/me'],
    ['GET', '/me/sessions'],
    ['GET', '/me/tokens'],
    ['GET', '/servers'],
    ['GET', '/servers/ID'],
    ['GET', '/tasks'],
    ['GET', '/tasks/active-server?serverId=ID'],
  ];
  const operates: Call[] = [
    ['GET', '/servers/ID/access'],
    ['PUT', '/servers/ID', { name: 'renamed' }],
    ['POST', '/servers', machine],
    ['POST', '/servers/ID/test'],
    ['POST', '/servers/ID/exec', { command: 'true' }],
    ['PUT', '/me/notification-prefs', { minSeverity: 'critical' }],
  ];
  const owns: Call[] = [
    ['GET', '/servers/ID/invites'],
    ['POST', '/servers/ID/invites', { role: 'viewer' }],
    ['POST', '/servers/ID/access', { userId: '999', role: 'viewer' }],
    ['DELETE', '/servers/ID'],
  ];
  const takesAPerson: Call[] = [
    ['POST', '/me/tokens', { name: 'another', scopes: ['read'] }],
    ['DELETE', '/me/tokens/tok_1'],
    ['DELETE', '/me/sessions/ses_1'],
    ['PUT', '/me', { displayName: 'Mallory' }],
    ['POST', '/me/sign-in-link'],
    ['DELETE', '/me/sign-in-link'],
    ['POST', '/me/passkeys/options'],
    ['POST', '/me/passkeys', { name: 'another', credential: {} }],
    ['DELETE', '/me/passkeys/pky_1'],
    ['POST', '/auth/logout'],
    ['GET', '/auth/device?userCode=BCDF-GHJK'],
    ['POST', '/auth/device/approve', { userCode: 'BCDF-GHJK' }],
  ];
  const statuses = async (calls: Call[], token: string) => {
    const answers: Record<string, number> = {};
    for (const [method, url, body] of calls) {
      const { statusCode } = await running.call(method, url.replace('ID', serverId), { token, body });
      answers[`${method} ${url}`] = statusCode;
    }
    return answers;
  };
  const all = (calls: Call[], status: number) =>
    Object.fromEntries(calls.map(([method, url]) => [`${method} ${url}`, status]));

  test('with "read": reads, and 403 for everything that changes or runs something', async () => {
    const { secret } = await make(['read']);
    expect(await statuses(reads, secret)).toEqual(all(reads, 200));
    const closed = [...operates, ...owns, ...takesAPerson];
    expect(await statuses(closed, secret)).toEqual(all(closed, 403));
    const { name } = (await running.call('GET', `/servers/${serverId}`, { token: owner })).json().server;
    expect(name).toMatch(/^pot/);
  });

  test('with "operate": also everything an admin of the server may do, and 403 for what only the owner may do', async () => {
    const { secret } = await make(['operate']);
    expect(await statuses(reads, secret)).toEqual(all(reads, 200));
    expect(await statuses(operates, secret)).toEqual({
      'GET /servers/ID/access': 200,
      'PUT /servers/ID': 200,
      'POST /servers': 201,
      'POST /servers/ID/test': 200,
      // Authorized: nothing listens there.
      'POST /servers/ID/exec': 503,
      'PUT /me/notification-prefs': 200,
    });
    const closed = [...owns, ...takesAPerson];
    expect(await statuses(closed, secret)).toEqual(all(closed, 403));
    expect((await running.call('GET', '/admin/audit', { token: secret })).statusCode).toBe(403);
  });

  test('with "admin": everything the owner may do, and 403 for what requires a sign-in or a super-admin', async () => {
    const { secret } = await make(['admin']);
    expect(await statuses(takesAPerson, secret)).toEqual(all(takesAPerson, 403));
    expect((await running.call('GET', '/admin/audit', { token: secret })).statusCode).toBe(403);
    expect((await running.call('GET', '/metrics', { token: secret })).statusCode).toBe(403);
    expect(await statuses(owns, secret)).toEqual({
      'GET /servers/ID/invites': 200,
      'POST /servers/ID/invites': 201,
      'POST /servers/ID/access': 201,
      'DELETE /servers/ID': 204,
    });
    const { secret: ofBoss } = await make(['admin'], boss);
    const me = (await running.call('GET', '/me', { token: boss })).json().user.id;
    const link = await running.call('POST', `/admin/users/${me}/sign-in-link`, { token: ofBoss });
    expect([link.statusCode, link.json().code]).toEqual([403, 'forbidden']);
    expect((await running.call('GET', '/admin/audit', { token: ofBoss })).statusCode).toBe(200);
    expect((await running.call('GET', '/metrics', { token: ofBoss })).statusCode).toBe(200);
  });

  test('returns 403 with a message that names the scope', async () => {
    const { secret } = await make(['read', 'metrics'], boss);
    const response = await running.call('POST', '/servers', { token: secret, body: machine });
    expect(response.json().error).toBe(
      'This requires an API token with the scope "operate"; yours has "read", "metrics".',
    );
  });
});

test('returns 200 for a super-admin’s "metrics" token at GET /metrics, and 403 at every other route that is not public', async () => {
  const { secret } = await make(['metrics'], boss);
  expect((await running.call('GET', '/metrics', { token: secret })).statusCode).toBe(200);
  const serverId = await newServer();
  const started = await running.call('POST', `/servers/${serverId}/openclaw/restart`, { token: owner });
  const taskId: string = started.json().task.id;
  const checked = await running.call('POST', `/servers/${serverId}/check`, { token: owner });
  const alertId: string = checked.json().alerts[0].id;
  const keys = (Object.keys(contract) as EndpointKey[]).filter((key) => minimumRoles[key] !== 'public');
  for (const key of keys.filter((key) => key !== 'GET /metrics')) {
    const [method = '', template = ''] = key.split(' ');
    const [, section = ''] = template.split('/');
    const id = { tasks: taskId, alerts: alertId }[section] ?? serverId;
    const url = template.replace(':id', id).replace(/:\w+/g, 'not-there');
    const { statusCode } = await running.call(method as 'GET', url, { token: secret });
    expect([key, statusCode]).toEqual([key, 403]);
  }
});

test('nothing on disk holds a token: neither the database nor any other file of Buoy', async () => {
  const key = { 'idempotency-key': 'at-rest' };
  const { secret } = (await post(owner, { name: 'at rest', scopes: ['read'] }, key)).json().token;
  await me(secret);
  const files = readdirSync(running.dataDir, { recursive: true, withFileTypes: true }).filter((one) =>
    one.isFile(),
  );
  expect(files.map(({ name }) => name)).toContain('buoy.db');
  const bytes = files.map((file) => readFileSync(path.join(file.parentPath, file.name)));
  // Positive control: this search finds what is there.
  expect(bytes.some((content) => content.includes('at rest'))).toBe(true);
  for (const content of bytes) expect(content.includes(secret.slice('buoy_'.length))).toBe(false);
});

test('audit log names which token was made, revoked and used, and never holds a secret', async () => {
  const { id, secret } = await make(['operate'], owner, { name: 'audited 🦞' });
  await running.call('POST', '/servers', { token: secret, body: { nonsense: true } });
  await revoke(id);
  const entries = await auditLogOf(running, boss);
  const revoked = entries.find(({ action }) => action === 'DELETE /me/tokens/:id');
  const acted = entries.find(({ details }) => details?.apiTokenId === id);
  const made = entries.find(({ action }) => action === 'POST /me/tokens');
  expect(made).toMatchObject({
    action: 'POST /me/tokens',
    userId: String(OWNER),
    target: 'audited 🦞',
    result: 'ok',
    details: { id, body: { scopes: ['operate'] } },
  });
  expect(acted).toMatchObject({
    action: 'POST /servers',
    userId: String(OWNER),
    result: 'failed',
    details: { apiTokenId: id },
  });
  expect(revoked).toMatchObject({ action: 'DELETE /me/tokens/:id', target: 'audited 🦞', result: 'ok' });
  expect(JSON.stringify([revoked, acted, made])).not.toContain(secret.slice('buoy_'.length));
});
