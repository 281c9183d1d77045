// Each answer is reported once, by route template and status, even after the client disconnected.
import { once } from 'node:events';
import { get } from 'node:http';
import type { AddressInfo } from 'node:net';
import fastify, { type FastifyInstance } from 'fastify';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { until } from '../lib/testing/until.ts';
import { type Answered, observeAnswers } from './observe-answers.ts';

let app: FastifyInstance;
let reported: Answered[];
/** Of the slow route: it was asked, and it may answer. */
let asked: PromiseWithResolvers<void>;
let abandoned: PromiseWithResolvers<void>;

beforeEach(async () => {
  reported = [];
  asked = Promise.withResolvers();
  abandoned = Promise.withResolvers();
  app = fastify();
  observeAnswers(app, (answer) => reported.push(answer));
  app.get('/api/things/:id', async () => ({ ok: true }));
  app.post('/api/broken', async () => {
    throw new Error('no');
  });
  app.get('/api/slow', async () => {
    asked.resolve();
    await abandoned.promise;
    return { ok: true };
  });
  app.get('/api/stream', (_request, reply) => {
    reply.hijack();
    reply.raw.setHeader('x-request-id', 'r');
    reply.raw.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
    reply.raw.write(': hello\n\n');
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
});
afterEach(async () => {
  abandoned.resolve();
  await app.close();
});

const url = (path: string) => `http://127.0.0.1:${(app.server.address() as AddressInfo).port}${path}`;

test('reports an answer by its route template, never by the requested path', async () => {
  await fetch(url('/api/things/srv_secret?token=abc'));
  await fetch(url('/api/broken'), { method: 'POST' });
  expect(reported).toEqual([
    { method: 'GET', route: '/things/:id', status: 200, durationMs: expect.any(Number), denied: false },
    { method: 'POST', route: '/broken', status: 500, durationMs: expect.any(Number), denied: false },
  ]);
  for (const { durationMs } of reported) expect(durationMs).toBeLessThan(5_000);
});

test('reports all unknown paths under one name', async () => {
  for (const path of ['/api/nothing/1', '/wp-login.php', '/api/things']) await fetch(url(path));
  expect(reported.map(({ route, status }) => [route, status])).toEqual(Array(3).fill(['unmatched', 404]));
});

test('reports 499 when the client disconnects before the answer', async () => {
  const request = get(url('/api/slow'));
  request.on('error', () => undefined);
  await asked.promise;
  request.destroy();
  await until(() => reported.length === 1, 'the answer is told');
  abandoned.resolve();
  expect(reported).toMatchObject([{ route: '/slow', status: 499 }]);
});

test('reports a stream at its end, without a duration', async () => {
  const request = get(url('/api/stream'));
  request.on('error', () => undefined);
  const [response] = await once(request, 'response');
  await once(response, 'data');
  expect(reported).toEqual([]);
  request.destroy();
  await until(() => reported.length === 1, 'the end is told');
  expect(reported).toMatchObject([{ route: '/stream', status: 200, durationMs: null }]);
});
