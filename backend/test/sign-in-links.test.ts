// Sign-in links and display names for people without Telegram: what super-admins create and what people keep for themselves.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AccessFixture, ids, type Person, prepareAccessFixture } from './support/access-fixture.ts';
import { buoyCommand } from './support/buoy-command.ts';

let fixture: AccessFixture;
beforeAll(async () => {
  fixture = await prepareAccessFixture({ SIGN_UP: 'approval' });
  await fixture.as('super', 'POST', `/admin/users/${ids.owner}/approve`);
  await fixture.newServer();
});
afterAll(() => fixture.running.close());

const codeIn = (url: string) => url.split('#code=')[1] ?? '';
const open = (url: string) => fixture.running.call('POST', '/auth/link', { body: { code: codeIn(url) } });
const invite = async (name: string, more: object = {}) => {
  const answer = await fixture.as('super', 'POST', '/admin/users', { name, ...more });
  expect(answer.statusCode).toBe(201);
  return answer.json<{
    user: { id: string; firstName: string; status: string };
    signInUrl: string | null;
    expiresAt: string | null;
  }>();
};
const linkFor = (id: string, by: Person = 'super') =>
  fixture.as(by, 'POST', `/admin/users/${id}/sign-in-link`);
const me = async (token: string) => (await fixture.running.call('GET', '/me', { token })).json().user;

describe('POST /admin/users', () => {
  test('returns 201 with an approved person and a link that signs them in once, within a day', async () => {
    const { user, signInUrl, expiresAt } = await invite(' Grace Hopper ', { link: true });
    expect(user).toMatchObject({
      id: expect.stringMatching(/^u_/),
      firstName: 'Grace Hopper',
      status: 'active',
    });
    expect(signInUrl).toMatch(/^http:\/\/localhost(:80)?\/sign-in#code=[\w-]{43}$/);
    const hours = (Date.parse(expiresAt ?? '') - Date.now()) / 3_600_000;
    expect(hours).toBeGreaterThan(23.9);
    expect(hours).toBeLessThanOrEqual(24);
    const opened = await open(signInUrl ?? '');
    expect(opened.json().user).toMatchObject({ id: user.id, approved: true, isSuperAdmin: false });
    expect((await open(signInUrl ?? '')).statusCode).toBe(401);
  });

  test('returns 201 without a link when none is requested; one can be created later', async () => {
    const { user, signInUrl, expiresAt } = await invite('Ada', { link: false });
    expect([signInUrl, expiresAt]).toEqual([null, null]);
    const later = await linkFor(user.id);
    expect(later.statusCode).toBe(201);
    expect((await open(later.json().signInUrl)).json().user.id).toBe(user.id);
  });

  test('returns 403 for everyone but super-admins, and no person is created', async () => {
    for (const person of ['owner', 'admin', 'viewer'] as const)
      expect((await fixture.as(person, 'POST', '/admin/users', { name: 'Eve' })).statusCode).toBe(403);
    expect((await fixture.as('super', 'GET', '/admin/users?q=Eve')).json().users).toEqual([]);
  });
});

describe('POST /admin/users/:id/sign-in-link', () => {
  test('returns 201 for any person, also of Telegram; a new link invalidates the previous one', async () => {
    const [first, second] = [await linkFor(ids.viewer), await linkFor(ids.viewer)];
    expect((await open(first.json().signInUrl)).statusCode).toBe(401);
    expect((await open(second.json().signInUrl)).json().user.id).toBe(ids.viewer);
  });

  test('returns 201 for a person who waits for approval: the link signs them in, and they keep waiting', async () => {
    const { signInUrl } = (await linkFor(ids.stranger)).json();
    expect((await open(signInUrl)).json().user).toMatchObject({ id: ids.stranger, approved: false });
  });

  test('returns 403 for everyone but super-admins: a link can sign in as that person', async () => {
    for (const person of ['owner', 'viewer'] as const)
      expect((await linkFor(ids.super, person)).statusCode).toBe(403);
  });

  test('returns 409 for a disabled person; earlier links stay invalid after enabling', async () => {
    const { user, signInUrl } = await invite('Mallory');
    const kept = (await linkFor(user.id)).json().signInUrl;
    await fixture.as('super', 'POST', `/admin/users/${user.id}/disable`);
    expect((await linkFor(user.id)).statusCode).toBe(409);
    await fixture.as('super', 'POST', `/admin/users/${user.id}/enable`);
    for (const url of [signInUrl ?? '', kept]) expect((await open(url)).statusCode).toBe(401);
    expect((await linkFor('not-there')).statusCode).toBe(404);
  });

  test('audit log holds who created it for whom, and never its code', async () => {
    const { signInUrl } = (await linkFor(ids.admin)).json();
    const log = await fixture.auditLog();
    expect(log.findLast(({ action }) => action === 'POST /admin/users/:id/sign-in-link')).toMatchObject({
      userId: ids.super,
      target: ids.admin,
      result: 'ok',
    });
    expect(JSON.stringify(log)).not.toContain(codeIn(signInUrl));
  });
});

describe('/me/sign-in-link', () => {
  const keep = (by: Person) => fixture.as(by, 'POST', '/me/sign-in-link');
  const kept = async (by: Person) => (await fixture.as(by, 'GET', '/me/sign-in-link')).json().signInLink;

  test('returns 201 with a link that works once, for a year; GET shows its state without the link', async () => {
    const made = (await keep('owner')).json();
    const days = (Date.parse(made.expiresAt) - Date.now()) / 86_400_000;
    expect(Math.round(days)).toBe(365);
    expect(await kept('owner')).toEqual({ createdAt: expect.any(String), expiresAt: made.expiresAt });
    expect((await open(made.signInUrl)).json().user.id).toBe(ids.owner);
    expect((await open(made.signInUrl)).statusCode).toBe(401);
    expect(await kept('owner')).toBeNull();
  });

  test('a new one invalidates the previous one and keeps the one that a super-admin created', async () => {
    const byAdmin = (await linkFor(ids.owner)).json().signInUrl;
    const [first, second] = [(await keep('owner')).json(), (await keep('owner')).json()];
    expect((await open(first.signInUrl)).statusCode).toBe(401);
    expect((await open(second.signInUrl)).statusCode).toBe(200);
    expect((await open(byAdmin)).statusCode).toBe(200);
  });

  test('204 invalidates it, 404 without one; links of others stay valid', async () => {
    const [mine, theirs] = [(await keep('admin')).json(), (await keep('viewer')).json()];
    expect((await fixture.as('admin', 'DELETE', '/me/sign-in-link')).statusCode).toBe(204);
    expect((await fixture.as('admin', 'DELETE', '/me/sign-in-link')).statusCode).toBe(404);
    expect((await open(mine.signInUrl)).statusCode).toBe(401);
    expect((await open(theirs.signInUrl)).json().user.id).toBe(ids.viewer);
  });

  test('returns 403 for a person who is not approved', async () => {
    expect((await keep('stranger')).json().code).toBe('not_approved');
  });
});

describe('display name', () => {
  const rename = (by: Person, displayName: string | null) => fixture.as(by, 'PUT', '/me', { displayName });

  test('returns 200: everyone sees it, and it stays when Telegram signs the person in again', async () => {
    const serverId = await fixture.newServer();
    expect((await rename('viewer', ' Vera ')).json().user).toMatchObject({
      firstName: 'Vera',
      lastName: null,
    });
    const { members } = (await fixture.as('owner', 'GET', `/servers/${serverId}/access`)).json();
    expect(members.find(({ userId }: { userId: string }) => userId === ids.viewer).firstName).toBe('Vera');
    expect(await me(await fixture.running.signIn(Number(ids.viewer)))).toMatchObject({ firstName: 'Vera' });
    const found = (await fixture.as('super', 'GET', '/admin/users?q=vera')).json().users;
    expect(found.map(({ id }: { id: string }) => id)).toEqual([ids.viewer]);
  });

  test('null restores the name of Telegram', async () => {
    await rename('admin', 'Someone');
    const { user } = (await rename('admin', null)).json();
    expect(user.firstName).toContain(`User ${ids.admin}`);
  });

  test("returns 200 when a super-admin changes another person's, 403 for anyone else", async () => {
    const change = (by: Person) =>
      fixture.as(by, 'PUT', `/admin/users/${ids.owner}`, { displayName: 'Olga' });
    expect((await change('viewer')).statusCode).toBe(403);
    expect((await change('super')).json().user).toMatchObject({ firstName: 'Olga', mayAddServers: true });
    const log = await fixture.auditLog();
    const entry = log.findLast(({ action, result }) => action === 'PUT /admin/users/:id' && result === 'ok');
    expect(entry).toMatchObject({
      target: ids.owner,
      details: { body: { displayName: 'Olga' } },
    });
  });

  test.each(['', ' ', 'Two\nlines', 'Hid\u202eden', 'x'.repeat(101)])(
    'returns 400 for %j',
    async (displayName) => {
      expect((await rename('viewer', displayName)).statusCode).toBe(400);
    },
  );

  test('returns 403 for a person who is not approved: nobody waits under a borrowed name', async () => {
    expect((await rename('stranger', 'Olga')).json().code).toBe('not_approved');
  });
});

describe('npm run sign-in-link', () => {
  const run = (...args: string[]) =>
    buoyCommand('sign-in-link', args, { DATA_DIR: fixture.running.dataDir, ADMIN_USER_IDS: ids.super });

  test('prints a link for a person by name, with that person beside it', async () => {
    const { user } = await invite('Katherine Johnson');
    const { code, stdout, stderr } = await run('katherine johnson');
    expect([code, stderr]).toEqual([
      0,
      `Katherine Johnson (${user.id}) signs in with this link, once, within a day:\n`,
    ]);
    expect(stdout).toMatch(/^http:\/\/127\.0\.0\.1:8080\/sign-in#code=[\w-]{43}\n$/);
    expect((await open(stdout.trim())).json().user.id).toBe(user.id);
  });

  test('without a name prints a link for the super-admin of ADMIN_USER_IDS', async () => {
    const { stdout } = await run();
    expect((await open(stdout.trim())).json().user.id).toBe(ids.super);
  });

  test('prints one line for an unknown name and lists the people who exist', async () => {
    const { code, stdout, stderr } = await run('Nobody');
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^Nobody here is called "Nobody"\. People of this Buoy: .*\(100\).*\.\n$/);
  });

  test('prints its usage when called with wrong arguments', async () => {
    for (const args of [['--help'], ['one', 'two']]) {
      const { code, stderr } = await run(...args);
      expect([code, stderr]).toEqual([2, 'Usage: npm run sign-in-link [-- NAME_OR_ID]\n']);
    }
  });
});
