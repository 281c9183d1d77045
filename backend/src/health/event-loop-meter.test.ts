// The meter on this process's real event loop, which the test blocks.
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

describe('event loop meter', () => {
  test('reports the timer lag without the sampling interval', async () => {
    const { meter } = setUp();
    await block(300);
    const { lagP50Ms, lagP99Ms, utilization } = meter.read();
    expect(lagP99Ms).toBeGreaterThan(200);
    expect(lagP50Ms).toBeLessThan(lagP99Ms);
    expect(utilization).toBeGreaterThan(0.3);
    expect(utilization).toBeLessThanOrEqual(1);
  });

  test('starts a new period with each reading', async () => {
    const { meter, clock } = setUp();
    await block(300);
    meter.read();
    clock.pass(10_000);
    await turns(3);
    expect(meter.read().lagP99Ms).toBeLessThan(200);
  });

  test('returns the same reading to two calls within seconds', async () => {
    const { meter, clock } = setUp();
    await block(300);
    const first = meter.read();
    clock.pass(4_999);
    expect(meter.read()).toEqual(first);
  });

  test('covers at most one minute, even without readings', async () => {
    const { meter, clock } = setUp();
    await block(300);
    clock.pass(MINUTE_MS);
    await turns(3);
    clock.pass(10_000);
    expect(meter.read().lagP99Ms).toBeLessThan(200);
  });

  test('reports no lag for a period without samples', () => {
    expect(setUp().meter.read()).toMatchObject({ lagP50Ms: 0, lagP99Ms: 0 });
  });
});
