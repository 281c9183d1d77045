// A gateway that was taken over sends the largest answers that Buoy accepts, to block the event loop for everyone.
import { once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../../../testbed/until.ts';
import { createOpenclawCron } from '../../src/openclaw/cron/cron.ts';
import { createCalledGateways, readerOf } from '../../src/openclaw/testing/called-gateways.ts';
import { noSshd } from '../../src/ssh/testing/loopback-sshd.ts';
import { type HostileGateway, startHostileGateway } from '../support/answering-gateway.ts';
import { longestBlock } from '../support/main-thread.ts';

/** Milliseconds of one uninterrupted block; a usual machine takes a third. Without yielding it took two to four times as long. */
const MAX_BLOCK_MS = 80;
/** The first try also compiles code and collects garbage. */
const TRIES = 4;

/** A gateway in its own thread that answers with the payloads it receives by message. */
const GATEWAY = `
const { parentPort, workerData: { file, port } } = require('node:worker_threads');
(async () => {
  const { startScriptedGateway } = await import(file);
  const gateway = await startScriptedGateway(port);
  gateway.pages['/healthz'] = { status: 200, body: '{}' };
  gateway.methods['sessions.subscribe'] = () => ({ payload: {} });
  gateway.methods['sessions.usage'] = () => ({ payload: { aggregates: {} } });
  parentPort.on('message', ({ method, payload }) => {
    gateway.methods[method] = () => ({ payload });
    parentPort.postMessage('set');
  });
  parentPort.postMessage('up');
})();
`;

/** A client in its own thread: posts the status once the whole answer has arrived. */
const READER = `
const { request } = require('node:http');
const { parentPort, workerData: { url, token } } = require('node:worker_threads');
parentPort.on('message', (path) =>
  request(url + path, { agent: false, headers: { authorization: 'Bearer ' + token } }, (response) => {
    response.resume().on('end', () => parentPort.postMessage(response.statusCode));
  }).end());
`;

describe.skipIf(noSshd !== null)('event loop stays free while a hostile gateway answers', () => {
  let fixture: HostileGateway;
  let hostile: Worker;
  let reader: Worker;
  beforeAll(async () => {
    fixture = await startHostileGateway();
    const { port } = fixture.gateway;
    await fixture.gateway.stop();
    const file = new URL('../../src/openclaw/gateway/testing/scripted-gateway.ts', import.meta.url).href;
    hostile = new Worker(GATEWAY, { eval: true, workerData: { file, port } });
    await once(hostile, 'message');
    const base = await fixture.running.buoy.app.listen({ host: '127.0.0.1', port: 0 });
    const url = `${base}/api/servers/${fixture.serverId}/openclaw/`;
    reader = new Worker(READER, { eval: true, workerData: { url, token: fixture.token } });
    // Buoy may still wait before it connects again: the gateway had stopped. Only the gateway has messages; the config is also read from the host.
    hostile.postMessage({ method: 'chat.history', payload: { sessionId: 's', messages: [] } });
    await once(hostile, 'message');
    await until(10_000, async () => {
      reader.postMessage('sessions/agent%3Amain%3Afirst/messages');
      const [status] = await once(reader, 'message');
      return status === 200;
    });
  });
  afterAll(async () => {
    await reader?.terminate();
    await hostile?.terminate();
    await fixture.close();
  });

  const answerWith = (message: object) => ({ sessionId: 's', messages: [{ role: 'assistant', ...message }] });
  const called = (value: unknown) =>
    answerWith({ content: [{ type: 'toolCall', id: '1', name: 'n', arguments: value }] });
  const fields = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`field-${index}`, 0]));

  const transcript = (payload: object) =>
    ['chat.history', 'sessions/agent%3Amain%3Ax/messages', payload] as const;
  const config = (values: object) =>
    ['config.get', 'config', { path: '/c', exists: true, valid: true, hash: 'h', ...values }] as const;

  test.each([
    ['a text of four million quotes', ...transcript(answerWith({ content: '"'.repeat(3_900_000) }))],
    ['arguments of 19,000 fields', ...transcript(called(fields(19_000)))],
    ['arguments of 9,000 objects', ...transcript(called(Array(9_000).fill({})))],
    [
      'messages of 500 parts',
      ...transcript({
        sessionId: 's',
        messages: Array(18).fill({ role: 'assistant', content: Array(500).fill({ type: 'text' }) }),
      }),
    ],
    ['a config of 9,800 settings', ...config({ raw: null, config: fields(9_800) })],
    [
      'usage of a day with 39,000 fields',
      'usage.cost',
      'usage?from=2026-01-01&to=2026-01-01',
      { daily: [{ date: '2026-01-01', ...fields(39_000) }], totals: {} },
    ],
    [
      'a log line of a million quotes',
      'logs.tail',
      'logs',
      { file: 'f', cursor: 1, lines: ['"'.repeat(1_400_000)] },
    ],
  ])(
    'with %s',
    async (_what, method, path, payload) => {
      hostile.postMessage({ method, payload });
      await once(hostile, 'message');
      const blocked: number[] = [];
      for (let attempt = 0; attempt < TRIES && blocked.every((ms) => ms > MAX_BLOCK_MS); attempt += 1) {
        const { answer, blockedMs } = await longestBlock(async () => {
          reader.postMessage(path);
          return once(reader, 'message');
        });
        expect(answer).toEqual([200]);
        blocked.push(Math.round(blockedMs));
      }
      expect(Math.min(...blocked)).toBeLessThan(MAX_BLOCK_MS);
    },
    60_000,
  );

  test('transcript of 40,000 values is refused with 502', async () => {
    const [method, , payload] = transcript(called(fields(39_000)));
    hostile.postMessage({ method, payload });
    await once(hostile, 'message');
    reader.postMessage('sessions/agent%3Amain%3Ay/messages');
    expect(await once(reader, 'message')).toEqual([502]);
  });
});

test('event loop stays free for a thousand jobs with long errors in pages of a megabyte', async () => {
  const job = { id: 'j', state: { lastRunAtMs: 1, lastError: 'mysql -'.repeat(660) } };
  const gateways = createCalledGateways();
  gateways.methods['cron.list'] = async () => {
    // A page arrives over the network, so other work can run before it.
    await turn();
    return { jobs: Array(200).fill(job), hasMore: true };
  };
  const cron = createOpenclawCron({ gateways, reader: readerOf(gateways) });
  const { signal } = new AbortController();
  const blocked: number[] = [];
  for (let attempt = 0; attempt < TRIES && blocked.every((ms) => ms > MAX_BLOCK_MS); attempt += 1) {
    const { answer, blockedMs } = await longestBlock(() => cron.list('s1', { signal }));
    expect(answer.jobs).toHaveLength(1_000);
    blocked.push(Math.round(blockedMs));
  }
  expect(Math.min(...blocked)).toBeLessThan(MAX_BLOCK_MS);
});
