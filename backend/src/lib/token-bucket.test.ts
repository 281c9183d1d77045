// Token buckets: grants never exceed the limit, waits never exceed the reported time, and full buckets are forgotten.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createTokenBuckets } from './token-bucket.ts';

const START = Date.parse('2026-03-01T10:00:00Z');

/** Three tokens, one back every 60 s, and a FakeClock. */
function bucketsOf({ capacity = 3, refillMs = 60_000 } = {}) {
  let now = START;
  const buckets = createTokenBuckets({
    capacity,
    refillMs,
    clock: { now: () => now, after: () => () => undefined },
  });
  return {
    ...buckets,
    wait: (ms: number) => {
      now += ms;
    },
  };
}

const granted = { granted: true, retryAfterMs: 0 };

test('a full token bucket grants its capacity, then reports the wait', () => {
  const { take, wait } = bucketsOf();
  expect(take('ada')).toEqual({ ...granted, remaining: 2, fullAfterMs: 60_000 });
  expect(take('ada')).toEqual({ ...granted, remaining: 1, fullAfterMs: 120_000 });
  wait(10_000);
  expect(take('ada')).toEqual({ ...granted, remaining: 0, fullAfterMs: 170_000 });
  expect(take('ada')).toEqual({ granted: false, remaining: 0, retryAfterMs: 50_000, fullAfterMs: 170_000 });
});

test('tokens return one by one up to the capacity', () => {
  const { take, wait } = bucketsOf();
  for (let call = 0; call < 3; call += 1) take('ada');
  wait(59_999);
  expect(take('ada')).toMatchObject({ granted: false, retryAfterMs: 1 });
  wait(1);
  expect(take('ada')).toMatchObject({ granted: true, remaining: 0 });
  expect(take('ada').granted).toBe(false);
  wait(24 * 3_600_000);
  expect([1, 2, 3, 4].map(() => take('ada').granted)).toEqual([true, true, true, false]);
});

test('a refusal costs no token and does not extend the wait', () => {
  const { take, wait } = bucketsOf({ capacity: 1 });
  take('ada');
  for (let second = 1; second < 60; second += 1) {
    wait(1000);
    expect(take('ada').retryAfterMs).toBe((60 - second) * 1000);
  }
  wait(1000);
  expect(take('ada').granted).toBe(true);
});

test('a look at a token bucket says what taking would, and takes nothing', () => {
  const { take, peek, wait, size } = bucketsOf({ capacity: 2 });
  expect(peek('ada')).toEqual({ ...granted, remaining: 1, fullAfterMs: 60_000 });
  expect(size()).toBe(0);
  take('ada');
  for (let call = 0; call < 3; call += 1) expect(peek('ada')).toMatchObject({ granted: true, remaining: 0 });
  take('ada');
  wait(10_000);
  expect(peek('ada')).toMatchObject({ granted: false, retryAfterMs: 50_000 });
});

test('each key has its own token bucket', () => {
  const { take } = bucketsOf({ capacity: 1 });
  expect(take('ada').granted).toBe(true);
  expect(take('grace').granted).toBe(true);
  expect(take('ada').granted).toBe(false);
});

test('a refilled token bucket is forgotten', () => {
  const { take, wait, size } = bucketsOf();
  for (let person = 0; person < 1000; person += 1) take(`person ${person}`);
  expect(size()).toBe(1000);
  wait(59_999);
  take('ada');
  expect(size()).toBe(1001);
  wait(1);
  for (let call = 0; call < 300; call += 1) take('ada');
  expect(size()).toBe(1);
});

test('however many keys are remembered, a call checks a few of them', () => {
  const { take, wait, size } = bucketsOf();
  for (let person = 0; person < 1000; person += 1) take(`person ${person}`);
  wait(60_000);
  take('ada');
  expect(size()).toBeGreaterThan(990);
  for (let person = 0; person < 1000; person += 1) take(`another ${person}`);
  // Each call checks others than the one before.
  expect(size()).toBe(1001);
});

test('a clock set back by a year never waits longer than an empty bucket', () => {
  const { take, wait } = bucketsOf();
  for (let call = 0; call < 3; call += 1) take('ada');
  wait(-365 * 86_400_000);
  expect(take('ada')).toMatchObject({ granted: false, retryAfterMs: 60_000 });
  wait(60_000);
  expect(take('ada').granted).toBe(true);
});

describe('any use of a token bucket', () => {
  const use = fc.record({
    capacity: fc.integer({ min: 1, max: 12 }),
    refillMs: fc.integer({ min: 1, max: 1000 }),
    /** Milliseconds between one taking and the next; bursts mostly. */
    pauses: fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 3000 })), { maxLength: 80 }),
  });

  test('grants no more than the capacity plus the refill in any period', () => {
    fc.assert(
      fc.property(use, ({ capacity, refillMs, pauses }) => {
        const { take, wait } = bucketsOf({ capacity, refillMs });
        const grants: number[] = [];
        let now = 0;
        for (const pause of pauses) {
          wait(pause);
          now += pause;
          if (take('ada').granted) grants.push(now);
        }
        for (const [first, start] of grants.entries())
          for (const [last, end] of grants.entries())
            if (last >= first)
              expect(last - first + 1).toBeLessThanOrEqual(capacity + Math.floor((end - start) / refillMs));
      }),
    );
  });

  test('grants a token exactly when a reference model does', () => {
    fc.assert(
      fc.property(use, ({ capacity, refillMs, pauses }) => {
        const { take, wait } = bucketsOf({ capacity, refillMs });
        // Counted in drops, refillMs of which are a token: one a millisecond runs in.
        let drops = capacity * refillMs;
        for (const pause of pauses) {
          wait(pause);
          drops = Math.min(drops + pause, capacity * refillMs);
          const holdsOne = drops >= refillMs;
          const missing = refillMs - drops;
          if (holdsOne) drops -= refillMs;
          expect(take('ada')).toEqual({
            granted: holdsOne,
            remaining: Math.floor(drops / refillMs),
            retryAfterMs: holdsOne ? 0 : missing,
            fullAfterMs: capacity * refillMs - drops,
          });
        }
      }),
    );
  });
});
