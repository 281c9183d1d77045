// When a server is checked between two rounds: at once, one check at a time, less and less often while it comes and goes.
import { beforeEach, describe, expect, test } from 'vitest';
import { createFakeClock, type FakeClock } from '../lib/testing/fake-clock.ts';
import type { GatewayConnectionState, Gateways } from '../openclaw/gateway/gateways.ts';
import { createEventChecks, type EventChecks, followGateways } from './event-checks.ts';

const SECOND_MS = 1_000;

let clock: FakeClock;
let startedAtMs: number;
/** `server second` of each check. */
let checks: string[];
let outcome: () => Promise<{ isSettled: boolean }>;
let events: EventChecks;

beforeEach(() => {
  clock = createFakeClock();
  startedAtMs = clock.now();
  checks = [];
  outcome = async () => ({ isSettled: true });
  events = createEventChecks({
    check: (serverId) => {
      checks.push(`${serverId} ${(clock.now() - startedAtMs) / SECOND_MS}`);
      return outcome();
    },
    clock,
  });
});

const settled = () => new Promise((resolve) => setImmediate(resolve));
const seconds = async (count: number) => {
  await settled();
  for (let passed = 0; passed < count; passed += 1) {
    clock.pass(SECOND_MS);
    await settled();
  }
};

test('an event checks its server at once, and no other', async () => {
  events.request('a');
  await seconds(30);
  expect(checks).toEqual(['a 0']);
});

test('events during a check cause one more, 5 s after it', async () => {
  const { promise, resolve: end } = Promise.withResolvers<{ isSettled: boolean }>();
  outcome = () => promise;
  events.request('a');
  for (let times = 0; times < 10; times += 1) events.request('a');
  await seconds(2);
  expect(checks).toEqual(['a 0']);
  end({ isSettled: true });
  await settled();
  await seconds(30);
  expect(checks).toEqual(['a 0', 'a 7']);
});

test('a gateway that starts or stops is checked again until it has', async () => {
  let isSettled = false;
  outcome = async () => ({ isSettled });
  events.request('a');
  await seconds(12);
  isSettled = true;
  await seconds(60);
  expect(checks).toEqual(['a 0', 'a 5', 'a 10', 'a 18']);
});

test('a gateway that comes back while it is waited for longer is checked 5 s after the last check', async () => {
  let isSettled = false;
  outcome = async () => ({ isSettled });
  events.request('a');
  await seconds(27);
  expect(checks).toEqual(['a 0', 'a 5', 'a 10', 'a 18', 'a 26']);
  isSettled = true;
  events.request('a');
  await seconds(60);
  expect(checks.slice(5)).toEqual(['a 31']);
});

test('a gateway that crashes soon after a person restarted it is checked within 5 s', async () => {
  // It went, it was gone, it came, it was there.
  for (let event = 0; event < 4; event += 1) {
    events.request('a');
    await seconds(6);
  }
  const before = checks.length;
  events.request('a');
  await seconds(5);
  expect(checks).toHaveLength(before + 1);
});

test('a gateway that never gets ready is left to the rounds after six minutes', async () => {
  outcome = async () => ({ isSettled: false });
  events.request('a');
  await seconds(3_600);
  expect(checks.at(-1)).toBe('a 362');
});

test('a server that comes and goes without an end is checked once a minute', async () => {
  for (let second = 0; second < 600; second += 1) {
    events.request('a');
    await seconds(1);
  }
  const perMinute = checks.slice(-3).map((text) => Number(text.split(' ')[1]));
  expect(perMinute.map((at, index) => at - (perMinute[index - 1] ?? at))).toEqual([0, 60, 60]);
});

test('a server that was quiet for a minute is checked at once again', async () => {
  events.request('a');
  await seconds(61);
  events.request('a');
  await settled();
  expect(checks).toEqual(['a 0', 'a 61']);
});

test('closing waits for the running check and begins none', async () => {
  const { promise, resolve: end } = Promise.withResolvers<{ isSettled: boolean }>();
  outcome = () => promise;
  events.request('a');
  events.request('a');
  let isClosed = false;
  const closed = events.close().then(() => {
    isClosed = true;
  });
  await settled();
  expect(isClosed).toBe(false);
  end({ isSettled: false });
  await closed;
  events.request('b');
  await seconds(120);
  expect(checks).toEqual(['a 0']);
});

describe('gateways', () => {
  let tell: (serverId: string, state: GatewayConnectionState) => void;
  let checked: string[];
  beforeEach(() => {
    checked = [];
    const gateways: Pick<Gateways, 'onStateChange'> = {
      onStateChange(listener) {
        tell = listener;
        return () => {};
      },
    };
    followGateways(gateways, (serverId) => void checked.push(serverId));
  });

  test('are checked when they go away, and when they come back', () => {
    tell('a', 'disconnected');
    tell('a', 'connected');
    expect(checked).toEqual(['a', 'a']);
  });

  test('are not checked for the first connection, nor when Buoy itself drops one', () => {
    tell('a', 'connected');
    tell('a', 'reset');
    tell('b', 'disconnected');
    tell('b', 'reset');
    tell('b', 'connected');
    expect(checked).toEqual(['b']);
  });
});
