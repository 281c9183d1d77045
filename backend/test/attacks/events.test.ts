// A hostile gateway with many live streams tries to block the event loop: each of its events is written once per stream.
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/lib/clock.ts';
import { createRecordingLogger } from '../../src/lib/testing/recording-logger.ts';
import { until } from '../../src/lib/testing/until.ts';
import { createEvents } from '../../src/openclaw/events/hub.ts';
import { createGateways } from '../../src/openclaw/gateway/create-gateways.ts';
import { createRememberedEvents } from '../../src/openclaw/gateway/remembered-events.ts';
import { createInstallations } from '../../src/openclaw/host/create-installations.ts';
import { createLoopbackSsh } from '../../src/openclaw/testing/loopback-ssh.ts';
import { openPort } from '../../src/openclaw/testing/open-port.ts';
import { configOn, inspectionOf } from '../../src/openclaw/testing/running-host.ts';
import { noSshd } from '../../src/ssh/testing/loopback-sshd.ts';
import { type HostileGateway, startHostileGateway } from '../support/answering-gateway.ts';
import { longestBlock } from '../support/main-thread.ts';

/** Milliseconds of one uninterrupted block of this thread. */
const MAX_BLOCK_MS = 50;
/** The first try also compiles code and collects garbage. */
const TRIES = 4;
/** The most streams that one person may have. */
const STREAMS = 20;
/** The most values that an event may hold; checking them takes longer than a megabyte of text. */
const COSTLY = Array(2_950).fill({});

/** Reads streams in its own thread; posts when all of them are open and each time all have read `END`. */
const READERS = `
const { request } = require('node:http');
const { parentPort, workerData: { url, token, count } } = require('node:worker_threads');
let [open, ended] = [0, 0];
for (let made = 0; made < count; made += 1)
  request(url, { agent: false, headers: { authorization: 'Bearer ' + token } }, (response) => {
    let tail = '';
    let isOpen = false;
    response.setEncoding('latin1').on('data', (piece) => {
      tail = (tail + piece).slice(-200);
      if (!isOpen && tail.includes('"connected"')) {
        isOpen = true;
        open += 1;
        if (open === count) parentPort.postMessage('open');
      }
      if (!tail.includes('END')) return;
      tail = '';
      ended += 1;
      if (ended % count === 0) parentPort.postMessage('ended');
    });
  }).end();
`;

describe.skipIf(noSshd !== null)('one person with the most streams of one server', () => {
  let fixture: HostileGateway;
  let readers: Worker | undefined;
  beforeEach(async () => {
    fixture = await startHostileGateway();
  });
  afterEach(async () => {
    await readers?.terminate();
    await fixture.close();
  });

  test('event loop stays free while a costly event is written to each stream', async () => {
    const { running, serverId, token, gateway } = fixture;
    const base = await running.buoy.app.listen({ host: '127.0.0.1', port: 0 });
    const url = `${base}/api/servers/${serverId}/openclaw/events`;
    readers = new Worker(READERS, { eval: true, workerData: { url, token, count: STREAMS } });
    await once(readers, 'message');
    const call = { type: 'toolCall', id: '1', name: 'n', arguments: COSTLY };
    const blocked: number[] = [];
    for (let attempt = 0; attempt < TRIES && blocked.every((ms) => ms > MAX_BLOCK_MS); attempt += 1) {
      const { blockedMs } = await longestBlock(async () => {
        gateway.emit('session.message', {
          ...{ sessionKey: 'agent:main:main', message: { role: 'assistant', content: [call] } },
        });
        gateway.emit('skills.changed', { reason: 'END' });
        await once(readers!, 'message');
      });
      blocked.push(blockedMs);
    }
    expect(Math.min(...blocked)).toBeLessThan(MAX_BLOCK_MS);
  }, 40_000);
});

/** A gateway in its own thread that sends ten such events on command. */
const GATEWAY = `
const { parentPort, workerData } = require('node:worker_threads');
(async () => {
  const { startScriptedGateway } = await import(workerData);
  const gateway = await startScriptedGateway();
  const call = { type: 'toolCall', id: '1', name: 'n', arguments: ${JSON.stringify(COSTLY)} };
  const payload = { sessionKey: 'agent:main:main', message: { role: 'assistant', content: [call] } };
  parentPort.on('message', () => {
    for (let count = 0; count < 10; count += 1) gateway.emit('session.message', payload);
  });
  parentPort.postMessage(gateway.port);
})();
`;

describe('one person with many servers', () => {
  test('event loop stays free while all gateways send events at once', async () => {
    const file = new URL('../../src/openclaw/gateway/testing/scripted-gateway.ts', import.meta.url).href;
    const hostile = new Worker(GATEWAY, { eval: true, workerData: file });
    const [port] = (await once(hostile, 'message')) as [number];
    const ssh = createLoopbackSsh();
    ssh.onScript = () => inspectionOf(configOn(port));
    const shared = { ssh, clock: systemClock, logger: createRecordingLogger().logger };
    const gateways = createGateways({
      portGuard: openPort,
      ownerOf: async () => 'ada',
      ...shared,
      installations: createInstallations(shared),
    });
    const remembered = createRememberedEvents({ ownerOf: async () => 'ada' });
    const events = createEvents({ gateways, remembered, clock: systemClock });
    let received = 0;
    events.onEvent(() => {
      received += 1;
    });
    try {
      for (let count = 0; count < 20; count += 1) await gateways.hello(`s${count}`, { deadlineMs: 10_000 });
      const blocked: number[] = [];
      for (let attempt = 0; attempt < TRIES && blocked.every((ms) => ms > MAX_BLOCK_MS); attempt += 1) {
        received = 0;
        const { blockedMs } = await longestBlock(async () => {
          hostile.postMessage('tell');
          await until(() => received >= 200, 'all of it is told', 20_000);
        });
        blocked.push(blockedMs);
      }
      expect(Math.min(...blocked)).toBeLessThan(MAX_BLOCK_MS);
    } finally {
      events.close();
      await gateways.close();
      await hostile.terminate();
    }
  }, 60_000);
});
