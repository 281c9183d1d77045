import { describe, expect, test } from 'vitest';
import { createLoadThrottle } from './load-throttle.ts';
import { createFakeClock } from './testing/fake-clock.ts';

const never = new AbortController().signal;

/** Work that asks to begin, and how much of it has begun. */
function fixture(share = { busy: 0 }) {
  const clock = createFakeClock();
  const throttle = createLoadThrottle({ clock, busyShare: () => share.busy });
  let begun = 0;
  return {
    share,
    begun: () => begun,
    ask: (signal = never) => void throttle(signal).then(() => (begun += 1)),
    async pass(ms: number) {
      for (let passed = 0; passed < ms; passed += 10) {
        clock.pass(10);
        await Promise.resolve();
      }
      await Promise.resolve();
    },
  };
}

describe('work that can wait', () => {
  test('begins at once while the event loop is not busy', async () => {
    const { ask, begun, pass } = fixture();
    ask();
    await pass(0);
    expect(begun()).toBe(1);
  });

  test('begins one after the other, some milliseconds apart', async () => {
    const { ask, begun, pass } = fixture();
    for (let count = 0; count < 10; count += 1) ask();
    await pass(100);
    expect(begun()).toBeGreaterThan(3);
    expect(begun()).toBeLessThan(8);
    await pass(200);
    expect(begun()).toBe(10);
  });

  test('waits while the event loop is busy, and begins once it is not', async () => {
    const { ask, begun, pass, share } = fixture({ busy: 0.9 });
    ask();
    await pass(1_000);
    expect(begun()).toBe(0);
    share.busy = 0.1;
    await pass(40);
    expect(begun()).toBe(1);
  });

  test('begins after three seconds on an event loop that stays busy', async () => {
    const { ask, begun, pass } = fixture({ busy: 1 });
    ask();
    await pass(2_900);
    expect(begun()).toBe(0);
    await pass(200);
    expect(begun()).toBe(1);
  });

  test('waits no longer once it is cancelled, and delays nobody behind it', async () => {
    const { ask, begun, pass, share } = fixture({ busy: 0.9 });
    const cancelled = new AbortController();
    ask(cancelled.signal);
    ask();
    cancelled.abort();
    await pass(10);
    expect(begun()).toBe(1);
    share.busy = 0;
    await pass(40);
    expect(begun()).toBe(2);
  });
});
