// “Log in with Telegram” over HTTP: started in a browser, confirmed by Telegram, finished once in the same browser.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type FakeTelegramLogin, startFakeTelegramLogin } from '../../testbed/fake-telegram-login.ts';
import { startTestBuoy, type TestBuoy } from './support/test-buoy.ts';

let telegram: FakeTelegramLogin;
let running: TestBuoy;
beforeAll(async () => {
  telegram = await startFakeTelegramLogin();
  running = await startTestBuoy({
    TELEGRAM_OIDC_CLIENT_ID: telegram.clientId,
    TELEGRAM_OIDC_CLIENT_SECRET: telegram.clientSecret,
    TELEGRAM_OIDC_ISSUER: telegram.issuer,
  });
});
beforeEach(() => {
  Object.assign(telegram, {
    exchange: 'right',
    claims: {},
    person: { id: 987_654_321, name: 'Ada Lovelace', preferred_username: 'ada' },
  });
});
afterAll(async () => {
  await running.close();
  await telegram.stop();
});

type Browser = { cookie: string; code: string; state: string };

/** A browser that has returned from Telegram. */
const returnedBrowser = async (): Promise<Browser & { url: string; setCookie: string }> => {
  const response = await running.call('POST', '/auth/telegram-login', {
    headers: { host: 'buoy.local:8080' },
  });
  const setCookie = String(response.headers['set-cookie']);
  const { url } = response.json<{ url: string }>();
  const back = await telegram.visit(url);
  return {
    url,
    setCookie,
    cookie: setCookie.split(';', 1)[0] ?? '',
    code: back.searchParams.get('code') ?? '',
    state: back.searchParams.get('state') ?? '',
  };
};
const finish = ({ cookie, code, state }: Browser, headers: Record<string, string> = {}) =>
  running.call('POST', '/auth/telegram-login/finish', {
    body: { code, state },
    headers: { host: 'buoy.local:8080', cookie, ...headers },
  });

describe('POST /auth/telegram-login', () => {
  test('returns 200 with the page to go to, and a cookie that no script and no other host can set', async () => {
    const { url, setCookie, cookie } = await returnedBrowser();
    const page = new URL(url);
    expect(page.origin + page.pathname).toBe(`${telegram.issuer}/auth`);
    expect(Object.fromEntries(page.searchParams)).toMatchObject({
      client_id: telegram.clientId,
      redirect_uri: 'http://buoy.local:8080/sign-in',
      response_type: 'code',
      scope: 'openid profile',
      code_challenge_method: 'S256',
    });
    expect(setCookie).toContain('Path=/;');
    for (const attribute of ['HttpOnly', 'Secure', 'SameSite=Strict', 'Max-Age=600'])
      expect(setCookie).toContain(attribute);
    expect(url).not.toContain(cookie.split('=')[1]);
    expect(url).not.toContain(telegram.clientSecret);
  });

  test('the sign-in page offers it where it is set up', async () => {
    expect((await running.call('GET', '/auth/ways')).json()).toMatchObject({ telegramLogin: true });
  });

  test('returns 401 with a message where it is not set up, and the sign-in page hides it', async () => {
    const plain = await startTestBuoy();
    expect((await plain.call('GET', '/auth/ways')).json()).toMatchObject({ telegramLogin: false });
    const refused = await plain.call('POST', '/auth/telegram-login');
    expect(refused.statusCode).toBe(401);
    expect(refused.json()).toMatchObject({
      code: 'sign_in_failed',
      hint: expect.stringContaining('CLIENT_ID'),
    });
    await plain.close();
  });
});

describe('POST /auth/telegram-login/finish', () => {
  test('returns 200: the person is signed in and stays so by the cookie of the web app', async () => {
    const response = await finish(await returnedBrowser());
    expect(response.statusCode).toBe(200);
    const { token, user } = response.json();
    expect(user).toMatchObject({ id: '987654321', firstName: 'Ada Lovelace', username: 'ada' });
    expect(String(response.headers['set-cookie'])).toContain('__Host-Http-buoy_refresh=');
    expect(String(response.headers['set-cookie'])).toContain('__Host-Http-buoy_login=;');
    expect((await running.call('GET', '/me', { token })).statusCode).toBe(200);
  });

  test('returns 200: the same person as in the Mini App, with unchanged names and language', async () => {
    await running.signIn(77);
    telegram.person = { id: 77, name: 'User 77 launch 1' };
    const before = await running.call('GET', '/me', { token: await running.signIn(77) });
    telegram.person.name = before.json().user.firstName;
    const { user } = (await finish(await returnedBrowser())).json();
    expect(user).toMatchObject({ id: '77', firstName: before.json().user.firstName });
  });

  test('returns 401 for another browser, for another state, and without a cookie; Buoy does not even call Telegram', async () => {
    const [mine, theirs] = [await returnedBrowser(), await returnedBrowser()];
    const asked = telegram.exchanges;
    for (const wrong of [
      { ...mine, cookie: theirs.cookie },
      { ...mine, state: theirs.state },
      { ...mine, cookie: '' },
      { ...mine, cookie: '__Host-Http-buoy_login=made-up' },
    ])
      expect((await finish(wrong)).json()).toMatchObject({ code: 'sign_in_failed' });
    expect(telegram.exchanges).toBe(asked);
    expect((await finish(mine)).statusCode).toBe(200);
  });

  test('returns 401 the second time; of ten at once one succeeds', async () => {
    const browser = await returnedBrowser();
    const answers = await Promise.all(Array.from({ length: 10 }, () => finish(browser)));
    expect(answers.filter(({ statusCode }) => statusCode === 200)).toHaveLength(1);
    expect((await finish(browser)).statusCode).toBe(401);
  });

  test('returns 401 for a repetition with the Idempotency-Key but without the cookie', async () => {
    const browser = await returnedBrowser();
    const headers = { 'idempotency-key': 'key-of-one-sign-in' };
    expect((await finish(browser, headers)).statusCode).toBe(200);
    expect((await finish({ ...browser, cookie: '' }, headers)).statusCode).not.toBe(200);
  });

  test.each([
    ['of another issuer', { iss: 'https://evil.example' }],
    ['for another client', { aud: '42' }],
    ['that has expired', { exp: 1_700_000_000 }],
    ['made long ago', { iat: Math.floor(Date.now() / 1000) - 3_000 }],
    ['of another login', { nonce: 'another' }],
    ['without a nonce', { nonce: undefined }],
    ['without an expiry', { exp: undefined }],
    ['without an id of the person', { id: undefined }],
    ['with a string as id of the person', { id: '987654321' }],
    ['with a fractional id of the person', { id: 1.5 }],
  ])('returns 401 for a token %s', async (_what, claims) => {
    telegram.claims = claims;
    const response = await finish(await returnedBrowser());
    expect(response.statusCode).toBe(401);
    expect(response.json()).toMatchObject({ error: 'Telegram did not confirm this sign-in.' });
    expect(response.headers['set-cookie']).not.toContain('__Host-Http-buoy_refresh=');
  });

  test.each([
    ['by a stranger’s key', 'Telegram did not confirm'],
    ['refused', 'Telegram did not confirm'],
    ['broken', 'Telegram gave no valid answer'],
  ] as const)('returns 401 with a message when the exchange is %s', async (exchange, words) => {
    telegram.exchange = exchange;
    const response = await finish(await returnedBrowser());
    expect(response.statusCode).toBe(401);
    expect(response.json().error).toContain(words);
    expect(response.body).not.toContain(telegram.clientSecret);
  });
});
