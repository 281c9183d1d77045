// The hub over a scripted gateway on loopback.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { AppError } from '../../lib/app-error.ts';
import { systemClock } from '../../lib/clock.ts';
import { createRecordingLogger } from '../../lib/testing/recording-logger.ts';
import { createGateways } from '../gateway/create-gateways.ts';
import type { Gateways } from '../gateway/gateways.ts';
import { createRememberedEvents } from '../gateway/remembered-events.ts';
import { type ScriptedGateway, startScriptedGateway } from '../gateway/testing/scripted-gateway.ts';
import { createInstallations } from '../host/create-installations.ts';
import { createLoopbackSsh, type LoopbackSsh } from '../testing/loopback-ssh.ts';
import { openPort } from '../testing/open-port.ts';
import { configOn, inspectionOf } from '../testing/running-host.ts';
import type { Events, StreamEvent } from './events.ts';
import { createEvents } from './hub.ts';

let gateway: ScriptedGateway;
let ssh: LoopbackSsh;
let gateways: Gateways;
let events: Events;
let subscriptions: number;
let mayAct: boolean;
let ends: AbortController;
/** Timers of the hub that are not due by themselves: what runs later. */
let lingering: Array<() => void>;

beforeEach(async () => {
  gateway = await startScriptedGateway();
  subscriptions = 0;
  gateway.methods['sessions.subscribe'] = () => {
    subscriptions += 1;
    return { payload: { subscribed: true } };
  };
  ssh = createLoopbackSsh();
  ssh.onScript = () => inspectionOf(configOn(gateway.port));
  const { logger } = createRecordingLogger();
  const installations = createInstallations({ ssh, clock: systemClock, logger });
  gateways = createGateways({
    ownerOf: async () => 'ada',
    portGuard: openPort,
    ssh,
    installations,
    clock: systemClock,
    logger,
  });
  lingering = [];
  const clock = {
    ...systemClock,
    after(delayMs: number, run: () => void) {
      if (delayMs < 100_000) return systemClock.after(delayMs, run);
      lingering.push(run);
      return () => void lingering.splice(lingering.indexOf(run), 1);
    },
  };
  const remembered = createRememberedEvents({ ownerOf: async () => 'ada' });
  events = createEvents({ gateways, remembered, clock, random: () => 0 });
  mayAct = false;
  ends = new AbortController();
});

afterEach(async () => {
  ends.abort();
  events.close();
  await gateways.close();
  await gateway.stop();
});

function open(lastEventId: string | null = null, signal = ends.signal) {
  const stream = events.stream('s1', { lastEventId, mayAct: async () => mayAct, signal });
  return {
    async next(): Promise<StreamEvent> {
      const { value } = await stream.next();
      return value ?? expect.unreachable('the stream has ended');
    },
    isOver: async () => (await stream.next()).done === true,
    stop: () => stream.return(),
  };
}

const answered = () => gateways.call('s1', 'sessions.subscribe', {}, z.unknown(), { deadlineMs: 2_000 });
const cron = (jobId: string) => gateway.emit('cron', { jobId, action: 'added' });
const jobOf = (event: StreamEvent) => (event.event === 'cron' ? event.data.jobId : event.event);
const approval = () => gateway.emit('exec.approval.requested', { id: 'a1', request: {} });

describe('event stream', () => {
  test('starts with the state of the gateway, then sends events', async () => {
    const stream = open();
    expect(await stream.next()).toMatchObject({
      event: 'gateway',
      data: { state: 'connected', version: '2026.9.6' },
    });
    cron('j1');
    cron('j2');
    expect([jobOf(await stream.next()), jobOf(await stream.next())]).toEqual(['j1', 'j2']);
  });

  test('uses one subscription at the gateway, however many readers it has', async () => {
    const streams = [open(), open(), open()];
    for (const stream of streams) await stream.next();
    cron('j1');
    for (const stream of streams) expect(jobOf(await stream.next())).toBe('j1');
    expect(subscriptions).toBe(1);
  });

  test('sends approvals only to readers who may act at that moment', async () => {
    const stream = open();
    await stream.next();
    approval();
    cron('j1');
    expect(jobOf(await stream.next())).toBe('j1');
    mayAct = true;
    approval();
    expect(await stream.next()).toMatchObject({ event: 'approval', data: { id: 'a1' } });
  });

  test('reports that the gateway is lost and back, and subscribes again', async () => {
    const stream = open();
    await stream.next();
    gateway.closeAll(1000, 'gone');
    expect(await stream.next()).toMatchObject({ event: 'gateway', data: { state: 'disconnected' } });
    expect(await stream.next()).toMatchObject({ event: 'gateway', data: { state: 'connected' } });
    expect(subscriptions).toBe(2);
    cron('j1');
    expect(jobOf(await stream.next())).toBe('j1');
  });

  test('reports "restarting" until the gateway is back', async () => {
    const stream = open();
    await stream.next();
    gateway.emit('shutdown', { reason: 'gateway restarting', restartExpectedMs: 1_500 });
    expect(await stream.next()).toMatchObject({ event: 'gateway', data: { state: 'restarting' } });
    gateway.closeAll(1012, 'service restart');
    expect(await stream.next()).toMatchObject({ event: 'gateway', data: { state: 'connected' } });
  });

  test('waits for a gateway that is stopped', async () => {
    const { port } = gateway;
    await gateway.stop();
    const stream = open();
    expect(await stream.next()).toMatchObject({ event: 'gateway', data: { state: 'disconnected' } });
    const next = stream.next();
    const { methods } = gateway;
    gateway = await startScriptedGateway(port);
    gateway.methods = methods;
    expect(await next).toMatchObject({ event: 'gateway', data: { state: 'connected' } });
  });

  test('reports why and ends when the server is unreachable, and stops all work for it', async () => {
    ssh.onScript = () => Promise.reject(new AppError('unreachable', 'Nothing answers there.'));
    const stream = open();
    expect(await stream.next()).toMatchObject({
      event: 'gateway',
      data: { state: 'disconnected', message: 'Nothing answers there.' },
    });
    expect(await stream.isOver()).toBe(true);
    const { length } = ssh.scripts;
    expect(lingering).toEqual([]);
    expect(ssh.scripts.length).toBe(length);
  });

  test('ends when its reader leaves, and when the hub closes', async () => {
    const gone = new AbortController();
    const one = open(null, gone.signal);
    const other = open();
    await one.next();
    await other.next();
    const over = one.isOver();
    gone.abort();
    expect(await over).toBe(true);
    const closing = other.isOver();
    events.close();
    expect(await closing).toBe(true);
  });
});

describe('event stream with Last-Event-ID', () => {
  test('sends the events since then, each once', async () => {
    const first = open();
    await first.next();
    cron('j1');
    const { id } = await first.next();
    await first.stop();
    cron('j2');
    cron('j3');
    // Its answer arrives after the events.
    await answered();
    const again = open(id);
    expect(await again.next()).toMatchObject({ event: 'gateway', id });
    expect([jobOf(await again.next()), jobOf(await again.next())]).toEqual(['j2', 'j3']);
  });

  test('sends "missed" when the feed was closed in the meantime', async () => {
    const first = open();
    const { id } = await first.next();
    await first.stop();
    for (const run of lingering.splice(0)) run();
    const again = open(id);
    expect(await again.next()).toMatchObject({ event: 'gateway', data: { state: 'connected' } });
    expect(await again.next()).toMatchObject({ event: 'missed', data: { reason: 'too_old' } });
    cron('j1');
    expect(jobOf(await again.next())).toBe('j1');
  });

  test('sends "missed" for an invalid id', async () => {
    const stream = open('nonsense');
    await stream.next();
    expect(await stream.next()).toMatchObject({ event: 'missed', data: { reason: 'too_old' } });
  });
});

test('event stream › sends "missed" to a slow reader and continues with the newest events', async () => {
  const slow = open();
  const { id } = await slow.next();
  const fast = open();
  await fast.next();
  for (let sent = 0; sent < 2_100; sent += 1) cron(`j${sent}`);
  for (let seen = 0; seen < 2_100; ) if ((await fast.next()).event === 'cron') seen += 1;
  const missed = await slow.next();
  expect(missed).toMatchObject({ event: 'missed', data: { reason: 'too_slow' } });
  cron('last');
  expect(jobOf(await slow.next())).toBe('last');
  const returning = open(id);
  await returning.next();
  expect(await returning.next()).toMatchObject({ event: 'missed', data: { reason: 'too_old' } });
});

test('event hub › notifies listeners of every connected gateway, without an open stream', async () => {
  const received: string[] = [];
  const stop = events.onEvent((serverId, event) => received.push(`${serverId} ${event.event}`));
  await gateways.hello('s1', { deadlineMs: 2_000 });
  gateway.emit('config.changed', { ts: 1 });
  await answered();
  stop();
  gateway.emit('config.changed', { ts: 2 });
  await answered();
  expect(received).toEqual(['s1 config']);
});
