// The meter on the real event loop of this process, which the test holds up.
import { performance } from 'node:perf_hooks';
import { afterEach, describe, expect, test } from 'vitest';
import { createFakeClock, type FakeClock } from '../lib/testing/fake-clock.ts';
import { createEventLoopMeter, type EventLoopMeter } from './event-loop-meter.ts';

const MINUTE_MS = 60_000;
const opened: EventLoopMeter[] = [];
afterEach(() => {
  for (const meter of opened.splice(0)) meter.close();
});

function setUp(): { meter: EventLoopMeter; clock: FakeClock } {
  const clock = createFakeClock();
  const meter = createEventLoopMeter(clock);
  opened.push(meter);
  return { meter, clock };
}

/** Lets the loop go round, so that the meter's own timer fires. */
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setTimeout(resolve, 25));
}

/** Holds the loop up, as a long computation does. */
async function block(ms: number): Promise<void> {
  await turns(2);
  const endsAt = performance.now() + ms;
  while (performance.now() < endsAt);
  await turns(2);
}

describe('the event loop meter', () => {
  test('tells how late timers fire, without the time between two looks', async () => {
    const { meter } = setUp();
    await block(300);
    const { lagP50Ms, lagP99Ms, utilization } = meter.read();
    expect(lagP99Ms).toBeGreaterThan(200);
    expect(lagP50Ms).toBeLessThan(lagP99Ms);
    expect(utilization).toBeGreaterThan(0.3);
    expect(utilization).toBeLessThanOrEqual(1);
  });

  test('forgets what was before the last reading', async () => {
    const { meter, clock } = setUp();
    await block(300);
    meter.read();
    clock.pass(10_000);
    await turns(3);
    expect(meter.read().lagP99Ms).toBeLessThan(200);
  });

  test('gives two who ask within seconds the same reading', async () => {
    const { meter, clock } = setUp();
    await block(300);
    const first = meter.read();
    clock.pass(4_999);
    expect(meter.read()).toEqual(first);
  });

  test('looks back a minute at most, also when nobody asks', async () => {
    const { meter, clock } = setUp();
    await block(300);
    clock.pass(MINUTE_MS);
    await turns(3);
    clock.pass(10_000);
    expect(meter.read().lagP99Ms).toBeLessThan(200);
  });

  test('says nothing bad of a period in which it has not looked yet', () => {
    expect(setUp().meter.read()).toMatchObject({ lagP50Ms: 0, lagP99Ms: 0 });
  });
});
