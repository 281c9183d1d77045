// A certified OpenID provider on this machine, with a person who is always ready to sign in.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import Provider, { type Configuration } from 'oidc-provider';
import { listenOnLoopback } from './listen-on-loopback.ts';

export type TestOidcProvider = {
  issuer: string;
  clientId: string;
  clientSecret: string;
  /** Who signs in; `name` and the others are told at the userinfo endpoint alone. */
  person: { sub: string; name?: string; email?: string };
  /** What the provider says next: `away` answers 503 to everything, `refused` sends the person back as one who said no. */
  mode: 'ready' | 'away' | 'refused';
  /** Requests to exchange a code so far. */
  exchanges: number;
  /** The redirect address that a browser gets from this page. */
  visit(authorizationUrl: string): Promise<URL>;
  stop(): Promise<void>;
};

/** @param redirectUris where the provider may send a browser back to */
export async function startOidcProvider(redirectUris: string[]): Promise<TestOidcProvider> {
  let handle = (_request: IncomingMessage, response: ServerResponse): void =>
    void response.writeHead(503).end();
  const server = createServer((request, response) => {
    if (test.mode === 'away') {
      response.writeHead(503).end();
      return;
    }
    if (request.method === 'POST' && request.url === '/token') test.exchanges += 1;
    handle(request, response);
  });
  const { port } = await listenOnLoopback(server);
  const issuer = `http://127.0.0.1:${port}`;
  const clientId = 'buoy';
  const clientSecret = randomBytes(24).toString('base64url');
  const configuration: Configuration = {
    clients: [{ client_id: clientId, client_secret: clientSecret, redirect_uris: redirectUris }],
    claims: { openid: ['sub'], profile: ['name', 'preferred_username'], email: ['email'] },
    features: { devInteractions: { enabled: false } },
    jwks: {
      keys: [generateKeyPairSync('rsa', { modulusLength: 2_048 }).privateKey.export({ format: 'jwk' })],
    },
    // Seconds.
    ttl: { AccessToken: 60, IdToken: 60, Grant: 60, Interaction: 60, Session: 60 },
    cookies: { keys: [randomBytes(24).toString('base64url')] },
    pkce: { required: () => true },
    interactions: { url: (_context, interaction) => `/interaction/${interaction.uid}` },
    async findAccount(_context, id) {
      return { accountId: id, claims: async () => ({ ...test.person, sub: id }) };
    },
    async loadExistingGrant(context) {
      const { client, session } = context.oidc;
      const grant = new context.oidc.provider.Grant({
        clientId: client?.clientId ?? '',
        accountId: session?.accountId ?? '',
      });
      grant.addOIDCScope('openid profile email');
      await grant.save();
      return grant;
    },
  };
  const provider = new Provider(issuer, configuration);
  const callback = provider.callback();
  handle = (request, response) => {
    if (request.url?.startsWith('/interaction/') !== true) {
      void callback(request, response);
      return;
    }
    const result =
      test.mode === 'refused'
        ? { error: 'access_denied', error_description: 'Call 555-0100 to get in.' }
        : { login: { accountId: test.person.sub } };
    void provider.interactionFinished(request, response, result);
  };
  const test: TestOidcProvider = {
    issuer,
    clientId,
    clientSecret,
    person: { sub: 'person-1', name: 'Ada Lovelace' },
    mode: 'ready',
    exchanges: 0,
    async visit(authorizationUrl) {
      const cookies = new Map<string, string>();
      let url = new URL(authorizationUrl);
      while (url.origin === issuer) {
        const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
        const answer = await fetch(url, { redirect: 'manual', headers: { cookie } });
        for (const line of answer.headers.getSetCookie()) {
          const [pair = ''] = line.split(';');
          cookies.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1));
        }
        const location = answer.headers.get('location');
        if (location === null)
          throw new Error(`It was sent nowhere: ${answer.status} ${await answer.text()}`);
        url = new URL(location, url);
      }
      return url;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return test;
}
