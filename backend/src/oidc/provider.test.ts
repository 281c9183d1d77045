// OpenID providers that time out, send too much or send invalid answers: the person gets an error in time.
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { createServer, type RequestListener, type Server } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { listenOnLoopback } from '../../../testbed/listen-on-loopback.ts';
import { createOidcProvider } from './provider.ts';

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

const login = {
  code: 'c',
  issuer: undefined,
  redirectUri: 'https://buoy.example/sign-in/oidc',
  ...{ state: 's', nonce: 'n', verifier: 'v'.repeat(43) },
};

async function providerOf(listener: (issuer: string) => RequestListener) {
  let answer: RequestListener = (_request, response) => void response.end();
  server = createServer((request, response) => answer(request, response));
  const { port } = await listenOnLoopback(server);
  const issuer = `http://127.0.0.1:${port}`;
  answer = listener(issuer);
  return createOidcProvider({ issuer, clientId: 'buoy', clientSecret: 'client-secret', deadlineMs: 300 });
}
const identified = async (listener: (issuer: string) => RequestListener) =>
  (await providerOf(listener)).identify(login, new AbortController().signal);

const silence = 'The sign-in provider gave no valid answer, so you are not signed in.';
const notConfirmed = 'The sign-in provider did not confirm this sign-in.';

const [own, stranger] = [1, 2].map(() => generateKeyPairSync('rsa', { modulusLength: 2_048 }));
type Claims = Record<string, unknown>;
/** A provider that is right but for `change`. */
const issuing =
  (change: { key?: KeyObject | undefined; header?: object; claims?: Claims; token?: RequestListener } = {}) =>
  (issuer: string): RequestListener =>
  (request, response) => {
    const json = (body: unknown) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    if (request.url === '/.well-known/openid-configuration')
      return json({
        issuer,
        authorization_endpoint: `${issuer}/auth`,
        token_endpoint: `${issuer}/token`,
        jwks_uri: `${issuer}/jwks`,
        id_token_signing_alg_values_supported: ['RS256'],
      });
    if (request.url === '/jwks')
      return json({ keys: [{ ...own?.publicKey.export({ format: 'jwk' }), alg: 'RS256', kid: 'k' }] });
    if (change.token !== undefined) return change.token(request, response);
    const now = Math.floor(Date.now() / 1000);
    const claims = {
      iss: issuer,
      aud: 'buoy',
      sub: 'ada',
      iat: now,
      exp: now + 300,
      nonce: 'n',
      ...change.claims,
    };
    const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const content = `${part({ alg: 'RS256', kid: 'k', ...change.header })}.${part(claims)}`;
    const key = change.key ?? own?.privateKey ?? expect.unreachable();
    json({
      access_token: 'x',
      token_type: 'Bearer',
      id_token: `${content}.${sign('sha256', Buffer.from(content), key).toString('base64url')}`,
    });
  };

test('OpenID sign-in takes the name from the id token', async () => {
  expect(await identified(issuing({ claims: { name: 'Ada' } }))).toMatchObject({
    subject: 'ada',
    name: 'Ada',
  });
});

describe('an OpenID provider without valid discovery', () => {
  test.each<[string, RequestListener]>([
    ['never answers', () => undefined],
    ['begins to answer and stops', (_request, response) => void response.write('{')],
    ['fails', (_request, response) => void response.writeHead(500).end('{}')],
    ['answers no JSON', (_request, response) => void response.end('<html>')],
    ['answers without end', (_request, response) => void response.end('x'.repeat(1_000_000))],
    [
      'says that it is another one',
      (_request, response) =>
        void response
          .writeHead(200, { 'content-type': 'application/json' })
          .end(JSON.stringify({ issuer: 'https://evil.example' })),
    ],
  ])('that %s causes the no-valid-answer error', async (_what, listener) => {
    await expect(identified(() => listener)).rejects.toMatchObject({
      code: 'sign_in_failed',
      message: silence,
    });
  });
});

describe('OpenID code exchange', () => {
  test.each<[string, RequestListener]>([
    ['never answers', () => undefined],
    ['fails', (_request, response) => void response.writeHead(500).end('{}')],
    ['answers no JSON', (_request, response) => void response.end('<html>')],
    ['answers without end', (_request, response) => void response.end('x'.repeat(1_000_000))],
    ['sends one elsewhere', (_request, response) => void response.writeHead(302, { location: '/' }).end()],
  ])('that %s causes the no-valid-answer error', async (_what, token) => {
    await expect(identified(issuing({ token }))).rejects.toMatchObject({ message: silence });
  });

  test.each<[string, Parameters<typeof issuing>[0]]>([
    ['signed by a stranger', { key: stranger?.privateKey }],
    ['that says it needs no signature', { header: { alg: 'none' } }],
    ['of another issuer', { claims: { iss: 'https://evil.example' } }],
    ['for another client', { claims: { aud: 'another' } }],
    ['that has expired', { claims: { exp: 1_700_000_000 } }],
    ['of another login', { claims: { nonce: 'another' } }],
    ['without a nonce', { claims: { nonce: undefined } }],
    ['without a subject', { claims: { sub: undefined } }],
  ])('refuses a token %s', async (_what, change) => {
    await expect(identified(issuing(change))).rejects.toMatchObject({ message: notConfirmed });
  });
});
