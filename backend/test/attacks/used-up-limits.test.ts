// A thief of an API token uses up the limits of its person, so that the person cannot work.
import type { LightMyRequestResponse } from 'fastify';
import { afterEach, describe, expect, test } from 'vitest';
import { BOT_TOKEN, forgeInitData } from '../../../testbed/forge-init-data.ts';
import { SUPER_ID, startTestBuoy, type TestBuoy } from '../support/test-buoy.ts';

/** Calls of each kind that one minute allows here, so that a test uses them up quickly. */
const LIMITS = { RATE_LIMIT_GLOBAL: '6', RATE_LIMIT_AUTH: '2', RATE_LIMIT_EXEC: '2', TRUST_PROXY: '1' };
const OWNER = '198.51.100.7';

let running: TestBuoy;
afterEach(() => running.close());

const from = (address: string) => ({ 'x-forwarded-for': address });

let launches = 0;
const signIn = async (id: number) => {
  launches += 1;
  const initData = forgeInitData({ id, first_name: `Launch ${launches}` }, BOT_TOKEN);
  // Each from an address of its own: sign-ins are counted by address.
  const headers = from(`192.0.2.${launches}`);
  const answer = await running.call('POST', '/auth/telegram', { body: { initData }, headers });
  return { token: answer.json().token as string };
};
/** Calls until it is refused, and once more. */
const useUp = async (call: () => Promise<LightMyRequestResponse>): Promise<void> => {
  const statuses: number[] = [];
  for (let tried = 0; tried < 8; tried += 1) statuses.push((await call()).statusCode);
  expect(statuses.at(-1)).toBe(429);
};
const statusOf = async (
  method: 'GET' | 'POST',
  url: string,
  { token, body }: { token: string; body?: unknown },
) => (await running.call(method, url, { token, body, headers: from(OWNER) })).statusCode;

describe('a thief of an API token', () => {
  test.each(['metrics', 'read'])(
    'with the scope "%s" uses up no commands, terminals, sign-outs and new tokens of its person',
    async (scope) => {
      running = await startTestBuoy(LIMITS);
      const [device, other] = [await signIn(SUPER_ID), await signIn(SUPER_ID)];
      const made = await running.call('POST', '/me/tokens', {
        token: device.token,
        body: { name: 'program', scopes: [scope] },
      });
      const stolen: string = made.json().token.secret;
      const newToken = { name: 'one more', scopes: ['read'] };
      const logout = (token: string) => running.call('POST', '/auth/logout', { token });
      await useUp(() => running.call('POST', '/servers/host-key', { token: stolen, body: {} }));
      await useUp(() => running.call('POST', '/me/tokens', { token: stolen, body: newToken }));
      await useUp(() => running.call('GET', '/auth/device?userCode=BCDF-GHJK', { token: stolen }));
      await useUp(() => logout(stolen));

      const { token } = device;
      for (const url of ['/servers/srv_none/exec', '/servers/srv_none/terminal/ticket'])
        expect([url, await statusOf('POST', url, { token, body: {} })]).not.toEqual([url, 429]);
      expect(await statusOf('GET', '/auth/device?userCode=BCDF-GHJK', { token })).toBe(404);
      expect(await statusOf('POST', '/me/tokens', { token, body: newToken })).toBe(201);
      expect((await logout(other.token)).statusCode).toBe(204);
    },
  );
});
