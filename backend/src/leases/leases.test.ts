// What one Buoy of several does, and when it ends: on a FakeClock, with a store that answers as told.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createFakeClock, type FakeClock } from '../lib/testing/fake-clock.ts';
import { createRecordingLogger } from '../lib/testing/recording-logger.ts';
import { createLeases } from './leases.ts';

let clock: FakeClock;
let answer: boolean | 'no answer';
let running: AbortSignal | null;
let lease: { close(): Promise<void> };

const settled = () => new Promise<void>((resolve) => setImmediate(resolve));
const passS = async (seconds: number) => {
  for (let second = 0; second < seconds; second += 1) {
    clock.pass(1_000);
    await settled();
  }
};

beforeEach(async () => {
  clock = createFakeClock();
  answer = true;
  running = null;
  const store = {
    take: async () => {
      if (answer === 'no answer') throw new Error('The database does not answer.');
      return answer;
    },
    release: async () => undefined,
  };
  const { logger } = createRecordingLogger();
  lease = createLeases({ store, isAlone: false, clock, logger }).hold('bot', async (signal) => {
    running = signal;
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
    running = null;
  });
  await settled();
});
afterEach(() => lease.close());

test('a lease that is renewed lets the work go on', async () => {
  await passS(120);
  expect(running).not.toBeNull();
});

test('a lease that another Buoy has ends the work at the next renewal', async () => {
  answer = false;
  await passS(10);
  expect(running).toBeNull();
  answer = true;
  await passS(10);
  expect(running).not.toBeNull();
});

test('a database that does not answer ends the work only before the lease is over', async () => {
  answer = 'no answer';
  await passS(15);
  expect(running).not.toBeNull();
  await passS(15);
  expect(running).toBeNull();
});
