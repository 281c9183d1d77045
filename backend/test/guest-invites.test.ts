// Invites for people without an account: the link shows what it grants, a name creates the account, and it works once.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createSoftwareAuthenticator } from '../../testbed/software-authenticator.ts';
import { type AccessFixture, ids, prepareAccessFixture } from './support/access-fixture.ts';

const HOST = 'localhost:8080';

let fixture: AccessFixture;
let serverId: string;
beforeAll(async () => {
  fixture = await prepareAccessFixture({ SIGN_UP: 'approval' });
  await fixture.as('super', 'POST', `/admin/users/${ids.owner}/approve`);
});
afterAll(() => fixture.running.close());
beforeEach(async () => {
  serverId = await fixture.newServer();
});

const invited = async (role = 'viewer'): Promise<{ id: string; code: string }> => {
  const { invite } = (await fixture.as('owner', 'POST', `/servers/${serverId}/invites`, { role })).json();
  return { id: invite.id, code: invite.url.split('#code=')[1] };
};
const post = (url: string, body: object, headers: Record<string, string> = {}) =>
  fixture.running.call('POST', url, { body, headers: { host: HOST, ...headers } });
const show = (code: string) => post('/auth/invite/show', { code });
const accept = (code: string, name = 'Grace Hopper', headers = {}) =>
  post('/auth/invite', { code, name }, headers);
const everybody = async (): Promise<string[]> =>
  (await fixture.as('super', 'GET', '/admin/users?limit=200'))
    .json()
    .users.map(({ id }: { id: string }) => id);

describe('POST /auth/invite/show', () => {
  test('returns 200 with the server, the role and the inviter, as often as it is opened', async () => {
    const { code } = await invited('admin');
    for (let time = 0; time < 2; time += 1)
      expect((await show(code)).json()).toEqual({
        invite: {
          serverName: 'shared',
          role: 'admin',
          invitedBy: expect.stringContaining(`User ${ids.owner}`),
          expiresAt: expect.any(String),
        },
      });
  });

  test('returns 404 with one message for a made-up, a used and a revoked code', async () => {
    const [used, revoked] = [await invited(), await invited()];
    expect((await accept(used.code)).statusCode).toBe(200);
    await fixture.as('owner', 'DELETE', `/servers/${serverId}/invites/${revoked.id}`);
    const answers = [await show('no-such-code'), await show(used.code), await show(revoked.code)];
    for (const { statusCode, body } of answers) {
      expect(statusCode).toBe(404);
      expect(JSON.parse(body).error).toBe(
        'This invite is not valid: it was used, was revoked, has expired or never existed.',
      );
    }
  });
});

describe('POST /auth/invite', () => {
  test('returns 200: creates an approved person with that name and role, signed in here, who sees the server', async () => {
    const { code } = await invited('admin');
    const answer = await accept(code, '  Grace Hopper ');
    expect(answer.statusCode).toBe(200);
    const { token, user, serverId: of } = answer.json();
    expect(user).toMatchObject({
      id: expect.stringMatching(/^u_/),
      firstName: 'Grace Hopper',
      approved: true,
      isSuperAdmin: false,
    });
    expect(of).toBe(serverId);
    expect(String(answer.headers['set-cookie'])).toContain('__Host-Http-buoy_refresh=');
    const { server } = (await fixture.running.call('GET', `/servers/${serverId}`, { token })).json();
    expect(server.role).toBe('admin');
    expect(await fixture.rolesOn(serverId)).toMatchObject({ [user.id]: 'admin' });
    const { sessions } = (await fixture.running.call('GET', '/me/sessions', { token })).json();
    expect(sessions).toMatchObject([{ kind: 'link', current: true }]);
  });

  test('the guest adds a passkey and signs in again with it', async () => {
    const { token, user } = (await accept((await invited()).code)).json();
    const authenticator = createSoftwareAuthenticator(`http://${HOST}`);
    const headers = { host: HOST };
    const { options } = (
      await fixture.running.call('POST', '/me/passkeys/options', { token, headers })
    ).json();
    const body = { name: 'Phone', credential: authenticator.create(options) };
    expect((await fixture.running.call('POST', '/me/passkeys', { token, headers, body })).statusCode).toBe(
      201,
    );
    const asked = (await post('/auth/passkey/options', {})).json();
    expect(asked.error).toBeUndefined();
    const back = await post('/auth/passkey/verify', { credential: authenticator.get(asked.options) });
    expect(back.json().user.id).toBe(user.id);
  });

  test('returns 404 the second time; of twenty at once one succeeds, and one person is created', async () => {
    const { code } = await invited();
    const before = await everybody();
    const answers = await Promise.all(Array.from({ length: 20 }, (_, at) => accept(code, `Guest ${at}`)));
    expect(answers.filter(({ statusCode }) => statusCode === 200)).toHaveLength(1);
    expect(answers.filter(({ statusCode }) => statusCode === 404)).toHaveLength(19);
    expect(await everybody()).toHaveLength(before.length + 1);
    expect((await accept(code)).statusCode).toBe(404);
  });

  test('a guest and a person with an account at once: exactly one of them gets the role', async () => {
    const { code } = await invited();
    const before = await everybody();
    const [guest, person] = await Promise.all([
      accept(code),
      fixture.as('stranger', 'POST', '/invites/accept', { code }),
    ]);
    expect([guest.statusCode, person.statusCode].sort()).toEqual([200, 404]);
    expect((await everybody()).length - before.length).toBe(guest.statusCode === 200 ? 1 : 0);
  });

  test('returns 404 when its author is disabled', async () => {
    const maker = await fixture.running.signIn(7001);
    await fixture.as('super', 'POST', '/admin/users/7001/approve');
    const machine = { name: 'theirs', host: '127.0.0.1', port: 1, username: 'root' };
    const { server } = (
      await fixture.running.call('POST', '/servers', {
        token: maker,
        body: { ...machine, authType: 'password', password: 'x' },
      })
    ).json();
    const { invite } = (
      await fixture.running.call('POST', `/servers/${server.id}/invites`, {
        token: maker,
        body: { role: 'viewer' },
      })
    ).json();
    await fixture.as('super', 'POST', '/admin/users/7001/disable');
    const code = invite.url.split('#code=')[1];
    expect((await show(code)).statusCode).toBe(404);
    expect((await accept(code)).statusCode).toBe(404);
  });

  test.each([
    ['blank', ' '],
    ['of two lines', 'Grace\nHopper'],
    ['with invisible characters', 'Grace\u200b'],
    ['too long', 'x'.repeat(101)],
  ])('returns 400 for a name %s; the invite stays valid', async (_what, name) => {
    const { code } = await invited();
    expect((await accept(code, name)).statusCode).toBe(400);
    expect((await accept(code)).statusCode).toBe(200);
  });

  test('audit log holds who joined by which invite, and never its code', async () => {
    const { id, code } = await invited();
    const { user } = (await accept(code, 'Grace', { 'x-request-id': 'guest-in' })).json();
    await accept(code, 'Mallory', { 'x-request-id': 'guest-late' });
    const log = await fixture.auditLog();
    expect(log.find(({ requestId }) => requestId === 'guest-in')).toMatchObject({
      userId: user.id,
      serverId,
      result: 'ok',
      details: { invite: id, role: 'viewer', name: 'Grace' },
    });
    expect(JSON.stringify(log)).not.toContain(code);
    expect(JSON.stringify(log)).not.toContain('Mallory');
  });
});
