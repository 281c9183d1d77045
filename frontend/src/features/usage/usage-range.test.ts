import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lastDays, MAX_DAYS, rangeProblem } from './usage-range.ts';

describe('usage range', () => {
  it('selects the last days in UTC, including today', () => {
    const lateInTheDay = Date.UTC(2026, 2, 1, 23, 59);
    expect(lastDays(7, lateInTheDay)).toEqual({ from: '2026-02-23', to: '2026-03-01' });
    expect(lastDays(1, lateInTheDay)).toEqual({ from: '2026-03-01', to: '2026-03-01' });
  });

  it.each([
    [{ from: '', to: '2026-01-01' }, 'incomplete'],
    [{ from: '2026-01-02', to: '2026-01-01' }, 'backwards'],
    [{ from: '2025-01-01', to: '2026-01-02' }, 'too-many'],
    [{ from: '2025-01-01', to: '2026-01-01' }, null],
    [{ from: '2026-01-01', to: '2026-01-01' }, null],
  ])('%o: %s', (range, problem) => {
    expect(rangeProblem(range)).toBe(problem);
  });

  it('builds a valid query for every number of days', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: MAX_DAYS }),
        fc.date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) }),
        (days, now) => {
          expect(rangeProblem(lastDays(days, now.getTime()))).toBeNull();
        },
      ),
    );
  });
});
