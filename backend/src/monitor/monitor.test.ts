// When rounds begin, how many servers are probed at the same time, and how rounds end.
import { beforeEach, describe, expect, test } from 'vitest';
import { pause } from '../lib/pause.ts';
import { createFakeClock, type FakeClock } from '../lib/testing/fake-clock.ts';
import { createRecordingLogger } from '../lib/testing/recording-logger.ts';
import type { CheckServer } from './check-server.ts';
import type { LastRound } from './monitor.store.ts';
import { createMonitor, type Monitor } from './monitor.ts';

const MINUTE_MS = 60_000;
const INTERVAL_MS = 5 * MINUTE_MS;

/** What several Buoys share. */
let row: { dueAt: string | null; last: LastRound };
let serverIds: string[];
/** The person who entered a server; one person for all unless set. */
let entered: Record<string, string>;
let silent: string[];
/** Servers whose gateway is starting or stopping. */
let unsettled: string[];
let clock: FakeClock;
let startedAtMs: number;
/** `serverId minute` of each check, and how it goes. */
let checks: string[];
let going: (serverId: string, options: Parameters<CheckServer>[1]) => Promise<unknown>;
let forgotten: number;
/** Whether removing old alerts fails. */
let isBroken: boolean;
/** What was stored of updates that ended. */
let recorded: string[];
let state: 'connected' | 'circuit_open' | 'backing_off';
let resets: string[];
/** The minute of each round that this Buoy has said to be over. */
let roundsEnded: number[];
let log: ReturnType<typeof createRecordingLogger>;

beforeEach(() => {
  row = { dueAt: null, last: { endedAt: null, durationMs: null } };
  serverIds = ['a', 'b'];
  entered = {};
  silent = [];
  unsettled = [];
  clock = createFakeClock();
  startedAtMs = clock.now();
  checks = [];
  going = async () => {};
  forgotten = 0;
  isBroken = false;
  recorded = [];
  state = 'connected';
  resets = [];
  roundsEnded = [];
  log = createRecordingLogger();
});

const monitored = (serverId: string) => ({
  serverId,
  enteredBy: entered[serverId] ?? 'ada',
  everAnswered: !silent.includes(serverId),
});
const newMonitor = (): Monitor =>
  createMonitor({
    store: {
      async dueAt(latest) {
        if (row.dueAt === null || row.dueAt > latest) row.dueAt = latest;
        return row.dueAt;
      },
      async take(now, next) {
        if (row.dueAt === null || row.dueAt > now) return false;
        row.dueAt = next;
        return true;
      },
      async ended(endedAt, durationMs) {
        row.last = { endedAt, durationMs };
      },
      last: async () => row.last,
      servers: async () => serverIds.map(monitored),
      server: async (serverId) => (serverIds.includes(serverId) ? monitored(serverId) : undefined),
    },
    async check(serverId, options) {
      checks.push(`${serverId} ${Math.round((clock.now() - startedAtMs) / MINUTE_MS)}`);
      await going(serverId, options);
      return { isSettled: !unsettled.includes(serverId) };
    },
    alerts: {
      async forgetOld() {
        if (isBroken) throw new Error('The database does not answer.');
        forgotten += 1;
      },
      async record(serverId, { active }) {
        recorded.push(`${serverId} ${active.map(({ type }) => type)}`);
        return null;
      },
    },
    failedUpdates: async () => [
      {
        ...{ component: 'openclaw', taskId: 'tsk_1', message: 'It did not start.', hint: null },
        ...{ left: 'rolled_back', at: null },
      },
    ],
    ssh: { state: () => state, reset: (serverId) => void resets.push(serverId) },
    onRoundEnded: () => void roundsEnded.push(Math.round((clock.now() - startedAtMs) / MINUTE_MS)),
    intervalMs: INTERVAL_MS,
    throttle: async () => {},
    maxAtOnce: 10,
    clock,
    logger: log.logger,
  });
const settled = () => new Promise((resolve) => setImmediate(resolve));
/** In small steps, so that each timer fires at its time. */
const pass = async (ms: number) => {
  for (let passed = 0; passed < ms; passed += 5_000) {
    clock.pass(Math.min(5_000, ms - passed));
    await settled();
  }
};
const minutes = (count: number) => pass(count * MINUTE_MS);

describe('rounds', () => {
  test('begin one interval after the first start, and go on in that interval', async () => {
    const monitor = newMonitor();
    monitor.start();
    await minutes(5);
    expect(checks).toEqual([]);
    await minutes(11);
    expect(checks).toEqual(['a 5', 'b 5', 'a 10', 'b 10', 'a 15', 'b 15']);
    expect(await monitor.lastRound()).toMatchObject({ durationMs: 0 });
    expect(forgotten).toBe(3);
    await monitor.close();
  });

  test('that were due while Buoy was down begin soon after its start, but not during it', async () => {
    row.dueAt = new Date(startedAtMs - MINUTE_MS).toISOString();
    const monitor = newMonitor();
    monitor.start();
    await pass(14_000);
    expect(checks).toEqual([]);
    await pass(5_000);
    expect(checks).toEqual(['a 0', 'b 0']);
    await monitor.close();
  });

  test('are made once, however many Buoys share a database', async () => {
    const monitors = [newMonitor(), newMonitor(), newMonitor()];
    for (const monitor of monitors) monitor.start();
    await minutes(16);
    expect(checks).toHaveLength(6);
    await Promise.all(monitors.map((monitor) => monitor.close()));
  });

  test('are said to have ended once by the Buoy that made them, and only when they did not fail', async () => {
    const monitors = [newMonitor(), newMonitor()];
    for (const monitor of monitors) monitor.start();
    await minutes(6);
    expect(roundsEnded).toEqual([5]);
    isBroken = true;
    await minutes(5);
    expect(roundsEnded).toEqual([5]);
    isBroken = false;
    await minutes(5);
    expect(roundsEnded).toEqual([5, 15]);
    await Promise.all(monitors.map((monitor) => monitor.close()));
  });

  test('are not said to have ended when Buoy stops amid one', async () => {
    going = (_serverId, { signal }) => pause(clock, MINUTE_MS, signal);
    const monitor = newMonitor();
    monitor.start();
    await minutes(5.5);
    await monitor.close();
    expect(checks).toHaveLength(2);
    expect(roundsEnded).toEqual([]);
  });

  test('probe ten servers at a time, and a server that waits for its second probe takes no place', async () => {
    serverIds = Array.from({ length: 25 }, (_, index) => `s${index}`);
    let probing = 0;
    let most = 0;
    const probes: string[] = [];
    const releases: Array<() => void> = [];
    going = async (serverId, { inTurn = (work) => work() }) => {
      const probe = () =>
        inTurn(async () => {
          probing += 1;
          most = Math.max(most, probing);
          probes.push(serverId);
          await new Promise<void>((resolve) => void releases.push(resolve));
          probing -= 1;
          return null;
        });
      await probe();
      if (serverId !== 's0') return;
      await new Promise<void>((resolve) => void clock.after(20_000, resolve));
      await probe();
    };
    const monitor = newMonitor();
    monitor.start();
    await minutes(6);
    expect(probes).toHaveLength(10);
    const releaseRunning = async () => {
      for (const release of releases.splice(0)) release();
      await settled();
    };
    await releaseRunning();
    expect(probes).toHaveLength(20);
    await releaseRunning();
    await releaseRunning();
    expect(probes).toHaveLength(25);
    await pass(20_000);
    await releaseRunning();
    expect(probes.at(-1)).toBe('s0');
    expect(most).toBe(10);
    await settled();
    expect((await monitor.lastRound()).durationMs).toBeGreaterThan(20_000);
    await monitor.close();
  });

  test("probe one person's server early, however many dead servers another person has", async () => {
    const dead = Array.from({ length: 100 }, (_, index) => `dead${index}`);
    serverIds = [...dead, 'healthy'];
    entered = { healthy: 'bob' };
    const probes: string[] = [];
    going = (serverId, { inTurn = (work) => work(), signal }) =>
      inTurn(async () => {
        probes.push(serverId);
        if (serverId !== 'healthy') await pause(clock, 20_000, signal);
        return null;
      });
    const monitor = newMonitor();
    monitor.start();
    await minutes(6);
    expect(probes.indexOf('healthy')).toBeLessThan(2);
    await monitor.close();
  });

  test("continue for other people, with a log entry, while one person's servers take longer than an interval", async () => {
    serverIds = ['slow', 'healthy'];
    entered = { healthy: 'bob' };
    going = async (serverId, { signal }) => {
      if (serverId === 'slow') await pause(clock, 12 * MINUTE_MS, signal);
    };
    const monitor = newMonitor();
    monitor.start();
    await minutes(16);
    expect(checks).toEqual(['slow 5', 'healthy 5', 'healthy 10', 'healthy 15']);
    expect((await monitor.lastRound()).durationMs).toBeGreaterThanOrEqual(INTERVAL_MS);
    await minutes(2);
    expect(checks.at(-1)).toBe('slow 17');
    await monitor.close();
  });

  test('begin the checks behind the first ten some time apart, one of each person in turn', async () => {
    const ofAda = Array.from({ length: 30 }, (_, index) => `a${index}`);
    const ofBob = ['b0', 'b1', 'b2'];
    serverIds = [...ofAda, ...ofBob];
    for (const serverId of ofBob) entered[serverId] = 'bob';
    row.dueAt = new Date(startedAtMs).toISOString();
    const monitor = newMonitor();
    monitor.start();
    clock.pass(15_000);
    await settled();
    const names = () => checks.map((check) => check.split(' ')[0]);
    expect(names()).toHaveLength(11);
    expect(names()).toEqual(expect.arrayContaining(ofBob));
    clock.pass(50 * 10);
    await settled();
    expect(names()).toHaveLength(21);
    await pass(5_000);
    expect(new Set(names())).toEqual(new Set(serverIds));
    await monitor.close();
  });

  test('begin all checks in half of an interval, however many there are', async () => {
    serverIds = Array.from({ length: 10_000 }, (_, index) => `s${index}`);
    const monitor = newMonitor();
    monitor.start();
    await minutes(5.25);
    expect(checks.length).toBeGreaterThan(0);
    expect(checks.length).toBeLessThan(2_000);
    await minutes(2.75);
    expect(checks).toHaveLength(10_000);
    await monitor.close();
  });

  test('wait less time for servers that have never answered', async () => {
    silent = ['b'];
    const briefly: Array<boolean | undefined> = [];
    going = async (_serverId, options) => void briefly.push(options.briefly);
    const monitor = newMonitor();
    monitor.start();
    await minutes(6);
    expect(briefly).toEqual([false, true]);
    await monitor.close();
  });

  test('do not overlap: the next round begins when the last has ended', async () => {
    let ends = Promise.withResolvers<void>();
    going = async (serverId) => {
      if (serverId === 'a') await ends.promise;
    };
    const monitor = newMonitor();
    monitor.start();
    await minutes(14);
    expect(checks).toEqual(['a 5', 'b 5']);
    ends.resolve();
    ends = Promise.withResolvers<void>();
    await pass(10_000);
    expect(checks).toHaveLength(4);
    ends.resolve();
    await monitor.close();
  });

  test('continue after a check whose result could not be stored, and log the error', async () => {
    going = async (serverId) => {
      if (serverId === 'a') throw new Error('disk full');
    };
    const monitor = newMonitor();
    monitor.start();
    await minutes(11);
    expect(checks).toHaveLength(4);
    expect((await monitor.lastRound()).endedAt).not.toBeNull();
    expect(log.text()).toContain('disk full');
    await monitor.close();
  });

  test('are aborted when Buoy stops, and none begins afterwards', async () => {
    going = (_serverId, { signal }) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    const monitor = newMonitor();
    monitor.start();
    await minutes(6);
    await monitor.close();
    await minutes(20);
    expect(checks).toEqual(['a 5', 'b 5']);
    expect((await monitor.lastRound()).endedAt).toBeNull();
    expect(log.text()).toBe('');
  });
});

describe('a check on an event', () => {
  test('runs at once, in its turn, and not as one that a person asked for', async () => {
    silent = ['b'];
    const seen: Array<Parameters<CheckServer>[1]> = [];
    going = async (_serverId, options) => void seen.push(options);
    const monitor = newMonitor();
    monitor.checkOnEvent('b');
    await settled();
    expect(checks).toEqual(['b 0']);
    expect(seen[0]).toMatchObject({ atOnce: false, briefly: true, inTurn: expect.any(Function) });
    await monitor.close();
  });

  test('does not run for a server that is gone', async () => {
    const monitor = newMonitor();
    monitor.checkOnEvent('gone');
    await settled();
    expect(checks).toEqual([]);
    await monitor.close();
  });

  test('follows a round that saw a gateway start or stop', async () => {
    unsettled = ['b'];
    const monitor = newMonitor();
    monitor.start();
    await minutes(6);
    expect(checks.slice(0, 4)).toEqual(['a 5', 'b 5', 'b 5', 'b 5']);
    unsettled = [];
    await minutes(1);
    const soFar = checks.length;
    await minutes(2);
    expect(checks).toHaveLength(soFar);
    await monitor.close();
  });

  test('ends when Buoy stops, and none begins afterwards', async () => {
    const monitor = newMonitor();
    going = (_serverId, { signal }) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    monitor.checkOnEvent('a');
    await settled();
    await monitor.close();
    monitor.checkOnEvent('b');
    await pass(MINUTE_MS);
    expect(checks).toEqual(['a 0']);
    expect(log.text()).toBe('');
  });
});

describe('requested check', () => {
  const ask = async (signal = new AbortController().signal) => {
    const seen: Array<Parameters<CheckServer>[1]> = [];
    going = async (_serverId, options) => void seen.push(options);
    await newMonitor().checkNow('a', signal);
    return seen[0] ?? expect.unreachable();
  };

  test('runs immediately and fires after one probe', async () => {
    expect(await ask()).toMatchObject({ atOnce: true });
    expect(checks).toEqual(['a 0']);
    expect(resets).toEqual([]);
  });

  test.each(['circuit_open', 'backing_off'] as const)(
    'tries to connect even while connections are paused: %s',
    async (paused) => {
      state = paused;
      await ask();
      expect(resets).toEqual(['a']);
    },
  );

  /** A check that runs until its signal aborts, and its signals. */
  const running = () => {
    const seen: AbortSignal[] = [];
    going = async (_serverId, { signal }) => {
      seen.push(signal);
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
      signal.throwIfAborted();
    };
    return seen;
  };

  test('ends when its caller leaves', async () => {
    const signals = running();
    const asker = new AbortController();
    const asked = newMonitor().checkNow('a', asker.signal);
    asker.abort(new Error('gone'));
    await expect(asked).rejects.toThrow('gone');
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
  });

  test('ends when Buoy stops', async () => {
    const signals = running();
    const monitor = newMonitor();
    const asked = monitor.checkNow('a', new AbortController().signal);
    await Promise.all([expect(asked).rejects.toMatchObject({ code: 'shutting_down' }), monitor.close()]);
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
  });

  test('is one for all who ask for that server at the same time', async () => {
    const { promise: isOver, resolve: end } = Promise.withResolvers<void>();
    going = () => isOver;
    const monitor = newMonitor();
    const { signal } = new AbortController();
    const asked = ['a', 'a', 'a', 'b'].map((serverId) => monitor.checkNow(serverId, signal));
    end();
    await Promise.all(asked);
    expect(checks).toEqual(['a 0', 'b 0']);
    await monitor.checkNow('a', signal);
    expect(checks).toEqual(['a 0', 'b 0', 'a 0']);
  });
});

test('stores how an update ended without a probe, and nothing of a server in maintenance', async () => {
  serverIds = ['srv_1'];
  const monitor = newMonitor();
  monitor.checkUpdates('srv_1');
  monitor.checkUpdates('srv_2');
  await monitor.close();
  expect(recorded).toEqual(['srv_1 update_failed']);
});
