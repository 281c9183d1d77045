// The refresh cookie by the origin of the request: https, this machine, or plain http on a network.
import type { LightMyRequestResponse } from 'fastify';
import { afterEach, describe, expect, test } from 'vitest';
import { BOT_TOKEN, forgeInitData } from '../../testbed/forge-init-data.ts';
import { startTestBuoy, type TestBuoy } from './support/test-buoy.ts';

const SECURE = '__Host-Http-buoy_refresh';
const PLAIN = 'buoy_refresh';
const LAN = '192.168.1.5:8080';

let running: TestBuoy;
afterEach(() => running.close());

const start = async (environment: Record<string, string> = {}) => {
  running = await startTestBuoy(environment);
};

let launches = 0;
const signIn = (headers: Record<string, string>) => {
  launches += 1;
  const initData = forgeInitData({ id: 301, first_name: `Launch ${launches}` }, BOT_TOKEN);
  return running.call('POST', '/auth/telegram', { body: { initData }, headers });
};
const refresh = (cookie: string, headers: Record<string, string>) =>
  running.call('POST', '/auth/refresh', { headers: { ...headers, cookie } });

/** Name, value and attributes of the refresh cookie. */
function cookieIn(answer: LightMyRequestResponse) {
  const lines = [answer.headers['set-cookie']].flat();
  expect(lines).toHaveLength(1);
  const [pair = '', ...attributes] = String(lines[0]).split('; ');
  const [name, value] = pair.split('=');
  return { name, value, pair, attributes };
}

describe('refresh cookie is Secure, with the name that only https can set,', () => {
  test.each([
    ['over plain http on a network without ALLOW_INSECURE_HTTP', {}, { host: LAN }],
    ['on this machine', { ALLOW_INSECURE_HTTP: '1' }, { host: 'localhost:8080' }],
    ['on this machine by IPv6', { ALLOW_INSECURE_HTTP: '1' }, { host: '[::1]:8080' }],
    [
      'behind a proxy with https',
      { ALLOW_INSECURE_HTTP: '1', TRUST_PROXY: '1' },
      { host: LAN, 'x-forwarded-proto': 'https' },
    ],
    [
      'at the public name, also when the proxy does not say how it was reached',
      { ALLOW_INSECURE_HTTP: '1', TRUST_PROXY: '1', APP_DOMAIN: 'buoy.example.org' },
      { host: 'buoy.example.org' },
    ],
    [
      'for a page that came by https, whatever the proxy says',
      { ALLOW_INSECURE_HTTP: '1', TRUST_PROXY: '1' },
      { host: 'buoy.lan', 'x-forwarded-proto': 'http', origin: 'https://buoy.lan' },
    ],
  ])('%s', async (_where, environment, headers) => {
    await start(environment);
    const { name, pair, attributes } = cookieIn(await signIn(headers));
    expect(name).toBe(SECURE);
    expect(attributes).toEqual(expect.arrayContaining(['Secure', 'HttpOnly', 'SameSite=Strict', 'Path=/']));
    const renewed = await refresh(pair, headers);
    expect([renewed.statusCode, cookieIn(renewed).name]).toEqual([200, SECURE]);
  });
});

describe('with ALLOW_INSECURE_HTTP=1 over plain http on a network', () => {
  test('the cookie has neither Secure nor the name that browsers refuse there, and it renews the sign-in', async () => {
    await start({ ALLOW_INSECURE_HTTP: '1' });
    const { name, pair, attributes } = cookieIn(await signIn({ host: LAN }));
    expect(name).toBe(PLAIN);
    expect(attributes).toEqual(expect.arrayContaining(['HttpOnly', 'SameSite=Strict', 'Path=/']));
    expect(attributes).not.toContain('Secure');
    const renewed = await refresh(pair, { host: LAN, origin: `http://${LAN}` });
    expect([renewed.statusCode, cookieIn(renewed).name]).toEqual([200, PLAIN]);
  });

  test('signing out removes the cookie', async () => {
    await start({ ALLOW_INSECURE_HTTP: '1' });
    const { token } = (await signIn({ host: LAN })).json();
    const gone = cookieIn(await running.call('POST', '/auth/logout', { token, headers: { host: LAN } }));
    expect([gone.name, gone.value]).toEqual([PLAIN, '']);
    expect(gone.attributes).not.toContain('Secure');
  });

  test('an earlier sign-in of the command line still works', async () => {
    await start({ ALLOW_INSECURE_HTTP: '1' });
    const { pair } = cookieIn(await signIn({ host: 'localhost' }));
    const renewed = await refresh(pair, { host: LAN });
    expect([renewed.statusCode, cookieIn(renewed).name]).toEqual([200, PLAIN]);
  });

  test('X-Forwarded-Proto is ignored without TRUST_PROXY', async () => {
    await start({ ALLOW_INSECURE_HTTP: '1' });
    expect(cookieIn(await signIn({ host: LAN, 'x-forwarded-proto': 'https' })).name).toBe(PLAIN);
  });

  test('GET /auth/ways reports insecureHttp, so that the web app can warn', async () => {
    await start({ ALLOW_INSECURE_HTTP: '1' });
    expect((await running.call('GET', '/auth/ways')).json()).toMatchObject({ insecureHttp: true });
  });
});

describe('refresh cookie set over plain http, where anyone on the network could have set it,', () => {
  test.each([
    [
      'is not read by https',
      { ALLOW_INSECURE_HTTP: '1', TRUST_PROXY: '1' },
      { host: LAN, 'x-forwarded-proto': 'https' },
    ],
    [
      'is not read at the public name',
      { ALLOW_INSECURE_HTTP: '1', APP_DOMAIN: 'buoy.example.org' },
      { host: 'buoy.example.org' },
    ],
    ['is not read on this machine', { ALLOW_INSECURE_HTTP: '1' }, { host: '127.0.0.1:8080' }],
    ['is not read without ALLOW_INSECURE_HTTP', {}, { host: LAN }],
  ])('%s', async (_where, environment, headers) => {
    await start(environment);
    const { value } = cookieIn(await signIn(headers));
    expect((await refresh(`${PLAIN}=${value}`, headers)).statusCode).toBe(401);
    expect(
      (await refresh(`${PLAIN}=ses_other.${'A'.repeat(43)}; ${SECURE}=${value}`, headers)).statusCode,
    ).toBe(200);
  });

  test('GET /auth/ways reports that insecureHttp is off', async () => {
    await start();
    expect((await running.call('GET', '/auth/ways')).json()).toMatchObject({ insecureHttp: false });
  });
});
