// A hostile server says hello and hangs up, again and again: it gets no more of Buoy's time than one that does not answer.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { systemClock } from '../../src/lib/clock.ts';
import { createFakeClock, type FakeClock } from '../../src/lib/testing/fake-clock.ts';
import { createRecordingLogger } from '../../src/lib/testing/recording-logger.ts';
import { until } from '../../src/lib/testing/until.ts';
import { createConfigHistory } from '../../src/openclaw/config/history.ts';
import { createServerLocks } from '../../src/openclaw/config/server-locks.ts';
import { createMemoryRevisions } from '../../src/openclaw/config/testing/memory-revisions.ts';
import { createScriptedConfig } from '../../src/openclaw/config/testing/scripted-config.ts';
import { watchConfigs } from '../../src/openclaw/config/watch.ts';
import { createFeed } from '../../src/openclaw/events/feed.ts';
import { createGateways } from '../../src/openclaw/gateway/create-gateways.ts';
import type { Gateways } from '../../src/openclaw/gateway/gateways.ts';
import {
  type ScriptedGateway,
  startScriptedGateway,
} from '../../src/openclaw/gateway/testing/scripted-gateway.ts';
import type { Installations } from '../../src/openclaw/host/installation.ts';
import { createSideFacts } from '../../src/openclaw/status/side-facts.ts';
import { createCalledGateways } from '../../src/openclaw/testing/called-gateways.ts';
import { createLoopbackSsh, type LoopbackSsh } from '../../src/openclaw/testing/loopback-ssh.ts';
import { openPort } from '../../src/openclaw/testing/open-port.ts';
import { createSsh } from '../../src/ssh/create-ssh.ts';
import { createKeptLogger } from '../../src/ssh/testing/kept-logger.ts';
import { createMemoryTargets } from '../../src/ssh/testing/memory-targets.ts';
import { startScriptedServer } from '../../src/ssh/testing/scripted-server.ts';

/** Milliseconds that pass at once; a pause before a new connection was shorter. */
const STEP_MS = 250;
/** Connections of two minutes: some quick ones, then one in 15 s. */
const FEW = 16;

const stepsOf = (minutes: number) => Array.from({ length: (minutes * 60_000) / STEP_MS });

describe('a gateway that hangs up after its hello', () => {
  let gateway: ScriptedGateway;
  let ssh: LoopbackSsh;
  let clock: FakeClock;
  let gateways: Gateways;
  /** Attempts to connect, and connections that ended. */
  let begun: number;
  let ended: number;

  beforeEach(async () => {
    gateway = await startScriptedGateway();
    ssh = createLoopbackSsh();
    clock = createFakeClock();
    begun = 0;
    ended = 0;
    const access = { port: gateway.port, auth: { token: gateway.token }, problem: null };
    const installations = {
      access() {
        begun += 1;
        return Promise.resolve(access);
      },
    } as unknown as Installations;
    gateways = createGateways({
      ...{ ssh, installations, clock, portGuard: openPort, random: () => 1 },
      ...{ logger: createRecordingLogger().logger, ownerOf: async () => 'ada' },
    });
    gateways.onStateChange((_serverId, state) => {
      if (state === 'disconnected') ended += 1;
    });
  });
  afterEach(async () => {
    await gateways.close();
    await gateway.stop();
  });

  const hello = () => gateways.hello('s1', { deadlineMs: 5_000 });

  async function closeConnection(): Promise<void> {
    const before = ended;
    gateway.closeAll(1000, 'no reason');
    await until(() => ended > before, 'the connection ends');
  }

  /** Lets time pass; each connection that is made is hung up. */
  async function closeFor(minutes: number, meanwhile: () => void = () => {}): Promise<void> {
    for (const _ of stepsOf(minutes)) {
      const before = begun;
      clock.pass(STEP_MS);
      meanwhile();
      await nextTurn();
      if (begun === before) continue;
      await until(() => gateway.connects.length === begun, 'it says hello');
      await until(() => gateway.open() > 0, 'it is open');
      await hello();
      await closeConnection();
    }
  }

  test('is connected to a few times a minute', async () => {
    await hello();
    await closeConnection();
    await closeFor(2);
    expect(begun).toBeLessThan(FEW);
  });

  test('is not connected to more often by SSH connections that come and go', async () => {
    await hello();
    await closeConnection();
    await closeFor(2, () => {
      ssh.setState('idle');
      ssh.setState('connected');
    });
    expect(begun).toBeLessThan(FEW);
  });

  test('is not tried anew at once each time that SSH comes back, when it is down', async () => {
    await gateway.stop();
    await expect(hello()).rejects.toMatchObject({ code: 'gateway_unavailable' });
    for (let second = 0; second < 120; second += 1) {
      ssh.setState('idle');
      ssh.setState('connected');
      for (let step = 0; step < 4; step += 1) {
        const before = begun;
        clock.pass(STEP_MS);
        // The next call shares the attempt under way, or gets its failure.
        if (begun > before) await expect(hello()).rejects.toMatchObject({ code: 'gateway_unavailable' });
      }
    }
    expect(begun).toBeLessThan(FEW);
  });

  test('is not connected to four times a second by a read that is tried again', async () => {
    gateway.methods['agents.list'] = () => {
      gateway.closeAll(1000, 'no reason');
      return 'silent';
    };
    const options = { deadlineMs: 60_000, retry: true };
    let isOver = false;
    const read = gateways
      .call('s1', 'agents.list', {}, z.unknown(), options)
      .catch(() => undefined)
      .finally(() => {
        isOver = true;
      });
    for (let step = 0; step < 1_000 && !isOver; step += 1) {
      await until(() => ended === begun || begun > gateway.connects.length, 'the attempt ends');
      await nextTurn();
      clock.pass(STEP_MS);
      await nextTurn();
    }
    await read;
    expect(begun).toBeLessThan(FEW + 6);
  });

  test('is connected to at once again when it had stayed for a minute', async () => {
    await hello();
    await closeConnection();
    await closeFor(1);
    clock.pass(15_000);
    await until(() => gateway.connects.length === begun, 'it says hello');
    await hello();
    clock.pass(61_000);
    await closeConnection();
    const before = begun;
    clock.pass(STEP_MS);
    expect(begun).toBe(before + 1);
  });

  test('is connected to at once when it restarts three times in a minute', async () => {
    for (let restarts = 0; restarts < 3; restarts += 1) {
      await hello();
      clock.pass(10_000);
      await closeConnection();
      const before = begun;
      await hello();
      expect(begun).toBe(before + 1);
    }
  });
});

test('readers of events of a gateway that hangs up do not connect more than a few times a minute', async () => {
  const clock = createFakeClock();
  const gateways = createCalledGateways();
  gateways.methods['sessions.subscribe'] = () => ({});
  let joined = 0;
  gateways.hello = async () => {
    joined += 1;
    return { version: '2026.9.6' } as never;
  };
  const feed = createFeed({ serverId: 's1', gateways, clock, random: () => 1 });
  await feed.first;
  feed.onDisconnected();
  for (const _ of stepsOf(2)) {
    const before = joined;
    clock.pass(STEP_MS);
    await nextTurn();
    if (joined > before) feed.onDisconnected();
  }
  expect(joined).toBeLessThan(FEW);
  feed.close();
});

test('the unit of a gateway that comes and goes is read at most three times in ten seconds', async () => {
  const clock = createFakeClock();
  const read: number[] = [];
  const installations = {
    service() {
      read.push(clock.now());
      return Promise.resolve({});
    },
    lastInspection: () => null,
  } as unknown as Installations;
  const { logger } = createRecordingLogger();
  const facts = createSideFacts({ installations, gateways: createCalledGateways(), clock, logger });
  const startedAt = clock.now();
  for (const _ of stepsOf(1)) {
    facts.forget('s1');
    facts.refreshService('s1');
    await nextTurn();
    clock.pass(STEP_MS);
  }
  expect(read.slice(3).filter((at, index) => at - read[index]! < 10_000)).toEqual([]);
  expect(read.slice(0, 3)).toEqual([startedAt, startedAt + STEP_MS, startedAt + 2 * STEP_MS]);
  await nextTurn();
  const last = read.at(-1) ?? 0;
  facts.refreshService('s1');
  clock.pass(10_000);
  expect(read.at(-1)).toBeGreaterThan(last);
});

test('the config of a gateway that comes and goes is checked once in 15 seconds', async () => {
  const clock = createFakeClock();
  const openclaw = createScriptedConfig();
  const locks = createServerLocks();
  const watch = watchConfigs({
    ...{ gateways: openclaw.gateways, locks, clock, logger: createRecordingLogger().logger },
    hostConfigs: { repairedAgoS: () => Promise.resolve(null) },
    history: createConfigHistory({ store: createMemoryRevisions(), clock }),
  });
  const asked = () => openclaw.calls.filter(({ method }) => method === 'config.get').length;
  const pass = async (ms: number) => {
    clock.pass(ms);
    await until(() => !locks.isTaken('s1'), 'the end of a check');
    await nextTurn();
  };
  for (const _ of stepsOf(1)) {
    openclaw.setState('connected');
    await pass(STEP_MS);
    openclaw.setState('disconnected');
  }
  expect(asked()).toBeLessThanOrEqual(5);
  openclaw.setState('connected');
  await pass(15_000);
  await pass(60_000);
  openclaw.setState('disconnected');
  const before = asked();
  openclaw.setState('connected');
  await pass(0);
  expect(asked()).toBe(before + 1);
  await watch.close();
});

test('a server that drops each connection soon after a command counts as unreachable, until one lasts', async () => {
  let drops = true;
  const dropAll = () => {
    for (const client of server.clients) client.end();
  };
  const server = await startScriptedServer({
    onSession(session) {
      session.on('exec', (accept) => {
        const stream = accept();
        stream.exit(0);
        stream.end();
        if (drops) dropAll();
      });
    },
  });
  const target = server.target();
  let laterMs = 0;
  const ssh = createSsh({
    ...{ targets: createMemoryTargets(target), logger: createKeptLogger().logger },
    clock: { ...systemClock, now: () => Date.now() + laterMs },
    limits: { backOffMs: 1 },
  });
  const run = () =>
    ssh.exec(target.serverId, 'true', { deadlineMs: 5_000 }).then(
      () => 'ok',
      ({ code }: { code: string }) => code,
    );
  const codes: string[] = [];
  for (let call = 0; call < 20; call += 1) {
    codes.push(await run());
    await until(() => ssh.state(target.serverId) !== 'connected', 'the connection is dropped');
  }
  expect(codes.slice(0, 3)).not.toContain('circuit_open');
  expect(codes.at(-1)).toBe('circuit_open');
  expect(server.clients.length).toBeLessThan(12);
  drops = false;
  laterMs += 10_000;
  expect(await run()).toBe('ok');
  laterMs += 10_000;
  expect(await run()).toBe('ok');
  dropAll();
  await until(() => ssh.state(target.serverId) !== 'connected', 'the connection is dropped');
  expect(ssh.state(target.serverId)).toBe('idle');
  expect(await run()).toBe('ok');
  await ssh.close();
  await server.close();
});
