// Answers to broken or hostile requests: always the error format of the contract, with a request id.
import { connect } from 'node:net';
import { type ErrorCode, errorStatus } from '@buoy/contract';
import fc from 'fast-check';
import type { InjectOptions } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type DurabilityApp, startDurabilityApp } from '../../test/support/durability-app.ts';
import { AppError } from '../lib/app-error.ts';
import { signedIn } from './policies.ts';
import { type Route, route } from './route.ts';

const problem = z.strictObject({
  error: z.string().min(1),
  code: z.enum(Object.keys(errorStatus) as [ErrorCode, ...ErrorCode[]]),
  requestId: z.string().min(1),
  hint: z.string().optional(),
  details: z.unknown().optional(),
  taskId: z.string().optional(),
});

let running: DurabilityApp;
let authorization: string;
let thrown: unknown = new Error('not set');

const throws: Route = route('GET /me/sessions', signedIn, () => {
  throw thrown;
});

beforeAll(async () => {
  const offContract = { server: { secret: 'planted' } } as never;
  const created = route('POST /servers', signedIn, ({ body }) => {
    throw new AppError('conflict', `named ${body.name.length} characters`);
  });
  running = await startDurabilityApp({
    routes: [throws, created, route('GET /servers/:id', signedIn, () => offContract)],
  });
  authorization = await running.authorization(42);
});
afterAll(() => running.close());

async function send(options: InjectOptions & { signedIn?: boolean }) {
  const { signedIn: asUser = true, ...request } = options;
  const response = await running.app.inject({
    ...request,
    headers: { ...(asUser ? { authorization } : {}), ...request.headers },
  });
  return { response, answer: problem.parse(response.json()) };
}

const newServer = { name: 'web', host: 'h', username: 'root', authType: 'password', password: 'x' };

describe('request id', () => {
  test('from the caller is kept in the header and in the error body', async () => {
    const { response, answer } = await send({
      url: '/api/nowhere',
      headers: { 'x-request-id': 'my.id-1_Z' },
    });
    expect([response.headers['x-request-id'], answer.requestId]).toEqual(['my.id-1_Z', 'my.id-1_Z']);
  });

  test.each(['', ' ', 'a b', 'x'.repeat(65), 'id\u00e9', '<script>', 'a,b', '"'])(
    'from the caller is replaced when it is "%.20s"',
    async (given) => {
      const { response } = await send({ url: '/api/nowhere', headers: { 'x-request-id': given } });
      expect(response.headers['x-request-id']).toMatch(/^req_[0-9a-f]{18}$/);
    },
  );

  test('is on every answer: success, refusal, preflight and unreadable path', async () => {
    for (const request of [
      { url: '/api/health' },
      { url: '/api/me' },
      { url: '/' },
      { url: '/api/%' },
      { url: '/api/servers/%zz' },
      { method: 'OPTIONS', url: '/api/health' },
      { method: 'POST', url: '/api/auth/link', payload: '{' },
    ] as InjectOptions[]) {
      const { headers } = await running.app.inject({ ...request, headers: { 'x-request-id': 'kept' } });
      expect(headers['x-request-id'], request.url as string).toBe('kept');
    }
  });

  test('differs for each request', async () => {
    const ids = await Promise.all(
      Array.from({ length: 100 }, async () => (await send({ url: '/api/nowhere' })).answer.requestId),
    );
    expect(new Set(ids).size).toBe(100);
  });
});

describe('a request body', () => {
  const post = (payload: string | Buffer, headers: Record<string, string> = {}) =>
    send({
      method: 'POST',
      url: '/api/servers',
      payload,
      headers: { 'content-type': 'application/json', ...headers },
    });

  test.each([
    ['half an object', '{"name":'],
    ['a word', 'name'],
    ['nothing', ''],
    ['two objects', '{}{}'],
    ['a byte that is no UTF-8 in a key', Buffer.from([0x7b, 0x22, 0xff, 0x7d])],
  ])('that is %s is malformed JSON', async (_what, payload) => {
    expect((await post(payload)).answer).toMatchObject({ code: 'malformed_json' });
  });

  test.each(['null', '[]', '1', '"text"', 'true'])('that is %s is an invalid request', async (payload) => {
    expect((await post(payload)).answer.code).toBe('invalid_request');
  });

  test.each(['{"__proto__":{"isAdmin":true}}', '{"constructor":{"prototype":{"x":1}}}'])(
    'with a prototype key is refused: %s',
    async (payload) => {
      expect((await post(payload)).response.statusCode).toBe(400);
      expect(({} as Record<string, unknown>).isAdmin).toBeUndefined();
    },
  );

  test('with an unknown field is refused, and the field is named', async () => {
    const { answer, response } = await post(JSON.stringify({ ...newServer, passwort: 'typo' }));
    expect(response.statusCode).toBe(400);
    expect(JSON.stringify(answer.details)).toContain('passwort');
  });

  test('with an invalid field in a list gets its path and the problem', async () => {
    const { answer } = await post(JSON.stringify({ ...newServer, port: 0, tags: ['ok', 7] }));
    expect(answer.details).toEqual(
      expect.arrayContaining([
        { path: 'port', message: expect.any(String) },
        { path: 'tags.1', message: expect.any(String) },
      ]),
    );
  });

  test.each([
    ['a NUL byte', 'a\0b'],
    ['half a surrogate pair', '\ud800'],
    ['a megabyte less a little', 'x'.repeat(1_000_000)],
  ])('with %s in a name is an invalid request', async (_what, name) => {
    const { answer } = await post(JSON.stringify({ ...newServer, name }));
    expect(answer.code).toBe('invalid_request');
    for (const { path } of answer.details as Array<{ path: string }>) expect(path).toBe('name');
  });

  test('above 1 MiB is too large, whatever its content', async () => {
    const { answer, response } = await post(JSON.stringify({ ...newServer, name: 'x'.repeat(1_048_576) }));
    expect([response.statusCode, answer.code]).toEqual([413, 'payload_too_large']);
  });

  test('without sign-in is not read: 401 comes before 400 and 413', async () => {
    for (const payload of ['{', 'x'.repeat(2_000_000)]) {
      const { response } = await send({
        method: 'POST',
        url: '/api/servers',
        payload,
        signedIn: false,
        headers: { 'content-type': 'application/json' },
      });
      expect(response.statusCode).toBe(401);
    }
  });

  test.each([
    'text/plain',
    'application/xml',
    'application/x-www-form-urlencoded',
    'multipart/form-data',
    'nonsense',
    '*/*',
  ])('of the type %s is an invalid request', async (type) => {
    const { answer } = await post(JSON.stringify(newServer), { 'content-type': type });
    expect(answer.code).toBe('invalid_request');
  });

  test('of JSON with a charset is accepted', async () => {
    const { answer } = await post(JSON.stringify(newServer), {
      'content-type': 'application/json; charset=utf-8',
    });
    expect(answer).toMatchObject({ code: 'conflict', error: 'named 3 characters' });
  });

  test.each([
    ['{}', 404],
    ['{"nested":{"x":[1]}}', 400],
  ])('where none is expected may be empty and have no fields: %s', async (payload, status) => {
    const { response } = await send({
      method: 'DELETE',
      url: '/api/me/sessions/ses_none',
      payload,
      headers: { 'content-type': 'application/json' },
    });
    expect(response.statusCode).toBe(status);
  });

  test('cut short or padded against its Content-Length is a bad request', async () => {
    for (const length of ['1', '999']) {
      const { response } = await post(JSON.stringify(newServer), { 'content-length': length });
      expect(response.statusCode).toBe(400);
    }
  });
});

describe('a request path or query', () => {
  test.each(['/api/servers/%', '/api/servers/%zz', '/api/servers/%c3%28', '/api/%e0%80%af', '/%'])(
    '%s is malformed: answers 400 and does not crash',
    async (url) => {
      const { response, answer } = await send({ url });
      expect([response.statusCode, answer.code]).toEqual([400, 'invalid_request']);
    },
  );

  test.each([
    '/api/servers/a%00b',
    '/api/servers/..%2f..%2fetc%2fpasswd',
    '/api/servers/%F0%9F%A6%9E',
    '/api/servers/a%20b',
    '/api/servers/$(reboot)',
    `/api/servers/${'x'.repeat(65)}`,
    `/api/servers/${'x'.repeat(300)}`,
  ])('%s is not an id: refused without a crash', async (url) => {
    const { response } = await send({ url });
    expect([400, 404]).toContain(response.statusCode);
  });

  test.each([
    '?limit=0',
    '?limit=201',
    '?limit=ten',
    '?nonsense=1',
    '?limit=1&limit=2',
    '?q=%00',
    '?cursor=',
  ])('the query %s is refused', async (query) => {
    const { response, answer } = await send({ url: `/api/servers${query}` });
    expect([response.statusCode, answer.code]).toEqual([400, 'invalid_request']);
  });

  test("of any bytes gets an answer in Buoy's error format", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 80 }), async (text) => {
        const wild = text.toWellFormed().replace(/[\s#\\]/g, '');
        const { response } = await send({ url: `/api/servers/${encodeURI(wild).replaceAll('%25', '%')}` });
        expect(response.statusCode).toBeLessThan(501);
        expect(response.headers['x-request-id']).toBeTruthy();
      }),
      { numRuns: 100 },
    );
  });

  test.each(['/api/nowhere', '/api', '/nowhere', '/api/servers/a/b/c/d', '//api/health'])(
    '%s does not exist: answers 404 and names it',
    async (url) => {
      const { response, answer } = await send({ url });
      expect([response.statusCode, answer.code]).toEqual([404, 'not_found']);
      expect(answer.error).toContain(`GET ${url}`);
    },
  );

  test.each<[string, InjectOptions, string[]]>([
    [
      'a path with a parameter',
      { method: 'PATCH', url: '/api/servers/srv_1?x=1' },
      ['GET', 'HEAD', 'PUT', 'DELETE'],
    ],
    ['a path without one', { method: 'DELETE', url: '/api/health' }, ['GET', 'HEAD']],
    ['a path that takes no reading', { method: 'GET', url: '/api/auth/link' }, ['POST']],
    [
      'a body that it would not take',
      { method: 'POST', url: '/api/health', payload: 'a=b', headers: { 'content-type': 'text/plain' } },
      ['GET', 'HEAD'],
    ],
    ['a preflight of nobody', { method: 'OPTIONS', url: '/api/health' }, ['GET', 'HEAD']],
  ])('with an unsupported method answers 405 with the allowed ones: %s', async (_what, request, methods) => {
    const { response, answer } = await send(request);
    expect([response.statusCode, answer.code]).toEqual([405, 'method_not_allowed']);
    expect(String(response.headers.allow).split(', ').sort()).toEqual(methods.sort());
    expect(answer.details).toEqual({ allow: String(response.headers.allow).split(', ') });
  });

  test('HEAD is supported where GET is', async () => {
    const response = await running.app.inject({ method: 'HEAD', url: '/api/health' });
    expect([response.statusCode, response.body]).toEqual([200, '']);
  });
});

describe('an internal error', () => {
  const whenThrown = async (error: unknown) => {
    thrown = error;
    return send({ url: '/api/me/sessions' });
  };

  test.each([
    ['an error', new Error('connect ECONNREFUSED 10.0.0.5:5432 password=planted')],
    ['an error with a status of its own', Object.assign(new Error('planted'), { statusCode: 418 })],
    ['a text', 'planted'],
    ['nothing', undefined],
    ['an error with a code of the framework', Object.assign(new Error('planted'), { code: 'ENOENT' })],
  ])('%s answers 500 without its message', async (_what, error) => {
    const { response, answer } = await whenThrown(error);
    expect([response.statusCode, answer.code]).toEqual([500, 'internal']);
    expect(response.body).not.toMatch(/planted|ECONNREFUSED|10\.0\.0\.5|\.ts:\d|node_modules/);
  });

  test.each(Object.entries(errorStatus) as Array<[ErrorCode, number]>)(
    'with code %s answers %i with its own message',
    async (code, status) => {
      const { response, answer } = await whenThrown(
        new AppError(code, 'What happened.', {
          hint: 'What to do.',
          details: { fact: 1 },
          cause: new Error('planted'),
        }),
      );
      expect(response.statusCode).toBe(status);
      expect(answer).toEqual({
        error: 'What happened.',
        code,
        requestId: response.headers['x-request-id'],
        hint: 'What to do.',
        details: { fact: 1 },
      });
    },
  );

  test('of a conflict with a task names the task', async () => {
    const { answer } = await whenThrown(
      new AppError('task_already_running', 'It runs already.', { details: { taskId: 'tsk_1' } }),
    );
    expect(answer.taskId).toBe('tsk_1');
  });

  test('is answered instead of a response that breaks the contract', async () => {
    const { response, answer } = await send({ url: '/api/servers/srv_1' });
    expect([response.statusCode, answer.code]).toEqual([500, 'response_contract']);
    expect(response.body).not.toContain('planted');
  });

  test('of the database makes the health check report it', async () => {
    const broken = await startDurabilityApp({
      ping: () => Promise.reject(new AppError('storage_unavailable', 'The database does not answer.')),
    });
    try {
      const response = await broken.app.inject('/api/health');
      expect(response.statusCode).toBe(503);
      expect(problem.parse(response.json()).code).toBe('storage_unavailable');
    } finally {
      await broken.close();
    }
  });
});

describe('input that is not HTTP', () => {
  test.each([
    ['garbage', 'GARBAGE\r\n\r\n'],
    ['a header without a colon', 'GET /api/health HTTP/1.1\r\nhost\r\n\r\n'],
    ['headers of 100 kB', `GET /api/health HTTP/1.1\r\nhost: h\r\nx: ${'x'.repeat(100_000)}\r\n\r\n`],
    [
      'a chunk that is none',
      'POST /api/auth/link HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n',
    ],
  ])("%s: gets an error in Buoy's format, and the connection ends", async (_what, bytes) => {
    if (!running.app.server.listening) await running.app.listen({ host: '127.0.0.1', port: 0 });
    const address = running.app.server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const socket = connect(port, '127.0.0.1');
    let received = '';
    socket.on('data', (chunk: Buffer) => {
      received += chunk.toString('utf8');
    });
    // What is still on the way when the server closes comes back as a reset.
    socket.on('error', () => undefined);
    socket.write(bytes);
    await new Promise((resolve) => socket.once('close', resolve));
    const [head = '', body = ''] = received.split('\r\n\r\n');
    expect(head).toMatch(/^HTTP\/1\.1 4\d\d /);
    expect(head.toLowerCase()).toContain('x-request-id: req_');
    expect(problem.parse(JSON.parse(body)).code).toMatch(/^(invalid_request|payload_too_large)$/);
  });
});
