// The typed client: what it sends, and what it throws when the server says no or says nothing.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ApiError, type Client, createClient } from './client.ts';

type Seen = { method: string; url: string; headers: IncomingMessage['headers']; body: string };

let seen: Seen[];
let answer: (response: ServerResponse) => void;
let token: string | null;
let baseUrl: string;
let api: Client;

const server = createServer(async (request, response) => {
  let body = '';
  for await (const chunk of request) body += chunk;
  seen.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, body });
  answer(response);
});

const json = (status: number, body: unknown) => (response: ServerResponse) =>
  void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));

beforeEach(async () => {
  seen = [];
  token = 'the-token';
  answer = json(200, {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  baseUrl = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/api`;
  api = createClient({ baseUrl, token: () => token });
});
afterEach(
  () =>
    new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    }),
);

/** The ApiError that a call throws. */
const failure = async (call: Promise<unknown>): Promise<ApiError> => {
  const error = await call.catch((thrown: unknown) => thrown);
  if (!(error instanceof ApiError)) throw new Error(`no ApiError: ${String(error)}`);
  return error;
};

describe('a call', () => {
  test('goes to the path of its key, with the token, and gives the body', async () => {
    answer = json(200, { user: { id: '42' } });
    expect(await api('GET /me')).toEqual({ user: { id: '42' } });
    expect(seen[0]).toMatchObject({ method: 'GET', url: '/api/me', body: '' });
    expect(seen[0]?.headers.authorization).toBe('Bearer the-token');
    expect(seen[0]?.headers).not.toHaveProperty('content-type');
  });

  test('sends a file as it is, with its media type', async () => {
    await api('POST /servers/:id/openclaw/skills/upload', {
      params: { id: 's1' },
      query: { confirm: 'true' },
      upload: { type: 'text/markdown', bytes: new TextEncoder().encode('# Größe') },
    });
    expect(seen[0]).toMatchObject({
      url: '/api/servers/s1/openclaw/skills/upload?confirm=true',
      body: '# Größe',
      headers: { 'content-type': 'text/markdown' },
    });
  });

  test('asks for the token each time, and sends none when there is none', async () => {
    token = null;
    await api('GET /health');
    token = 'another';
    await api('GET /me');
    expect(seen.map(({ headers }) => headers.authorization)).toEqual([undefined, 'Bearer another']);
  });

  test.each([
    ['a/b', 'a%2Fb'],
    ['../admin', '..%2Fadmin'],
    ['a?b#c', 'a%3Fb%23c'],
    ['100%', '100%25'],
    ['ü 🦞', '%C3%BC%20%F0%9F%A6%9E'],
    ['$&', '%24%26'],
  ])('writes the path parameter %s so that it stays one part: %s', async (id, encoded) => {
    await api('GET /servers/:id', { params: { id } });
    expect(seen[0]?.url).toBe(`/api/servers/${encoded}`);
  });

  test('with half of a character as a path parameter is sent, as the call that it is', async () => {
    answer = json(200, { channels: [] });
    await api('POST /servers/:id/openclaw/channels/:channelId/stop', {
      params: { id: 'srv_1', channelId: 'irc\ud800' },
      body: {},
    });
    expect(seen[0]?.url).toBe('/api/servers/srv_1/openclaw/channels/irc%EF%BF%BD/stop');
  });

  test.each(['.', '..'])(
    'with the path parameter "%s", which would lead to another call, is not sent',
    async (channelId) => {
      const { status, code, message } = await failure(
        api('POST /servers/:id/openclaw/channels/:channelId/stop', {
          params: { id: 'srv_1', channelId },
          body: {},
        }),
      );
      expect([status, code, message]).toEqual([
        400,
        'invalid_request',
        `"${channelId}" cannot be an id: nothing was sent.`,
      ]);
      expect(seen).toEqual([]);
    },
  );

  test.each(['...', '.ssh', 'a..b', '%2e%2e'])('goes out with the path parameter %s', async (id) => {
    await api('GET /servers/:id', { params: { id } });
    expect(seen[0]?.url).toBe(`/api/servers/${encodeURIComponent(id)}`);
  });

  test('replaces a parameter in the middle of a path', async () => {
    await api('POST /servers/:id/exec', { params: { id: 'srv_1' }, body: { command: 'uptime' } });
    expect(seen[0]).toMatchObject({
      method: 'POST',
      url: '/api/servers/srv_1/exec',
      body: '{"command":"uptime"}',
    });
    expect(seen[0]?.headers['content-type']).toBe('application/json');
  });

  test('writes the query so that it is read back as it was, and leaves out what is not set', async () => {
    await api('GET /servers', { query: { q: 'a&b=c +ü🦞', tag: undefined, limit: 7 } });
    const query = new URL(seen[0]?.url ?? '', 'http://h').searchParams;
    expect([...query]).toEqual([
      ['q', 'a&b=c +ü🦞'],
      ['limit', '7'],
    ]);
  });

  test('without any query has no question mark', async () => {
    await api('GET /servers', { query: {} });
    await api('GET /servers');
    expect(seen.map(({ url }) => url)).toEqual(['/api/servers', '/api/servers']);
  });

  test('sends headers of its own, such as a version or an idempotency key', async () => {
    await api('PUT /servers/:id', {
      params: { id: 's' },
      body: { name: 'n' },
      headers: { 'if-match': '"3"', 'idempotency-key': 'k' },
    });
    expect(seen[0]?.headers).toMatchObject({
      'if-match': '"3"',
      'idempotency-key': 'k',
      authorization: 'Bearer the-token',
    });
  });

  test('answered 204 gives nothing', async () => {
    answer = (response) => void response.writeHead(204).end();
    expect(await api('POST /auth/logout')).toBeUndefined();
  });
});

describe('a refused call', () => {
  test("throws the server's own words: sentence, code, status, request id, hint, details", async () => {
    answer = json(409, {
      error: 'Somebody changed this server meanwhile.',
      code: 'stale_version',
      requestId: 'req_1',
      hint: 'Load it again.',
      details: { version: 4 },
    });
    expect(await failure(api('GET /me'))).toMatchObject({
      name: 'ApiError',
      message: 'Somebody changed this server meanwhile.',
      status: 409,
      code: 'stale_version',
      requestId: 'req_1',
      hint: 'Load it again.',
      details: { version: 4 },
    });
  });

  test.each([
    [
      'a page of a proxy',
      (response: ServerResponse) => void response.writeHead(502).end('<html>Bad Gateway</html>'),
    ],
    ['nothing', (response: ServerResponse) => void response.writeHead(502).end()],
    ['JSON of another shape', json(502, { message: 'no' })],
    ['JSON null', json(502, null)],
    ['an error that is no text', json(502, { error: { deep: true } })],
  ])('that gets %s still says what the status was', async (_what, respond) => {
    answer = respond;
    const error = await failure(api('GET /me'));
    expect(error).toMatchObject({ status: 502, code: 'network', requestId: null });
    expect(error.message).toBe('The server answered 502 without a reason.');
  });

  test('that is cancelled ends at once', async () => {
    answer = () => undefined;
    const cancel = new AbortController();
    const call = api('GET /me', { signal: cancel.signal });
    cancel.abort();
    await expect(call).rejects.toMatchObject({ name: 'AbortError' });
  });

  test('that reaches nobody throws what its fetch throws: the web app brings one that says it in words', async () => {
    const inWords = new ApiError(0, { error: 'Buoy does not answer.' });
    const offline = createClient({ baseUrl, token: () => null, fetch: () => Promise.reject(inWords) });
    const error = await failure(offline('GET /health'));
    expect(error).toBe(inWords);
    expect(error).toMatchObject({ status: 0, code: 'network', requestId: null, hint: null });
    expect(seen).toEqual([]);
  });
});
