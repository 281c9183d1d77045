// Passkeys over HTTP: adding one while signed in, signing in with it, and what a thief may try.
import type { Passkey, PasskeyCreationOptions, PasskeyRequestOptions } from '@buoy/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type AuthenticatorFaults,
  createSoftwareAuthenticator,
} from '../../testbed/software-authenticator.ts';
import { auditLogOf } from './support/audit-log.ts';
import { SUPER_ID, startTestBuoy, type TestBuoy } from './support/test-buoy.ts';

const HOST = 'buoy.localhost:8080';
const ORIGIN = `http://${HOST}`;

let running: TestBuoy;
let superToken: string;
let people = 100;
beforeAll(async () => {
  running = await startTestBuoy({ SIGN_UP: 'open' });
  superToken = await running.signIn(SUPER_ID);
});
afterAll(() => running.close());

const call = (
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  url: string,
  options: { token?: string; body?: object; host?: string; headers?: Record<string, string> } = {},
) => running.call(method, url, { ...options, headers: { host: options.host ?? HOST, ...options.headers } });

const newPerson = async () => {
  people += 1;
  return { id: String(people), token: await running.signIn(people) };
};
type Authenticator = ReturnType<typeof createSoftwareAuthenticator>;
const creationOptions = async (token: string): Promise<PasskeyCreationOptions> =>
  (await call('POST', '/me/passkeys/options', { token })).json().options;
const add = async (token: string, authenticator: Authenticator, faults?: AuthenticatorFaults) =>
  call('POST', '/me/passkeys', {
    token,
    body: { name: 'Phone', credential: authenticator.create(await creationOptions(token), faults) },
  });
const requestOptions = async (): Promise<PasskeyRequestOptions> =>
  (await call('POST', '/auth/passkey/options')).json().options;
const verify = (credential: object, headers: Record<string, string> = {}) =>
  call('POST', '/auth/passkey/verify', { body: { credential }, headers });
const signIn = async (authenticator: Authenticator, faults?: AuthenticatorFaults) =>
  verify(authenticator.get(await requestOptions(), faults));
/** A person with one passkey. */
const withPasskey = async (faults?: AuthenticatorFaults) => {
  const person = await newPerson();
  const authenticator = createSoftwareAuthenticator(ORIGIN);
  const answer = await add(person.token, authenticator, faults);
  expect(answer.statusCode).toBe(201);
  return { ...person, authenticator, passkey: answer.json<{ passkey: Passkey }>().passkey };
};
const refused = {
  error: 'This passkey cannot be used to sign in here.',
  code: 'sign_in_failed',
  hint: expect.any(String),
  requestId: expect.any(String),
};

describe('adding a passkey', () => {
  test('201, and the list shows its name and host name, never its key', async () => {
    const { id, token, passkey } = await withPasskey();
    const listed = await call('GET', '/me/passkeys', { token });
    expect(listed.json()).toEqual({
      passkeys: [
        {
          id: expect.stringMatching(/^pky_/),
          name: 'Phone',
          domain: 'buoy.localhost',
          synced: false,
          createdAt: expect.any(String),
          lastUsedAt: null,
        },
      ],
      nextCursor: null,
    });
    const entry = (await auditLogOf(running, superToken)).find(
      ({ action, userId }) => action === 'POST /me/passkeys' && userId === id,
    );
    expect(entry).toMatchObject({ target: 'Phone', result: 'ok', details: { passkey: passkey.id } });
    expect(JSON.stringify(entry)).not.toContain('attestationObject');
  });

  test('the options exclude existing passkeys, and their handle says nothing about the person', async () => {
    const { id, token } = await withPasskey();
    const options = await creationOptions(token);
    expect(options).toMatchObject({
      rp: { id: 'buoy.localhost', name: 'Buoy' },
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
      attestation: 'none',
    });
    expect(options.excludeCredentials).toHaveLength(1);
    expect(Buffer.from(options.user.id, 'base64url').toString('latin1')).not.toContain(id);
  });

  test.each<[string, AuthenticatorFaults]>([
    ['for another page', { origin: 'http://evil.localhost:8080' }],
    ['for another port of the same host', { origin: 'http://buoy.localhost:9090' }],
    ['signed for another host name', { domain: 'localhost' }],
    ['for another challenge', { challenge: 'bm90LXRoZS1jaGFsbGVuZ2U' }],
    ['without user verification', { isPersonVerified: false }],
    ['as a sign-in', { type: 'webauthn.get' }],
  ])('returns 400 for an answer made %s', async (_what, faults) => {
    const { token } = await newPerson();
    const answer = await add(token, createSoftwareAuthenticator(ORIGIN), faults);
    expect([answer.statusCode, answer.json().code]).toEqual([400, 'invalid_request']);
    expect((await call('GET', '/me/passkeys', { token })).json().passkeys).toEqual([]);
  });

  test('returns 201 for any authenticator: Buoy reads no attestation statement and fetches nothing that it names', async () => {
    const statement = new Map<string, unknown>([
      ['alg', -7],
      ['sig', Buffer.from('no signature')],
      ['x5c', [Buffer.from('no certificate')]],
    ]);
    await withPasskey({ attestation: { fmt: 'packed', statement } });
  });

  test('returns 400 for an answer to the options of another person, and for the same answer again', async () => {
    const [mine, theirs] = [await newPerson(), await newPerson()];
    const authenticator = createSoftwareAuthenticator(ORIGIN);
    const credential = authenticator.create(await creationOptions(theirs.token));
    const body = { name: 'Phone', credential };
    expect((await call('POST', '/me/passkeys', { token: mine.token, body })).statusCode).toBe(400);
    expect((await call('POST', '/me/passkeys', { token: theirs.token, body })).statusCode).toBe(201);
    expect((await call('POST', '/me/passkeys', { token: theirs.token, body })).statusCode).toBe(400);
  });

  test('returns 409 for the twenty-first; of many at once only as many as fit are stored', async () => {
    const { token } = await newPerson();
    const answers = await Promise.all(
      Array.from({ length: 24 }, () => add(token, createSoftwareAuthenticator(ORIGIN))),
    );
    expect(answers.filter(({ statusCode }) => statusCode === 201)).toHaveLength(20);
    expect(answers.filter(({ statusCode }) => statusCode === 409)).toHaveLength(4);
  });

  test.each([
    ['an IP address', '192.0.2.7:8080'],
    ['an IPv6 address', '[::1]:8080'],
    ['a host name over plain http', 'buoy.lan:8080'],
  ])('returns 422 with a message at %s, and the sign-in page hides passkeys', async (_what, host) => {
    const { token } = await newPerson();
    for (const answer of [
      await call('POST', '/me/passkeys/options', { token, host }),
      await call('POST', '/auth/passkey/options', { host }),
    ])
      expect([answer.statusCode, answer.json().code]).toEqual([422, 'unsupported']);
    expect((await call('GET', '/auth/ways', { host })).json()).toMatchObject({ passkey: false, link: true });
    expect((await call('GET', '/auth/ways')).json()).toMatchObject({ passkey: true, telegram: true });
  });

  test('returns 403 for a person who is not approved, and for an API token', async () => {
    const closed = await startTestBuoy({ SIGN_UP: 'approval' });
    const pending = await closed.signIn(77);
    const answer = await closed.call('POST', '/me/passkeys/options', { token: pending });
    expect([answer.statusCode, answer.json().code]).toEqual([403, 'not_approved']);
    await closed.close();
  });
});

describe('renaming and removing a passkey', () => {
  test('returns 200 with the new name; 204, and it no longer signs in', async () => {
    const { token, passkey, authenticator } = await withPasskey();
    const renamed = await call('PUT', `/me/passkeys/${passkey.id}`, { token, body: { name: ' Laptop ' } });
    expect([renamed.statusCode, renamed.json().passkey.name]).toEqual([200, 'Laptop']);
    expect((await signIn(authenticator)).statusCode).toBe(200);
    expect((await call('DELETE', `/me/passkeys/${passkey.id}`, { token })).statusCode).toBe(204);
    expect((await signIn(authenticator)).json()).toEqual(refused);
  });

  test('returns 404 for the passkey of another person, which stays unchanged', async () => {
    const [mine, theirs] = [await newPerson(), await withPasskey()];
    const url = `/me/passkeys/${theirs.passkey.id}`;
    expect((await call('PUT', url, { token: mine.token, body: { name: 'Mine' } })).statusCode).toBe(404);
    expect((await call('DELETE', url, { token: mine.token })).statusCode).toBe(404);
    expect((await call('GET', '/me/passkeys', { token: theirs.token })).json().passkeys).toEqual([
      theirs.passkey,
    ]);
  });

  test('returns 400 for a name with invisible characters', async () => {
    const { token, passkey } = await withPasskey();
    const body = { name: 'Pho\u202ene' };
    expect((await call('PUT', `/me/passkeys/${passkey.id}`, { token, body })).statusCode).toBe(400);
  });
});

describe('signing in with a passkey', () => {
  test('returns 200 with a session of kind passkey, kept by the cookie of the web app; the last use is recorded', async () => {
    const { id, authenticator } = await withPasskey();
    const answer = await signIn(authenticator);
    expect(answer.statusCode).toBe(200);
    const { token, user } = answer.json();
    expect(user.id).toBe(id);
    expect(String(answer.headers['set-cookie'])).toContain('__Host-Http-buoy_refresh=');
    const { sessions } = (await call('GET', '/me/sessions', { token })).json();
    expect(sessions[0]).toMatchObject({ kind: 'passkey', current: true });
    expect((await call('GET', '/me/passkeys', { token })).json().passkeys[0].lastUsedAt).not.toBeNull();
  });

  test('the options name nobody, so they do not reveal who has a passkey', async () => {
    await withPasskey();
    expect(await requestOptions()).toEqual({
      rpId: 'buoy.localhost',
      challenge: expect.stringMatching(/^[\w-]{43}$/),
      timeout: 300_000,
      userVerification: 'required',
    });
  });

  test.each<[string, AuthenticatorFaults]>([
    ['was asked for by another page', { origin: 'http://evil.localhost:8080' }],
    ['was asked for by another port of the same host', { origin: 'http://buoy.localhost:9090' }],
    ['was signed for another host name', { domain: 'localhost' }],
    ['is for a challenge that was never sent', { challenge: 'bm90LXRoZS1jaGFsbGVuZ2U' }],
    ['has no user verification', { isPersonVerified: false }],
    ['is not a sign-in', { type: 'webauthn.create' }],
    ['names another person', { userHandle: 'YW5vdGhlcg' }],
    ['has a forged signature', { signature: 'Zm9yZ2Vk' }],
  ])('returns 401 with the same message when the answer %s', async (_what, faults) => {
    const { authenticator } = await withPasskey();
    const answer = await signIn(authenticator, faults);
    expect(answer.statusCode).toBe(401);
    expect(answer.json()).toEqual(refused);
    expect(answer.headers['set-cookie']).toBeUndefined();
  });

  test('returns 401 with the same message for an unknown passkey', async () => {
    const stranger = createSoftwareAuthenticator(ORIGIN);
    stranger.create(await creationOptions((await newPerson()).token));
    expect((await signIn(stranger)).json()).toEqual(refused);
  });

  test('returns 401 at another name of the same Buoy: the caller chooses the Host header', async () => {
    const { authenticator } = await withPasskey();
    const options: PasskeyRequestOptions = (
      await call('POST', '/auth/passkey/options', { host: 'buoy.localhost:9090' })
    ).json().options;
    const credential = authenticator.get(options, { origin: 'http://buoy.localhost:9090' });
    const answer = await call('POST', '/auth/passkey/verify', {
      host: 'buoy.localhost:9090',
      body: { credential },
    });
    expect(answer.json()).toEqual(refused);
  });

  test('returns 401 the second time; of ten at once one succeeds', async () => {
    const { authenticator } = await withPasskey();
    const credential = authenticator.get(await requestOptions());
    const answers = await Promise.all(Array.from({ length: 10 }, () => verify(credential)));
    expect(answers.filter(({ statusCode }) => statusCode === 200)).toHaveLength(1);
    expect((await verify(credential)).json()).toEqual(refused);
  });

  test('returns 401 for a challenge that was sent to add a passkey', async () => {
    const { token, authenticator } = await withPasskey();
    const { challenge } = await creationOptions(token);
    expect((await signIn(authenticator, { challenge })).json()).toEqual(refused);
  });

  test('returns 401 when the signature count goes back: two copies of the key exist', async () => {
    const { authenticator } = await withPasskey({ counter: 5 });
    expect((await signIn(authenticator, { counter: 6 })).statusCode).toBe(200);
    expect((await signIn(authenticator, { counter: 6 })).json()).toEqual(refused);
    expect((await signIn(authenticator, { counter: 7 })).statusCode).toBe(200);
  });

  test('returns 403 for a disabled person, and only with a valid passkey', async () => {
    const { id, authenticator } = await withPasskey();
    expect((await call('POST', `/admin/users/${id}/disable`, { token: superToken })).statusCode).toBe(200);
    const answer = await signIn(authenticator);
    expect([answer.statusCode, answer.json().code]).toEqual([403, 'account_disabled']);
    expect((await signIn(authenticator, { signature: 'Zm9yZ2Vk' })).json()).toEqual(refused);
  });

  test('audit log holds a sign-in and a refusal, without what was sent', async () => {
    const { id, authenticator, passkey } = await withPasskey();
    const credential = authenticator.get(await requestOptions());
    await verify(credential, { 'x-request-id': 'passkey-ok' });
    await verify(credential, { 'x-request-id': 'passkey-again' });
    const log = await auditLogOf(running, superToken);
    expect(log.find(({ requestId }) => requestId === 'passkey-ok')).toMatchObject({
      userId: id,
      result: 'ok',
      details: { passkey: passkey.id },
    });
    expect(JSON.stringify(log)).not.toContain(credential.response.signature);
    expect(JSON.stringify(log)).not.toContain(credential.id);
  });
});

test('returns 429 after ten passkey sign-ins a minute from one address', async () => {
  const limited = await startTestBuoy({ RATE_LIMIT_AUTH: '10' });
  const statuses: number[] = [];
  for (let time = 0; time < 12; time += 1)
    statuses.push(
      (await limited.call('POST', '/auth/passkey/options', { headers: { host: HOST } })).statusCode,
    );
  expect(statuses.filter((status) => status === 429)).toHaveLength(2);
  await limited.close();
});

test('with APP_DOMAIN passkeys are bound to that name, however the caller reached Buoy', async () => {
  const named = await startTestBuoy({ SIGN_UP: 'open', APP_DOMAIN: 'buoy.example' });
  const token = await named.signIn(5);
  const authenticator = createSoftwareAuthenticator('https://buoy.example');
  const headers = { host: '127.0.0.1:8080' };
  const { options } = (await named.call('POST', '/me/passkeys/options', { token, headers })).json();
  expect(options.rp.id).toBe('buoy.example');
  const body = { name: 'Phone', credential: authenticator.create(options) };
  expect((await named.call('POST', '/me/passkeys', { token, headers, body })).statusCode).toBe(201);
  const asked = (await named.call('POST', '/auth/passkey/options', { headers })).json().options;
  const answer = await named.call('POST', '/auth/passkey/verify', {
    body: { credential: authenticator.get(asked) },
  });
  expect(answer.json().user.id).toBe('5');
  await named.close();
});
