// Rate limits of a whole Buoy, as its environment sets them and as its real endpoints count.
import { afterEach, describe, expect, test } from 'vitest';
import { SUPER_ID, startTestBuoy, type TestBuoy } from './support/test-buoy.ts';

let running: TestBuoy;
afterEach(() => running.close());

const start = async (environment: Record<string, string> = {}): Promise<void> => {
  running = await startTestBuoy(environment);
};

const from = (address: string) => ({ 'x-forwarded-for': address });

describe('429', () => {
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

  test('after ten costly calls of one person, by session or API token, from wherever', async () => {
    await start({ TRUST_PROXY: '1' });
    const session = await running.signIn(SUPER_ID);
    const otherSession = await running.signIn(SUPER_ID);
    const made = await running.call('POST', '/me/tokens', {
      token: session,
      body: { name: 'export', scopes: ['admin'] },
    });
    const { secret } = made.json().token;
    const exportAudit = (token: string, address: string) =>
      running.call('GET', '/admin/audit/export', { token, headers: from(address) });
    for (let call = 0; call < 10; call += 1) {
      const token = [session, otherSession, secret][call % 3];
      const answer = await exportAudit(token, `198.51.100.${call}`);
      expect(answer.statusCode).toBe(200);
      expect(answer.headers).toMatchObject({
        'x-ratelimit-limit': '10',
        'x-ratelimit-remaining': String(9 - call),
      });
    }
    for (const token of [session, otherSession, secret]) {
      const refused = await exportAudit(token, '203.0.113.9');
      expect(refused.statusCode).toBe(429);
      expect(refused.json().code).toBe('rate_limited');
      expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
      expect(Number(refused.headers['retry-after'])).toBeLessThanOrEqual(60);
      expect(refused.headers).toMatchObject({ 'x-ratelimit-limit': '10', 'x-ratelimit-remaining': '0' });
    }
    expect((await running.call('GET', '/admin/audit', { token: session })).statusCode).toBe(200);
  });
});

test('403 for people who may not, as often as they try, and it costs nobody anything', async () => {
  await start();
  const stranger = await running.signIn(100);
  for (let call = 0; call < 12; call += 1)
    expect((await running.call('GET', '/admin/audit/export', { token: stranger })).statusCode).toBe(403);
  const boss = await running.signIn(SUPER_ID);
  const answer = await running.call('GET', '/admin/audit/export', { token: boss });
  expect([answer.statusCode, answer.headers['x-ratelimit-remaining']]).toEqual([200, '9']);
});
