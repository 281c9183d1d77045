// OpenID Connect sign-in: started in a browser, confirmed by the provider, finished once in the same browser.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startOidcProvider, type TestOidcProvider } from '../../testbed/oidc-provider.ts';
import { auditLogOf } from './support/audit-log.ts';
import { SUPER_ID, startTestBuoy, type TestBuoy } from './support/test-buoy.ts';

const HOST = 'buoy.local:8080';

let provider: TestOidcProvider;
let running: TestBuoy;
let superToken: string;
const settings = () => ({
  OIDC_ISSUER: provider.issuer,
  OIDC_CLIENT_ID: provider.clientId,
  OIDC_CLIENT_SECRET: provider.clientSecret,
});
beforeAll(async () => {
  provider = await startOidcProvider([`http://${HOST}/sign-in/oidc`, 'http://elsewhere.local/sign-in/oidc']);
  running = await startTestBuoy({ SIGN_UP: 'approval', ...settings() });
  superToken = await running.signIn(SUPER_ID);
});
beforeEach(() => {
  Object.assign(provider, { mode: 'ready', person: { sub: 'person-1', name: 'Ada Lovelace' } });
});
afterAll(async () => {
  await running.close();
  await provider.stop();
});

type Browser = { cookie: string; code: string; state: string; iss?: string };

const begin = (host = HOST, buoy = running) => buoy.call('POST', '/auth/oidc', { headers: { host } });
/** A browser that has returned from the provider. */
const returnedBrowser = async (host = HOST): Promise<Browser & { url: string; setCookie: string }> => {
  const response = await begin(host);
  const setCookie = String(response.headers['set-cookie']);
  const { url } = response.json<{ url: string }>();
  const { searchParams } = await provider.visit(url);
  const iss = searchParams.get('iss');
  return {
    url,
    setCookie,
    cookie: setCookie.split(';', 1)[0] ?? '',
    code: searchParams.get('code') ?? '',
    state: searchParams.get('state') ?? '',
    ...(iss === null ? {} : { iss }),
  };
};
const finish = ({ cookie, code, state, iss }: Browser, headers: Record<string, string> = {}) =>
  running.call('POST', '/auth/oidc/finish', {
    body: { code, state, ...(iss === undefined ? {} : { iss }) },
    headers: { host: HOST, cookie, ...headers },
  });
const signedIn = async () => {
  const answer = await finish(await returnedBrowser());
  expect(answer.statusCode).toBe(200);
  return answer.json<{ token: string; user: { id: string; firstName: string; approved: boolean } }>();
};

describe('POST /auth/oidc', () => {
  test('returns 200 with the page to go to, and a cookie that no script and no other host can set', async () => {
    const { url, setCookie, cookie } = await returnedBrowser();
    const page = new URL(url);
    expect(page.origin).toBe(provider.issuer);
    expect(Object.fromEntries(page.searchParams)).toMatchObject({
      client_id: provider.clientId,
      redirect_uri: `http://${HOST}/sign-in/oidc`,
      response_type: 'code',
      scope: 'openid profile email',
      code_challenge_method: 'S256',
      nonce: expect.stringMatching(/^[\w-]{43}$/),
    });
    for (const attribute of ['HttpOnly', 'Secure', 'SameSite=Strict', 'Max-Age=600'])
      expect(setCookie).toContain(attribute);
    expect(url).not.toContain(cookie.split('=')[1]);
    expect(url).not.toContain(provider.clientSecret);
  });

  test('the sign-in page offers it where it is set up; elsewhere 401 with a message', async () => {
    expect((await running.call('GET', '/auth/ways')).json()).toMatchObject({ oidc: true });
    const plain = await startTestBuoy();
    expect((await plain.call('GET', '/auth/ways')).json()).toMatchObject({ oidc: false });
    const refused = await begin(HOST, plain);
    expect([refused.statusCode, refused.json().hint]).toEqual([401, expect.stringContaining('OIDC_ISSUER')]);
    await plain.close();
  });

  test('returns 401 with a message while the provider is down, and 200 as soon as it is back', async () => {
    const other = await startTestBuoy(settings());
    provider.mode = 'away';
    const away = await begin(HOST, other);
    expect([away.statusCode, away.json().error]).toEqual([
      401,
      'The sign-in provider gave no valid answer, so you are not signed in.',
    ]);
    provider.mode = 'ready';
    expect((await begin(HOST, other)).statusCode).toBe(200);
    await other.close();
  });
});

describe('POST /auth/oidc/finish', () => {
  test('returns 200: a new person waits for approval under SIGN_UP=approval and appears in the inbox', async () => {
    provider.person = { sub: 'newcomer', name: 'Grace Hopper' };
    const answer = await finish(await returnedBrowser());
    expect(answer.statusCode).toBe(200);
    const { token, user } = answer.json();
    expect(user).toMatchObject({
      id: expect.stringMatching(/^u_/),
      firstName: 'Grace Hopper',
      approved: false,
    });
    expect(String(answer.headers['set-cookie'])).toContain('__Host-Http-buoy_refresh=');
    expect(String(answer.headers['set-cookie'])).toContain('__Host-Http-buoy_login=;');
    expect((await running.call('GET', '/servers', { token })).json().code).toBe('not_approved');
    const { accessRequests } = (await running.call('GET', '/inbox', { token: superToken })).json();
    expect(accessRequests).toContainEqual(expect.objectContaining({ userId: user.id, name: 'Grace Hopper' }));
  });

  test('returns 200: the same person returns with their current name, and an approved person stays approved', async () => {
    const first = await signedIn();
    await running.call('POST', `/admin/users/${first.user.id}/approve`, { token: superToken });
    provider.person.name = 'Ada King';
    const { token, user } = await signedIn();
    expect(user).toMatchObject({ id: first.user.id, firstName: 'Ada King', approved: true });
    const { sessions } = (await running.call('GET', '/me/sessions', { token })).json();
    expect(sessions[0]).toMatchObject({ kind: 'oidc', current: true });
  });

  test('returns 200: another subject with the same name and address is another person', async () => {
    const mine = await signedIn();
    provider.person = { sub: 'person-2', name: 'Ada Lovelace', email: 'ada@example.org' };
    expect((await signedIn()).user.id).not.toBe(mine.user.id);
  });

  test('returns 200 for a person whose provider sends only an address, or neither name nor address', async () => {
    provider.person = { sub: 'by-address', email: 'hedy@example.org' };
    expect((await signedIn()).user.firstName).toBe('hedy@example.org');
    provider.person = { sub: 'nameless' };
    expect((await signedIn()).user.firstName).toBe('Unnamed');
  });

  test('returns 401 for another browser, for another state, and without a cookie; Buoy does not even call the provider', async () => {
    const [mine, theirs] = [await returnedBrowser(), await returnedBrowser()];
    const asked = provider.exchanges;
    for (const wrong of [
      { ...mine, cookie: theirs.cookie },
      { ...mine, state: theirs.state },
      { ...mine, cookie: '' },
      { ...mine, cookie: '__Host-Http-buoy_login=made-up' },
    ])
      expect((await finish(wrong)).json()).toMatchObject({ code: 'sign_in_failed' });
    expect(provider.exchanges).toBe(asked);
    expect((await finish(mine)).statusCode).toBe(200);
  });

  test('returns 401 the second time; of ten at once one succeeds', async () => {
    const browser = await returnedBrowser();
    const answers = await Promise.all(Array.from({ length: 10 }, () => finish(browser)));
    expect(answers.filter(({ statusCode }) => statusCode === 200)).toHaveLength(1);
    expect((await finish(browser)).statusCode).toBe(401);
  });

  test('returns 401 for a code of another login or another issuer, and for a made-up one', async () => {
    const [mine, theirs] = [await returnedBrowser(), await returnedBrowser()];
    expect((await finish({ ...mine, code: theirs.code })).json().error).toBe(
      'The sign-in provider did not confirm this sign-in.',
    );
    expect((await finish({ ...(await returnedBrowser()), iss: 'https://evil.example' })).statusCode).toBe(
      401,
    );
    expect((await finish({ ...(await returnedBrowser()), code: 'made-up' })).statusCode).toBe(401);
  });

  test('returns 401 at another address of Buoy than the one where it began', async () => {
    const browser = await returnedBrowser('elsewhere.local');
    expect((await finish(browser)).statusCode).toBe(401);
  });

  test('returns 401 for a sign-in that began with Telegram’s cookie: each method has its own', async () => {
    const browser = await returnedBrowser();
    const response = await running.call('POST', '/auth/telegram-login/finish', {
      body: { code: browser.code, state: browser.state },
      headers: { host: HOST, cookie: browser.cookie },
    });
    expect(response.statusCode).toBe(401);
    expect((await finish(browser)).statusCode).toBe(200);
  });

  test('returns 401 with a message when the provider goes down midway; nothing of the secret is shown', async () => {
    const browser = await returnedBrowser();
    provider.mode = 'away';
    const answer = await finish(browser);
    expect([answer.statusCode, answer.json().error]).toEqual([
      401,
      'The sign-in provider gave no valid answer, so you are not signed in.',
    ]);
    expect(answer.body).not.toContain(provider.clientSecret);
  });

  test('returns 403 for a disabled person', async () => {
    provider.person = { sub: 'to-be-disabled', name: 'Mallory' };
    const { user } = await signedIn();
    await running.call('POST', `/admin/users/${user.id}/disable`, { token: superToken });
    const answer = await finish(await returnedBrowser());
    expect([answer.statusCode, answer.json().code]).toEqual([403, 'account_disabled']);
  });

  test('audit log holds who signed in, and neither code nor state', async () => {
    const browser = await returnedBrowser();
    const { user } = (await finish(browser, { 'x-request-id': 'oidc-in' })).json();
    const log = await auditLogOf(running, superToken);
    expect(log.find(({ requestId }) => requestId === 'oidc-in')).toMatchObject({
      action: 'POST /auth/oidc/finish',
      userId: user.id,
      result: 'ok',
    });
    for (const secret of [browser.code, browser.state, provider.clientSecret])
      expect(JSON.stringify(log)).not.toContain(secret);
  });
});
