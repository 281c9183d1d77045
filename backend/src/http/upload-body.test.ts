// File bodies: accepted types, size limits, and what the audit log sees.
import { createHash } from 'node:crypto';
import type { Upload } from '@buoy/contract';
import fastify, { type FastifyInstance } from 'fastify';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sendProblem } from './problem.ts';
import { registerUploadBody, requireUpload } from './upload-body.ts';

const uploads = { types: ['application/zip', 'text/markdown'], maxBytes: 100 };
let app: FastifyInstance;
let got: Upload | null;

beforeEach(async () => {
  got = null;
  app = fastify({ bodyLimit: 10 });
  app.setErrorHandler(sendProblem);
  app.post('/json', (request) => ({ body: request.body }));
  void app.register((scope, _options, done) => {
    registerUploadBody(scope, uploads);
    scope.post('/upload', (request) => {
      requireUpload(request.body, uploads);
      got = request.body as Upload;
      return { body: request.body };
    });
    done();
  });
  await app.ready();
});
afterEach(() => app.close());

const send = (payload: string | Buffer | undefined, type?: string) =>
  app.inject({
    method: 'POST',
    url: '/upload',
    ...(payload === undefined ? {} : { payload }),
    headers: type === undefined ? {} : { 'content-type': type },
  });

test('an upload arrives complete, and the audit entry has only its hash', async () => {
  const { statusCode, body } = await send(Buffer.from([1, 0, 255]), 'Application/ZIP; x=y');
  expect(statusCode).toBe(200);
  expect(got?.bytes).toEqual(Buffer.from([1, 0, 255]));
  expect(JSON.parse(body)).toEqual({
    body: {
      type: 'application/zip',
      sizeBytes: 3,
      sha256: createHash('sha256')
        .update(Buffer.from([1, 0, 255]))
        .digest('hex'),
    },
  });
});

test('an upload above its own limit answers 413', async () => {
  expect((await send('x'.repeat(100), 'text/markdown')).statusCode).toBe(200);
  const { statusCode, body } = await send('x'.repeat(101), 'text/markdown');
  expect([statusCode, JSON.parse(body).code]).toEqual([413, 'payload_too_large']);
});

test.each<[string, string | undefined, string | undefined]>([
  ['no body', undefined, undefined],
  ['an empty file', '', 'text/markdown'],
  ['JSON', '{}', 'application/json'],
  ['a form', 'a=b', 'application/x-www-form-urlencoded'],
  ['nothing that says what it is', 'x', undefined],
])('an upload answers 400 for %s', async (_what, payload, type) => {
  const { statusCode, body } = await send(payload, type);
  expect([statusCode, JSON.parse(body).code]).toEqual([400, 'invalid_request']);
});

test('other calls still refuse a file body', async () => {
  const headers = { 'content-type': 'application/zip' };
  expect((await app.inject({ method: 'POST', url: '/json', payload: 'PK', headers })).statusCode).toBe(400);
});
