// Telegram login when Telegram times out or sends too much: the person gets an error in time.
import { createServer, type RequestListener, type Server } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { listenOnLoopback } from '../../../testbed/listen-on-loopback.ts';
import { systemClock } from '../lib/clock.ts';
import { createTelegramProvider } from './login-provider.ts';

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** Asks a Telegram that answers so who somebody is. */
async function identifiedBy(listener: RequestListener) {
  server = createServer(listener);
  const { port } = await listenOnLoopback(server);
  const provider = createTelegramProvider({
    issuer: `http://127.0.0.1:${port}`,
    clientId: '1',
    clientSecret: 'client-secret',
    clock: systemClock,
    deadlineMs: 200,
  });
  const login = { code: 'c', redirectUri: 'https://buoy.example/sign-in', nonce: 'n', verifier: 'v' };
  return provider.identify(login, new AbortController().signal);
}

const silence = 'Telegram gave no valid answer, so you are not signed in.';

test.each<[what: string, listener: RequestListener]>([
  ['never answers', () => undefined],
  ['begins to answer and stops', (_request, response) => void response.write('{')],
  ['fails', (_request, response) => void response.writeHead(500).end('{}')],
  ['sends one elsewhere', (_request, response) => void response.writeHead(302, { location: '/' }).end()],
  ['answers no JSON', (_request, response) => void response.end('<html>')],
  ['answers without end', (_request, response) => void response.end('x'.repeat(100_000))],
  [
    'keeps its keys to itself',
    (request, response) =>
      void (request.url === '/token'
        ? response.end(JSON.stringify({ id_token: 'eyJhbGciOiJSUzI1NiIsImtpZCI6ImEifQ.e30.c2ln' }))
        : response.writeHead(500).end()),
  ],
])('Telegram login reports a provider that %s', async (_what, listener) => {
  await expect(identifiedBy(listener)).rejects.toMatchObject({ code: 'sign_in_failed', message: silence });
});

test('Telegram login refuses a malformed token', async () => {
  const answer = identifiedBy((_request, response) => void response.end(JSON.stringify({ id_token: 'x' })));
  await expect(answer).rejects.toMatchObject({ message: 'Telegram did not confirm this sign-in.' });
});
