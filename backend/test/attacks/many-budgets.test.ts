// One person with many sessions and API tokens, each of which has a budget of calls: together they must not keep Buoy busy for others.
import type { LightMyRequestResponse } from 'fastify';
import { afterEach, describe, expect, test } from 'vitest';
import { BOT_TOKEN, forgeInitData } from '../../../testbed/forge-init-data.ts';
import { startTestBuoy, type TestBuoy } from '../support/test-buoy.ts';

let running: TestBuoy;
afterEach(() => running.close());

const cookieIn = (answer: LightMyRequestResponse): string =>
  String([answer.headers['set-cookie']].flat()[0]).split(';')[0] ?? '';

describe('one person', () => {
  test('renews ten times as often with more sessions, then twice a minute with each, and others still renew theirs', async () => {
    running = await startTestBuoy({ RATE_LIMIT_GLOBAL: '3' });
    const signIn = async (id: number, launch: number) => {
      const initData = forgeInitData({ id, first_name: `Launch ${launch}` }, BOT_TOKEN);
      return cookieIn(await running.call('POST', '/auth/telegram', { body: { initData } }));
    };
    // Refused for what it says: the cookie stays the current one.
    const renew = async (cookie: string, body?: unknown) =>
      (await running.call('POST', '/auth/refresh', { headers: { cookie }, body })).statusCode;
    const statuses: number[] = [];
    for (let session = 0; session < 12; session += 1) {
      const cookie = await signIn(301, session);
      for (let call = 0; call < 4; call += 1) statuses.push(await renew(cookie, { attemptKey: 5 }));
    }
    const [ofOne, beyond] = [
      [400, 400, 400, 429],
      [400, 400, 429, 429],
    ];
    expect(statuses).toEqual([...Array(10).fill(ofOne), ...Array(2).fill(beyond)].flat());
    expect(await renew(await signIn(302, 0))).toBe(200);
  });

  test('has no unlimited calls with more API tokens, and others still have theirs', async () => {
    running = await startTestBuoy({ RATE_LIMIT_GLOBAL: '12' });
    const [ann, bob] = [await running.signIn(301), await running.signIn(302)];
    const newApiToken = async (token: string): Promise<string> => {
      const body = { name: 'program', scopes: ['read'] };
      return (await running.call('POST', '/me/tokens', { token, body })).json().token.secret;
    };
    const tokens: string[] = [];
    for (let made = 0; made < 8; made += 1) tokens.push(await newApiToken(ann));
    let [answered, refused] = [0, 0];
    for (const token of tokens)
      for (let call = 0; call < 12; call += 1) {
        const { statusCode, headers } = await running.call('GET', '/servers', { token });
        if (statusCode === 429) {
          refused += 1;
          expect(Number(headers['retry-after'])).toBeGreaterThan(0);
        } else answered += 1;
      }
    // Two budgets at once, and one more call for each second of this test.
    expect(answered).toBeGreaterThanOrEqual(24);
    expect(refused).toBeGreaterThan(40);
    const program = await newApiToken(bob);
    expect((await running.call('GET', '/servers', { token: program })).statusCode).not.toBe(429);
  });
});
