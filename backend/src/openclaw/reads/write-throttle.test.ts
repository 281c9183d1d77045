import { expect, test } from 'vitest';
import { createFakeClock } from '../../lib/testing/fake-clock.ts';
import { createWriteThrottle } from './write-throttle.ts';

test('write throttle › an unchanged value is due after a while, a changed or forgotten one immediately', () => {
  const clock = createFakeClock();
  const pacer = createWriteThrottle(clock, 1_000);
  expect(pacer.isDue('s1', 'a')).toBe(true);
  expect(pacer.isDue('s1', 'a')).toBe(false);
  expect(pacer.isDue('s2', 'a')).toBe(true);
  expect(pacer.isDue('s1', 'b')).toBe(true);
  clock.pass(999);
  expect(pacer.isDue('s1', 'b')).toBe(false);
  clock.pass(1);
  expect(pacer.isDue('s1', 'b')).toBe(true);
  pacer.forget('s1');
  expect(pacer.isDue('s1', 'b')).toBe(true);
});

test('write throttle › remembers a limited number of names and drops the oldest', () => {
  const pacer = createWriteThrottle(createFakeClock(), 1_000);
  for (let index = 0; index <= 10_000; index += 1) pacer.isDue(`n${index}`, 'a');
  expect(pacer.isDue('n10000', 'a')).toBe(false);
  expect(pacer.isDue('n0', 'a')).toBe(true);
});
