// People without access: strangers on Telegram, disabled people, and people who want more than their share.
import { createHash } from 'node:crypto';
import path from 'node:path';
import { contract, type EndpointKey } from '@buoy/contract';
import type { LightMyRequestResponse } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { BOT_TOKEN, forgeInitData } from '../../../testbed/forge-init-data.ts';
import { openDatabase } from '../../src/db/database.ts';
import { type LoopbackSshd, noSshd, startLoopbackSshd } from '../../src/ssh/testing/loopback-sshd.ts';
import { type AccessFixture, ids, type Person, prepareAccessFixture } from '../support/access-fixture.ts';
import { auditLogOf } from '../support/audit-log.ts';
import { minimumRoles } from '../support/minimum-roles.ts';
import { SUPER_ID, startTestBuoy, type TestBuoy } from '../support/test-buoy.ts';

const machine = { host: '127.0.0.1', port: 1, username: 'root', authType: 'password', password: 'x' };

/** Endpoints for a signed-in person who is not approved yet. */
const openToPending: ReadonlySet<string> = new Set<EndpointKey>([
  'GET /me',
  'GET /me/notification-prefs',
  'PUT /me/notification-prefs',
  'POST /invites/accept',
  'POST /auth/logout',
]);
const keys = Object.keys(contract) as EndpointKey[];

const refusal = ({ statusCode, body }: LightMyRequestResponse) => [statusCode, JSON.parse(body).code];
const signInBody = (id: number, name: string) => ({
  initData: forgeInitData({ id, first_name: name }, BOT_TOKEN),
});

describe('stranger on Telegram', () => {
  const STRANGER = 12_345;
  let running: TestBuoy;
  let superToken: string;
  let stranger: string;
  let serverId: string;
  beforeAll(async () => {
    running = await startTestBuoy({ SIGN_UP: 'approval' });
    superToken = await running.signIn(SUPER_ID);
    serverId = await addServer(superToken).then((answer) => answer.json().server.id);
    const answer = await running.call('POST', '/auth/telegram', { body: signInBody(STRANGER, 'Anna') });
    expect(answer.statusCode).toBe(200);
    stranger = answer.json().token;
  });
  afterAll(() => running.close());

  const addServer = (token: string) =>
    running.call('POST', '/servers', { token, body: { name: 'mine', ...machine } });
  const urlOf = (key: EndpointKey, id: string) =>
    key
      .slice(key.indexOf(' ') + 1)
      .replace(':id', id)
      .replace(/:\w+/g, 'not-there');
  const methodOf = (key: EndpointKey) => key.slice(0, key.indexOf(' ')) as 'GET' | 'POST';

  test('gets a message with whom to ask when adding a server, and nothing is added', async () => {
    const answer = await addServer(stranger);
    expect(refusal(answer)).toEqual([403, 'not_approved']);
    expect(answer.json().error).toContain('"Anna (id 12345) asks for access."');
    expect(answer.json().hint).toContain('invite');
    const { servers } = (await running.call('GET', '/servers', { token: superToken })).json();
    expect(servers).toHaveLength(1);
  });

  test('gets not_approved from all but five endpoints, whatever path and body they send', async () => {
    const closed = keys.filter((key) => minimumRoles[key] !== 'public' && !openToPending.has(key));
    expect(closed.length).toBeGreaterThan(100);
    // Reading this body would answer 413.
    const tooLarge = { nonsense: 'x'.repeat(1_100_000) };
    const answered = [];
    for (const key of closed)
      for (const id of [serverId, 'not-there'])
        for (const method of key.startsWith('GET ') ? (['GET', 'HEAD'] as const) : [methodOf(key)]) {
          const answer = await running.call(method, urlOf(key, id), {
            token: stranger,
            ...(key.startsWith('GET ') || id !== serverId ? {} : { body: tooLarge }),
          });
          const code = method === 'HEAD' ? 'not_approved' : answer.json().code;
          if (answer.statusCode !== 403 || code !== 'not_approved')
            answered.push(`${method} ${key} of ${id}: ${answer.statusCode} ${code}`);
        }
    expect(answered).toEqual([]);
  });

  test('gets no further with an API token from before', async () => {
    const secret = 'buoy_a-token-from-before-approval-was-asked-for';
    const database = await openDatabase({ engine: 'sqlite', file: path.join(running.dataDir, 'buoy.db') });
    await database.db
      .insertInto('apiTokens')
      .values({
        ...{ id: 'tok_before', userId: String(STRANGER), name: 'before', scopes: '["admin"]' },
        ...{ createdAt: new Date().toISOString(), lastUsedAt: null, expiresAt: null },
        secretHash: createHash('sha256').update(secret).digest('hex'),
      })
      .execute();
    await database.close();
    expect((await running.call('GET', '/me', { token: secret })).statusCode).toBe(200);
    for (const url of ['/servers', '/servers/events', `/servers/${serverId}`, '/inbox'])
      expect(refusal(await running.call('GET', url, { token: secret }))).toEqual([403, 'not_approved']);
    expect(refusal(await addServer(secret))).toEqual([403, 'not_approved']);
  });

  test('cannot approve the sign-in of a terminal', async () => {
    const { userCode } = (await running.call('POST', '/auth/device')).json();
    const answer = await running.call('POST', '/auth/device/approve', {
      token: stranger,
      body: { userCode },
    });
    expect(refusal(answer)).toEqual([403, 'not_approved']);
  });
});

describe('flood of strangers at the inbox of the super-admins', () => {
  const FLOOD = 70;
  let running: TestBuoy;
  let superToken: string;
  beforeAll(async () => {
    running = await startTestBuoy({ SIGN_UP: 'approval' });
    superToken = await running.signIn(SUPER_ID);
  });
  afterAll(() => running.close());

  const requests = async () =>
    (await running.call('GET', '/inbox', { token: superToken })).json().accessRequests as Array<{
      userId: string;
      name: string;
      requestedAt: string;
    }>;
  const decide = (userId: string, verb: string) =>
    running.call('POST', `/admin/users/${userId}/${verb}`, { token: superToken });

  test('repeated sign-ins at once give nobody access and leave one request each, fifty at most', async () => {
    const people = Array.from({ length: FLOOD }, (_, index) => 5_000 + index);
    for (const launch of [0, 1, 2])
      await Promise.all(
        people.map((id) => running.call('POST', '/auth/telegram', { body: signInBody(id, `Me ${launch}`) })),
      );
    const token = await running.signIn(people[0] ?? 0);
    expect(refusal(await running.call('GET', '/servers', { token }))).toEqual([403, 'not_approved']);
    const asked = await requests();
    expect(asked).toHaveLength(50);
    expect(new Set(asked.map(({ userId }) => userId)).size).toBe(50);
  });

  test('refused people free their place and cannot ask again at once; people beyond the limit can be approved by id', async () => {
    const [first, second] = await requests();
    const refused = first?.userId ?? '';
    expect((await decide(refused, 'refuse')).statusCode).toBe(200);
    await running.signIn(Number(refused));
    expect(await requests()).toHaveLength(49);
    expect((await requests()).map(({ userId }) => userId)).not.toContain(refused);

    const late = await running.signIn(8_000);
    expect((await requests()).map(({ userId }) => userId)).toContain('8000');
    const later = await running.signIn(8_001);
    expect((await requests()).map(({ userId }) => userId)).not.toContain('8001');
    expect((await decide('8001', 'approve')).statusCode).toBe(200);
    expect((await running.call('GET', '/servers', { token: later })).statusCode).toBe(200);
    expect((await decide(second?.userId ?? '', 'approve')).statusCode).toBe(200);
    expect((await running.call('GET', '/servers', { token: late })).statusCode).toBe(403);
    expect(await requests()).toHaveLength(49);
  });

  test('strangers cannot list the other requests', async () => {
    expect((await decide('8000', 'approve')).statusCode).toBe(200);
    const token = await running.signIn(8_000);
    const answer = await running.call('GET', '/inbox', { token });
    expect(answer.statusCode).toBe(200);
    expect(answer.json().accessRequests).toEqual([]);
  });

  test('line breaks and bidi characters in a name cannot forge the text for the admin', async () => {
    const name = 'Boss"\n\u202e (id 1) asks for access."\u0000';
    const { token } = (
      await running.call('POST', '/auth/telegram', {
        body: signInBody(9_000, name.replace('\0', '')),
      })
    ).json();
    const { error } = (await running.call('GET', '/servers', { token })).json();
    expect(error).not.toMatch(/[\n\u202e]/);
    expect(error).toMatch(/\(id 9000\) asks for access\."$/);
  });
});

describe('disabled person', () => {
  let fixture: AccessFixture;
  let url: string;
  let serverId: string;
  beforeAll(async () => {
    fixture = await prepareAccessFixture({ SIGN_UP: 'approval' });
    url = await fixture.running.buoy.app.listen({ host: '127.0.0.1', port: 0 });
    await fixture.as('super', 'POST', `/admin/users/${ids.owner}/approve`);
    serverId = await fixture.newServer();
  });
  afterAll(() => fixture.running.close());

  const call: TestBuoy['call'] = (...input) => fixture.running.call(...input);
  const turn = (verb: 'disable' | 'enable', person: Person = 'admin') =>
    fixture.as('super', 'POST', `/admin/users/${ids[person]}/${verb}`);
  const signsIn = (person: Person) =>
    call('POST', '/auth/telegram', { body: signInBody(Number(ids[person]), person) });

  test('cannot use any token, refresh cookie, API token, link or device from before, nor sign in again; enabling restores none of them', async () => {
    const signedIn = await signsIn('admin');
    const { token } = signedIn.json();
    const cookie = String(signedIn.headers['set-cookie']).split(';')[0] ?? '';
    const made = await call('POST', '/me/tokens', { token, body: { name: 'kept', scopes: ['admin'] } });
    const apiToken: string = made.json().token.secret;
    const link = await fixture.running.buoy.signInLinks.fromMachine(ids.admin).then(({ code }) => code);
    const device = (await call('POST', '/auth/device')).json();
    await call('POST', '/auth/device/approve', { token, body: { userCode: device.userCode } });
    const ticket = await call('POST', `/servers/${serverId}/terminal/ticket`, { token });
    expect(ticket.statusCode).toBe(201);

    const disabled = await turn('disable');
    expect(disabled.statusCode).toBe(200);
    expect(disabled.json().user).toMatchObject({ id: ids.admin, status: 'disabled' });

    const { deviceCode } = device;
    const tries = {
      token: await call('GET', '/servers', { token }),
      apiToken: await call('GET', '/servers', { token: apiToken }),
      ticket: await call('GET', `/servers/${serverId}/terminal?ticket=${ticket.json().ticket.value}`),
      refresh: await call('POST', '/auth/refresh', { headers: { cookie } }),
      telegram: await signsIn('admin'),
      device: await call('POST', '/auth/device/token', { body: { deviceCode } }),
    };
    expect(Object.fromEntries(Object.entries(tries).map(([way, answer]) => [way, refusal(answer)]))).toEqual({
      token: [401, 'session_revoked'],
      apiToken: [401, 'unauthenticated'],
      ticket: [401, 'session_revoked'],
      refresh: [403, 'account_disabled'],
      telegram: [403, 'account_disabled'],
      device: [403, 'account_disabled'],
    });
    const anotherLink = await call('POST', '/auth/link', { body: { code: link } });
    expect(refusal(anotherLink)).toEqual([403, 'account_disabled']);

    expect((await turn('enable')).statusCode).toBe(200);
    expect((await call('GET', '/servers', { token })).statusCode).toBe(401);
    expect((await call('GET', '/servers', { token: apiToken })).statusCode).toBe(401);
    expect((await call('POST', '/auth/refresh', { headers: { cookie } })).statusCode).toBe(401);
    expect((await call('POST', '/auth/link', { body: { code: link } })).statusCode).toBe(401);
    expect((await call('POST', '/auth/device/token', { body: { deviceCode } })).statusCode).toBe(401);
    expect((await signsIn('admin')).statusCode).toBe(200);
  });

  test('receives nothing more from an open event stream', async () => {
    const { token } = (await signsIn('viewer')).json();
    const response = await fetch(`${url}/api/servers/events`, {
      headers: { authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(20_000),
    });
    const reader = (response.body ?? expect.unreachable()).pipeThrough(new TextDecoderStream()).getReader();
    expect((await reader.read()).value).toContain('event: ');
    expect((await turn('disable', 'viewer')).statusCode).toBe(200);
    const disabledAt = Date.now();
    while (!(await reader.read()).done);
    expect(Date.now() - disabledAt).toBeLessThan(5_000);
    await turn('enable', 'viewer');
  });

  test('their invites are over, also once they are enabled again', async () => {
    const invite = (
      await fixture.as('owner', 'POST', `/servers/${serverId}/invites`, { role: 'viewer' })
    ).json();
    const code = String(invite.invite.url).split('#code=')[1] ?? '';
    expect((await turn('disable', 'owner')).statusCode).toBe(200);
    expect((await fixture.as('stranger', 'POST', '/invites/accept', { code })).statusCode).toBe(404);
    expect((await turn('enable', 'owner')).statusCode).toBe(200);
    expect((await fixture.as('stranger', 'POST', '/invites/accept', { code })).statusCode).toBe(404);
  });

  test('their servers stay available to the people who share them', async () => {
    const owner = await signsIn('owner');
    expect((await turn('disable', 'owner')).statusCode).toBe(200);
    const { token } = (await signsIn('viewer')).json();
    expect((await call('GET', `/servers/${serverId}`, { token })).statusCode).toBe(200);
    expect(await fixture.rolesOn(serverId)).toMatchObject({ [ids.owner]: 'owner' });
    await turn('enable', 'owner');
    expect((await call('GET', '/servers', { token: owner.json().token })).statusCode).toBe(401);
  });

  test('audit log holds every step', async () => {
    const entries = (await auditLogOf(fixture.running, fixture.tokens.super)).filter(({ action }) =>
      action.startsWith('POST /admin/users/:id/'),
    );
    expect(entries.map(({ userId }) => userId)).toEqual(entries.map(() => ids.super));
    expect(entries.map(({ target }) => target)).toContain(ids.viewer);
    expect(new Set(entries.map(({ action }) => action.split('/').at(-1)))).toEqual(
      new Set(['approve', 'disable', 'enable']),
    );
  });

  describe.skipIf(noSshd !== null)(`open terminal${noSshd === null ? '' : ` (${noSshd})`}`, () => {
    let sshd: LoopbackSshd;
    beforeAll(async () => {
      sshd = await startLoopbackSshd();
    });
    afterAll(() => sshd?.stop());

    test('loses the shell within seconds', async () => {
      const { port, username, privateKey } = sshd;
      const { token } = (await signsIn('owner')).json();
      const created = await call('POST', '/servers', {
        token,
        body: { name: 'with a shell', host: '127.0.0.1', port, username, authType: 'key', privateKey },
      });
      const id: string = created.json().server.id;
      const ticket = await call('POST', `/servers/${id}/terminal/ticket`, { token });
      const query = new URLSearchParams({ ticket: ticket.json().ticket.value });
      const socket = new WebSocket(`${url.replace('http', 'ws')}/api/servers/${id}/terminal?${query}`);
      const closed = new Promise<number>((resolve) => socket.once('close', resolve));
      await new Promise<void>((resolve, reject) => {
        socket.once('error', reject);
        socket.on('message', (data, isBinary) => {
          if (!isBinary && String(data).includes('"ready"')) resolve();
        });
      });
      expect((await turn('disable', 'owner')).statusCode).toBe(200);
      const disabledAt = Date.now();
      await closed;
      expect(Date.now() - disabledAt).toBeLessThan(5_000);
      await turn('enable', 'owner');
    });
  });
});

describe('limit of servers per person', () => {
  const LIMIT = 3;
  let fixture: AccessFixture;
  let sourceId: string;
  beforeAll(async () => {
    fixture = await prepareAccessFixture({ SIGN_UP: 'approval', MAX_SERVERS_PER_USER: String(LIMIT) });
    await fixture.as('super', 'POST', `/admin/users/${ids.owner}/approve`);
    // Super-admins may own any number, and the server to be transferred is theirs.
    for (const name of ['one', 'two', 'three', 'four'])
      sourceId = (await fixture.as('super', 'POST', '/servers', { name, ...machine })).json().server.id;
    await fixture.as('super', 'POST', `/servers/${sourceId}/access`, { userId: ids.owner, role: 'admin' });
  });
  afterAll(() => fixture.running.close());

  const owned = async (person: Person) => {
    const { servers } = (await fixture.as(person, 'GET', '/servers')).json();
    return servers.filter(({ role }: { role: string }) => role === 'owner').length;
  };

  test('adding and cloning at once succeeds up to the limit; the rest is refused with a message', async () => {
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, index) =>
        index % 2 === 0
          ? fixture.as('owner', 'POST', '/servers', { name: `added ${index}`, ...machine })
          : fixture.as('owner', 'POST', `/servers/${sourceId}/clone`, {
              name: `cloned ${index}`,
              ...machine,
            }),
      ),
    );
    expect(answers.filter(({ statusCode }) => statusCode === 201)).toHaveLength(LIMIT);
    const refused = answers.filter(({ statusCode }) => statusCode !== 201);
    for (const answer of refused) expect(refusal(answer)).toEqual([409, 'conflict']);
    expect(refused[0]?.json()).toMatchObject({
      error: 'You have added 3 servers already, and one person may add no more.',
      hint: expect.stringContaining('MAX_SERVERS_PER_USER'),
    });
    expect(await owned('owner')).toBe(LIMIT);
  });

  test('a person who has added as many may still be given as many again, and then no more', async () => {
    const { servers } = (await fixture.as('super', 'GET', '/servers')).json();
    const byName = (name: string) => servers.find((server: { name: string }) => server.name === name).id;
    const transfer = (name: string) =>
      fixture.as('super', 'POST', `/servers/${byName(name)}/transfer`, { userId: ids.owner });
    for (const name of ['one', 'two', 'four']) expect((await transfer(name)).statusCode).toBe(200);
    expect(refusal(await transfer('three'))).toEqual([409, 'conflict']);
    expect(await owned('owner')).toBe(2 * LIMIT);
    expect(refusal(await fixture.as('owner', 'POST', '/servers', { name: 'more', ...machine }))).toEqual([
      ...[409, 'conflict'],
    ]);
  });

  test('a person without the right to add servers can neither add nor clone, and keeps the existing ones', async () => {
    const right = (mayAddServers: boolean) =>
      fixture.as('super', 'PUT', `/admin/users/${ids.owner}`, { mayAddServers });
    expect((await right(false)).json().user).toMatchObject({ mayAddServers: false, approved: true });
    const add = () => fixture.as('owner', 'POST', '/servers', { name: 'another', ...machine });
    const clone = () =>
      fixture.as('owner', 'POST', `/servers/${sourceId}/clone`, { name: 'another', ...machine });
    expect(refusal(await add())).toEqual([403, 'forbidden']);
    expect(refusal(await clone())).toEqual([403, 'forbidden']);
    expect((await fixture.as('owner', 'GET', `/servers/${sourceId}`)).statusCode).toBe(200);
    expect((await right(true)).json().user).toMatchObject({ mayAddServers: true });
    expect(refusal(await add())).toEqual([409, 'conflict']);
  });
});
