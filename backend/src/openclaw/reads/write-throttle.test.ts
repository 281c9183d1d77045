import { expect, test } from 'vitest';
import { createFakeClock } from '../../lib/testing/fake-clock.ts';
import { createWriteThrottle } from './write-throttle.ts';

test('write throttle › an unchanged value is due after a while, a changed or forgotten one immediately', () => {
  const clock = createFakeClock();
  const throttle = createWriteThrottle(clock, 1_000);
  expect(throttle.isDue('s1', 'a')).toBe(true);
  expect(throttle.isDue('s1', 'a')).toBe(false);
  expect(throttle.isDue('s2', 'a')).toBe(true);
  expect(throttle.isDue('s1', 'b')).toBe(true);
  clock.pass(999);
  expect(throttle.isDue('s1', 'b')).toBe(false);
  clock.pass(1);
  expect(throttle.isDue('s1', 'b')).toBe(true);
  throttle.forget('s1');
  expect(throttle.isDue('s1', 'b')).toBe(true);
});

test('write throttle › remembers a limited number of names and drops the oldest', () => {
  const throttle = createWriteThrottle(createFakeClock(), 1_000);
  for (let index = 0; index <= 10_000; index += 1) throttle.isDue(`n${index}`, 'a');
  expect(throttle.isDue('n10000', 'a')).toBe(false);
  expect(throttle.isDue('n0', 'a')).toBe(true);
});
