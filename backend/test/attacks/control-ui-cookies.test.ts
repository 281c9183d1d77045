// A gateway that was taken over serves the Control UI on another port of Buoy's host, where its scripts may set cookies for that host.
import type { LightMyRequestResponse } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BOT_TOKEN, forgeInitData } from '../../../testbed/forge-init-data.ts';
import { startTestBuoy, type TestBuoy } from '../support/test-buoy.ts';

let running: TestBuoy;
beforeAll(async () => {
  running = await startTestBuoy();
});
afterAll(() => running.close());

const signIn = (id: number): Promise<LightMyRequestResponse> =>
  running.call('POST', '/auth/telegram', {
    body: { initData: forgeInitData({ id, first_name: `User ${id}` }, BOT_TOKEN) },
  });
const setCookie = (answer: LightMyRequestResponse): string =>
  String([answer.headers['set-cookie']].flat()[0]);

describe('cookies set by a hostile Control UI on the host of Buoy', () => {
  test('cannot sign the visitor in as another person: Buoy reads no cookie that a script may set', async () => {
    const value =
      setCookie(await signIn(301))
        .split(';')[0]
        ?.split('=')[1] ?? '';
    for (const name of ['buoy_refresh', '__Secure-buoy_refresh', '__Host-buoy_refresh']) {
      const answer = await running.call('POST', '/auth/refresh', { headers: { cookie: `${name}=${value}` } });
      expect([name, answer.statusCode]).toEqual([name, 401]);
    }
  });

  test('cannot replace the session cookie: browsers accept its name from a header of this host only', async () => {
    const line = setCookie(await signIn(302));
    expect(line).toMatch(/^__Host-Http-buoy_refresh=/);
    expect(line.split('; ')).toEqual(
      expect.arrayContaining(['Path=/', 'HttpOnly', 'Secure', 'SameSite=Strict']),
    );
    expect(line).not.toMatch(/Domain=/i);
  });
});
