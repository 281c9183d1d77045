// When the clock of a server counts as wrong.
import { defaultThresholds } from '@buoy/contract';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { clockConditions } from './clock-skew.ts';

const now = Date.parse('2026-03-02T10:00:00.000Z');
const judged = (skewMs: number | null, clockSkewS = 60) =>
  clockConditions(skewMs, now, { ...defaultThresholds, clockSkewS });

test.each([
  ['ahead', 125_000, 'The clock of the server is 2 minutes ahead of that of Buoy.', '10:02:05'],
  ['behind', -7_300_000, 'The clock of the server is 2 hours behind that of Buoy.', '07:58:20'],
])('a clock that is %s is a warning that names by how much, with both times', (_, skewMs, cause, time) => {
  const { active, undetermined } = judged(skewMs);
  expect(active).toMatchObject([{ type: 'clock_skew', subject: '', severity: 'warning', cause }]);
  expect(active[0]?.evidence).toContain(`Clock of the server: 2026-03-02T${time}.000Z`);
  expect(active[0]?.evidence).toContain('Clock of Buoy: 2026-03-02T10:00:00.000Z');
  expect(undetermined).toEqual([]);
});

test('between 80 % of the threshold and the threshold, nothing fires or ends', () => {
  for (const skewMs of [48_000, 60_000, -60_000])
    expect(judged(skewMs)).toEqual({ active: [], undetermined: [{ type: 'clock_skew', subject: '' }] });
  for (const skewMs of [0, 47_999, -47_999, null])
    expect(judged(skewMs)).toEqual({ active: [], undetermined: [] });
});

test('a clock of a year without four digits has words, and no time', () => {
  const { active } = judged(Number.MAX_SAFE_INTEGER);
  expect(active[0]?.cause).toMatch(/^The clock of the server is \d+ days ahead of that of Buoy\.$/);
  expect(active[0]?.evidence).not.toContain('Clock of the server');
});

test('fires exactly beyond the threshold, whichever way and however far', () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), fc.integer({ min: 5, max: 86_400 }), (skewMs, clockSkewS) => {
      expect(judged(skewMs, clockSkewS).active).toHaveLength(Math.abs(skewMs) > clockSkewS * 1000 ? 1 : 0);
    }),
  );
});
