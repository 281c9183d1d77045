// A stretch of time, cut at the hours or days.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { beginningOf, partsOf } from './intervals.ts';

const ms = (text: string) => Date.parse(text);

test('a stretch over midnight is cut there, and at the hours', () => {
  const from = ms('2026-03-01T23:30:00Z');
  const to = ms('2026-03-02T01:15:00Z');
  expect(partsOf('day', from, to)).toEqual([
    { beginsMs: ms('2026-03-01T00:00:00Z'), partMs: 30 * 60_000 },
    { beginsMs: ms('2026-03-02T00:00:00Z'), partMs: 75 * 60_000 },
  ]);
  expect(partsOf('hour', from, to).map(({ partMs }) => partMs / 60_000)).toEqual([30, 60, 15]);
});

test('the parts are as long as the whole, and the last one is that of its end', () => {
  const time = fc.integer({ min: 0, max: 4_000_000_000_000 });
  fc.assert(
    fc.property(
      time,
      fc.integer({ min: 0, max: 200 * 3_600_000 }),
      fc.constantFrom('hour', 'day'),
      (from, length, step) => {
        const parts = partsOf(step, from, from + length);
        expect(parts.reduce((sum, { partMs }) => sum + partMs, 0)).toBe(length);
        expect(parts.every(({ partMs }) => partMs >= 0)).toBe(true);
        expect(parts.at(-1)?.beginsMs).toBe(beginningOf(step, from + length));
      },
    ),
  );
});
