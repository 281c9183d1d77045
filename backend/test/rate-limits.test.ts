// Rate limits of a whole Buoy, set by its environment and counted on its real endpoints.
import type { LightMyRequestResponse } from 'fastify';
import { afterEach, describe, expect, test } from 'vitest';
import { BOT_TOKEN, forgeInitData } from '../../testbed/forge-init-data.ts';
import { SUPER_ID, startTestBuoy, type TestBuoy } from './support/test-buoy.ts';

let running: TestBuoy;
afterEach(() => running.close());

const start = async (environment: Record<string, string> = {}): Promise<void> => {
  running = await startTestBuoy(environment);
};

const from = (address: string) => ({ 'x-forwarded-for': address });

describe('returns 429', () => {
  test('after RATE_LIMIT_GLOBAL calls of one address, and not of another one behind the same proxy', async () => {
    await start({ RATE_LIMIT_GLOBAL: '2', TRUST_PROXY: '1' });
    const status = async (address: string) =>
      (await running.call('GET', '/me', { headers: from(address) })).statusCode;
    expect([
      await status('198.51.100.7'),
      await status('198.51.100.7'),
      await status('198.51.100.7'),
      await status('198.51.100.8'),
    ]).toEqual([401, 401, 429, 401]);
  });

  test('after RATE_LIMIT_AUTH tries to sign in, however the caller forges its address', async () => {
    await start({ RATE_LIMIT_AUTH: '2', TRUST_PROXY: '1' });
    const attempt = async (forged: string) => {
      const headers = from(`${forged}, 198.51.100.7`);
      return (await running.call('POST', '/auth/link', { headers, body: { code: 'guess' } })).statusCode;
    };
    expect([await attempt('1.1.1.1'), await attempt('2.2.2.2'), await attempt('3.3.3.3')]).toEqual([
      401, 401, 429,
    ]);
  });

  test('after RATE_LIMIT_EXEC commands', async () => {
    await start({ RATE_LIMIT_EXEC: '1' });
    const exec = async () =>
      (await running.call('POST', '/servers/srv_none/exec', { body: { command: 'id' } })).statusCode;
    expect([await exec(), await exec()]).toEqual([401, 429]);
  });

  test('after ten expensive calls of one person, by any session, from any address, and after ten by any API token', async () => {
    await start({ TRUST_PROXY: '1' });
    const session = await running.signIn(SUPER_ID);
    const otherSession = await running.signIn(SUPER_ID);
    const apiToken = async (): Promise<string> => {
      const body = { name: 'export', scopes: ['admin'] };
      return (await running.call('POST', '/me/tokens', { token: session, body })).json().token.secret;
    };
    const exportAudit = (token: string, address: string) =>
      running.call('GET', '/admin/audit/export', { token, headers: from(address) });
    for (const tokens of [
      [session, otherSession],
      [await apiToken(), await apiToken()],
    ] as const) {
      for (let call = 0; call < 10; call += 1) {
        const answer = await exportAudit(tokens[call % 2 === 0 ? 0 : 1], `198.51.100.${call}`);
        expect(answer.statusCode).toBe(200);
        expect(answer.headers).toMatchObject({
          'x-ratelimit-limit': '10',
          'x-ratelimit-remaining': String(9 - call),
        });
      }
      for (const token of tokens) {
        const refused = await exportAudit(token, '203.0.113.9');
        expect(refused.statusCode).toBe(429);
        expect(refused.json().code).toBe('rate_limited');
        expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
        expect(Number(refused.headers['retry-after'])).toBeLessThanOrEqual(60);
        expect(refused.headers).toMatchObject({ 'x-ratelimit-limit': '10', 'x-ratelimit-remaining': '0' });
      }
    }
    expect((await running.call('GET', '/admin/audit', { token: session })).statusCode).toBe(200);
  });
});

/** Status of one call of this API with this token, from this address. */
const statusOf = async (token: string | null, address = '198.51.100.7', url = '/me') =>
  (await running.call('GET', url, { token, headers: from(address) })).statusCode;

const newApiToken = async (token: string): Promise<string> => {
  const body = { name: 'program', scopes: ['read'] };
  const made = await running.call('POST', '/me/tokens', { token, body, headers: from('192.0.2.1') });
  return made.json().token.secret;
};

describe('colleagues behind one address', () => {
  test('have a budget each, and so has each API token', async () => {
    await start({ RATE_LIMIT_GLOBAL: '3', TRUST_PROXY: '1' });
    const [ann, bob] = [await running.signIn(301), await running.signIn(302)];
    const program = await newApiToken(ann);
    for (const token of [ann, bob, program]) {
      for (let call = 0; call < 3; call += 1) expect(await statusOf(token)).toBe(200);
      expect(await statusOf(token)).toBe(429);
    }
  });

  test('do not get more commands and connections with more API tokens, nor unlimited tokens', async () => {
    await start({ RATE_LIMIT_EXEC: '2', RATE_LIMIT_AUTH: '3' });
    const ann = await running.signIn(301);
    const programs = [await newApiToken(ann), await newApiToken(ann), await newApiToken(ann)];
    const probe = async (token: string) =>
      (await running.call('POST', '/servers/host-key', { token, body: {} })).statusCode;
    const statuses = [];
    for (const token of programs) statuses.push(await probe(token));
    expect(statuses).toEqual([403, 403, 429]);
    const body = { name: 'one more', scopes: ['read'] };
    expect((await running.call('POST', '/me/tokens', { token: ann, body })).statusCode).toBe(429);
    // Calls by API tokens use up nothing of a device.
    expect(await probe(ann)).toBe(400);
  });

  test('are counted per person over all their devices and addresses', async () => {
    await start({ RATE_LIMIT_GLOBAL: '2', TRUST_PROXY: '1' });
    const [phone, laptop] = [await running.signIn(301), await running.signIn(301)];
    expect(await statusOf(phone, '198.51.100.7')).toBe(200);
    expect(await statusOf(laptop, '198.51.100.8')).toBe(200);
    expect(await statusOf(laptop, '198.51.100.9')).toBe(429);
  });

  test('are not held up by a stranger there with invalid, expired or missing tokens, whose calls are', async () => {
    await start({ RATE_LIMIT_GLOBAL: '4', TRUST_PROXY: '1' });
    const [ann, gone] = [await running.signIn(301), await running.signIn(302)];
    const program = await newApiToken(await running.signIn(303));
    await running.call('POST', '/auth/logout', { token: gone, headers: from('192.0.2.1') });
    const [header, claims] = ann.split('.');
    const junk = [gone, `${header}.${claims}.${'A'.repeat(43)}`, `buoy_${'A'.repeat(43)}`, 'x'];
    for (const token of junk) expect(await statusOf(token)).toBe(401);
    for (const token of [...junk, null]) expect(await statusOf(token)).toBe(429);
    for (const token of [ann, program]) expect(await statusOf(token)).toBe(200);
    expect(await statusOf(ann, undefined, '/nowhere')).toBe(404);
  });

  test('can all sign out and read a device code; one person is limited', async () => {
    await start({ RATE_LIMIT_AUTH: '2', TRUST_PROXY: '1' });
    const people = [];
    for (const [index, id] of [301, 302, 303].entries()) {
      const initData = forgeInitData({ id, first_name: 'Ann' }, BOT_TOKEN);
      const headers = from(`192.0.2.${index}`);
      const answer = await running.call('POST', '/auth/telegram', { body: { initData }, headers });
      people.push(answer.json().token as string);
    }
    const code = '/auth/device?userCode=ABCD-EFGH';
    for (const token of people)
      for (const expected of [404, 404, 429]) expect(await statusOf(token, undefined, code)).toBe(expected);
  });

  test('can open terminals with their tickets, whatever strangers there have used up', async () => {
    await start({ RATE_LIMIT_GLOBAL: '2', TRUST_PROXY: '1' });
    for (const status of [401, 401, 429]) expect(await statusOf(null)).toBe(status);
    const boss = await running.signIn(SUPER_ID);
    const body = {
      name: 'one',
      host: '127.0.0.1',
      port: 1,
      username: 'root',
      authType: 'password',
      password: 'x',
    };
    const headers = from('192.0.2.1');
    const { server } = (await running.call('POST', '/servers', { token: boss, body, headers })).json();
    const { ticket } = (
      await running.call('POST', `/servers/${server.id}/terminal/ticket`, { token: boss, headers })
    ).json();
    const open = (ticketOf: string) =>
      statusOf(null, undefined, `/servers/${server.id}/terminal?ticket=${ticketOf}`);
    expect(await open('A'.repeat(43))).toBe(429);
    // Authorized, and answered that a terminal needs a WebSocket.
    expect(await open(ticket.value)).toBe(426);
  });
});

describe('refreshing a session', () => {
  const cookieIn = (answer: LightMyRequestResponse): string =>
    String([answer.headers['set-cookie']].flat()[0]).split(';')[0] ?? '';
  const signIn = async (id: number, address: string) => {
    const initData = forgeInitData({ id, first_name: `User ${id}` }, BOT_TOKEN);
    return cookieIn(
      await running.call('POST', '/auth/telegram', { body: { initData }, headers: from(address) }),
    );
  };
  const refresh = (cookie: string | null, address = '198.51.100.7') =>
    running.call('POST', '/auth/refresh', {
      headers: { ...from(address), ...(cookie === null ? {} : { cookie }) },
    });

  test('is counted per person: twelve page loads a minute are fine, also for colleagues', async () => {
    await start({ RATE_LIMIT_AUTH: '10', RATE_LIMIT_GLOBAL: '12', TRUST_PROXY: '1' });
    let [ann, bob] = [await signIn(301, '192.0.2.1'), await signIn(302, '192.0.2.2')];
    for (let load = 0; load < 12; load += 1) {
      const answer = await refresh(ann);
      expect(answer.statusCode).toBe(200);
      ann = cookieIn(answer);
    }
    const refused = await refresh(ann, '198.51.100.8');
    expect([refused.statusCode, Number(refused.headers['retry-after']) > 0]).toEqual([429, true]);
    const answer = await refresh(bob);
    expect(answer.statusCode).toBe(200);
    bob = cookieIn(answer);
  });

  test('with a missing or made-up cookie uses up no budget of sign-ins or sessions, and is limited itself', async () => {
    await start({ RATE_LIMIT_AUTH: '1', RATE_LIMIT_GLOBAL: '6', TRUST_PROXY: '1' });
    const kept = await signIn(301, '192.0.2.1');
    const [name = '', session = ''] = kept.split(/[=.]/);
    const junk = [null, `${name}=${session}.${'A'.repeat(43)}`, `${name}=ses_none.${'A'.repeat(43)}`];
    for (const cookie of [...junk, ...junk]) expect((await refresh(cookie)).statusCode).toBe(401);
    for (const cookie of junk) expect((await refresh(cookie)).statusCode).toBe(429);
    expect((await refresh(kept)).statusCode).toBe(200);
    const body = { code: 'guess' };
    const attempt = await running.call('POST', '/auth/link', { headers: from('198.51.100.7'), body });
    expect(attempt.statusCode).toBe(401);
  });
});

test('the health check is never rate-limited', async () => {
  await start({ RATE_LIMIT_GLOBAL: '1', TRUST_PROXY: '1' });
  expect(await statusOf(null)).toBe(401);
  expect(await statusOf(null)).toBe(429);
  for (let check = 0; check < 5; check += 1) expect(await statusOf(null, undefined, '/health')).toBe(200);
});

test('403 answers to people without the role cost no budget, however often they try', async () => {
  await start();
  const stranger = await running.signIn(100);
  for (let call = 0; call < 12; call += 1)
    expect((await running.call('GET', '/admin/audit/export', { token: stranger })).statusCode).toBe(403);
  const boss = await running.signIn(SUPER_ID);
  const answer = await running.call('GET', '/admin/audit/export', { token: boss });
  expect([answer.statusCode, answer.headers['x-ratelimit-remaining']]).toEqual([200, '9']);
});
