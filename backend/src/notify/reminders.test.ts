// When an alert is told again, as a pure function of its severity, when it was told and the moment.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nextReminderMs } from './reminders.ts';

const HOUR_MS = 3_600_000;
const severity = fc.constantFrom('critical' as const, 'warning' as const);
/** Hours after the alert was told at which each next reminder comes, when each is sent in time. */
const hours = (of: 'critical' | 'warning', count: number): number[] => {
  const all: number[] = [];
  while (all.length < count) all.push(nextReminderMs(of, 0, (all.at(-1) ?? 0) * HOUR_MS) / HOUR_MS);
  return all;
};

describe('nextReminderMs', () => {
  test('reminds of a critical alert after 1 h, after 4 h, then every 12 h', () => {
    expect(hours('critical', 6)).toEqual([1, 4, 16, 28, 40, 52]);
  });

  test('reminds of a warning every 24 h', () => {
    expect(hours('warning', 4)).toEqual([24, 48, 72, 96]);
  });

  test('leaves out reminders that were missed: the next one is the first of the schedule after this moment', () => {
    fc.assert(
      fc.property(severity, fc.nat(), fc.nat(90 * 24 * HOUR_MS), (of, fromMs, lateMs) => {
        const schedule = hours(of, 200).map((hour) => fromMs + hour * HOUR_MS);
        expect(nextReminderMs(of, fromMs, fromMs + lateMs)).toBe(schedule.find((at) => at > fromMs + lateMs));
      }),
      { numRuns: 200 },
    );
  });
});
