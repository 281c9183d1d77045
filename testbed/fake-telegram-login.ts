// A fake oauth.telegram.org: redirects back at once without asking, and signs the configured person.
// Source: https://core.telegram.org/bots/telegram-login#manual-implementation
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { listenOnLoopback } from './listen-on-loopback.ts';

export type FakeTelegramLogin = {
  /** What `TELEGRAM_OIDC_ISSUER` is set to. */
  issuer: string;
  clientId: string;
  clientSecret: string;
  /** Who logs in; a real one has other numbers for `sub` and `id`. */
  person: { id: number; name?: string; preferred_username?: string; picture?: string };
  /** On top of the claims of the next tokens; `undefined` leaves one out. */
  claims: Record<string, unknown>;
  /** How the next exchanges of a code go. */
  exchange: 'right' | 'by a stranger’s key' | 'refused' | 'broken';
  /** Exchanges that were asked for so far. */
  exchanges: number;
  /** The redirect address that a browser gets from this page. */
  visit(authorizationUrl: string): Promise<URL>;
  stop(): Promise<void>;
};

const KEY_ID = 'oidc-1';

type Login = { redirectUri: string; challenge: string; nonce: string | null };

export async function startFakeTelegramLogin(): Promise<FakeTelegramLogin> {
  const [own, stranger] = [newKeys(), newKeys()];
  const keys = [{ ...own.publicKey.export({ format: 'jwk' }), alg: 'RS256', kid: KEY_ID }];
  /** Those whose code has not been exchanged. */
  const logins = new Map<string, Login>();

  const begin = (query: URLSearchParams, response: ServerResponse): void => {
    const redirectUri = query.get('redirect_uri') ?? '';
    const isRight =
      query.get('client_id') === fake.clientId &&
      query.get('response_type') === 'code' &&
      query.get('code_challenge_method') === 'S256' &&
      query.get('scope')?.split(' ').includes('openid');
    if (!isRight) {
      response.writeHead(400).end();
      return;
    }
    const code = randomBytes(24).toString('base64url');
    logins.set(code, {
      redirectUri,
      challenge: query.get('code_challenge') ?? '',
      nonce: query.get('nonce'),
    });
    const back = new URL(redirectUri);
    back.searchParams.set('code', code);
    back.searchParams.set('state', query.get('state') ?? '');
    response.writeHead(302, { location: back.href }).end();
  };

  const exchange = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    fake.exchanges += 1;
    const body = new URLSearchParams(await textOf(request));
    const login = logins.get(body.get('code') ?? '');
    logins.delete(body.get('code') ?? '');
    const basic = Buffer.from(`${fake.clientId}:${fake.clientSecret}`).toString('base64');
    const verifier = body.get('code_verifier') ?? '';
    const isRight =
      login !== undefined &&
      fake.exchange !== 'refused' &&
      request.headers.authorization === `Basic ${basic}` &&
      body.get('grant_type') === 'authorization_code' &&
      body.get('redirect_uri') === login.redirectUri &&
      createHash('sha256').update(verifier).digest('base64url') === login.challenge;
    if (!isRight) return json(response, 400, { error: 'invalid_grant' });
    if (fake.exchange === 'broken') return json(response, 200, { access_token: 'x' });
    const now = Math.floor(Date.now() / 1000);
    const claims = {
      iss: fake.issuer,
      aud: fake.clientId,
      sub: '1234123412341234123',
      iat: now,
      exp: now + 3_600,
      nonce: login.nonce,
      ...fake.person,
      ...fake.claims,
    };
    const { privateKey } = fake.exchange === 'by a stranger’s key' ? stranger : own;
    json(response, 200, {
      access_token: 'x',
      token_type: 'Bearer',
      expires_in: 3_600,
      id_token: signed(claims, privateKey),
    });
  };

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    if (request.method === 'GET' && url.pathname === '/auth') begin(url.searchParams, response);
    else if (request.method === 'POST' && url.pathname === '/token') void exchange(request, response);
    else if (url.pathname === '/.well-known/jwks.json') json(response, 200, { keys });
    else response.writeHead(404).end();
  });
  const { port } = await listenOnLoopback(server);
  const fake: FakeTelegramLogin = {
    issuer: `http://127.0.0.1:${port}`,
    clientId: '7000000001',
    clientSecret: 'client-secret-of-no-bot-at-all',
    person: { id: 987_654_321, name: 'Ada Lovelace', preferred_username: 'ada' },
    claims: {},
    exchange: 'right',
    exchanges: 0,
    async visit(authorizationUrl) {
      const answer = await fetch(authorizationUrl, { redirect: 'manual' });
      const location = answer.headers.get('location');
      if (location === null) throw new Error(`It was sent nowhere: ${answer.status}.`);
      return new URL(location);
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return fake;
}

function newKeys() {
  return generateKeyPairSync('rsa', { modulusLength: 2_048 });
}

/** A JWT by RS256 (RFC 7515); claims that are undefined are left out. */
function signed(claims: Record<string, unknown>, key: KeyObject): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const content = `${part({ alg: 'RS256', kid: KEY_ID })}.${part(claims)}`;
  return `${content}.${sign('sha256', Buffer.from(content), key).toString('base64url')}`;
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
