// When maintenance windows hold, over both changes of the clocks: weekly ones compared with when such a window is open, cron ones with the calendar.
import { type NewMaintenance, weekdays } from '@buoy/contract';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isAppError } from '../lib/app-error.ts';
import { isoTime } from '../lib/clock.ts';
import { createWeeklyWindows } from '../lib/weekly-windows.ts';
import { createNextSpan, timesOf } from './next-span.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const nextSpan = createNextSpan();
const now = Date.parse('2026-03-04T10:00:00.000Z');
const spanFor = (given: NewMaintenance, atMs = now) => nextSpan(timesOf(given, nextSpan, atMs), atMs);

const zones = ['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe'];
/** Weeks in which the clocks of some of these zones change, both ways. */
const weeks = ['2026-03-07', '2026-03-28', '2026-04-04', '2026-10-03', '2026-10-24', '2026-10-31'];
const aTime = fc
  .tuple(fc.integer({ min: 0, max: 23 }), fc.constantFrom(0, 15, 30, 45))
  .map(([hour, minute]) => ({
    ...{ hour, minute },
    text: `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`,
  }));
const aMoment = fc
  .tuple(fc.constantFrom(...weeks), fc.integer({ min: 0, max: 3 * 24 * 60 }))
  .map(([day, minutes]) => Date.parse(`${day}T00:00:00.000Z`) + minutes * MINUTE_MS);

test('a weekly window holds from when it opens to when it closes, over both changes of the clocks', () => {
  const { opensAt } = createWeeklyWindows();
  const someDays = fc.uniqueArray(fc.constantFrom(...weekdays), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(
      fc.record({ days: someDays, start: aTime, end: aTime, timezone: fc.constantFrom(...zones) }),
      aMoment,
      ({ days, start, end, timezone }, atMs) => {
        const weekly = { days, start: start.text, end: end.text, timezone };
        const isOpen = (ms: number) => opensAt([weekly], ms) === ms;
        const span = nextSpan({ kind: 'weekly', weekly }, atMs) ?? expect.unreachable();
        const [fromMs, toMs] = [Date.parse(span.startsAt), Date.parse(span.endsAt)];
        expect(fromMs <= atMs).toBe(isOpen(atMs));
        expect(toMs).toBeGreaterThan(atMs);
        if (fromMs > atMs) expect(opensAt([weekly], atMs)).toBe(fromMs);
        expect([isOpen(fromMs - 1), isOpen(fromMs), isOpen(toMs - 1), isOpen(toMs)]).toEqual([
          ...[false, true, true, false],
        ]);
        for (let ms = fromMs; ms < toMs; ms += 15 * MINUTE_MS) expect(isOpen(ms)).toBe(true);
      },
    ),
    { numRuns: 200 },
  );
});

test('a cron window begins once a day, when the clocks first show its time or pass it, and lasts for its minutes', () => {
  fc.assert(
    fc.property(
      ...[aTime, fc.constantFrom(...zones), fc.integer({ min: 1, max: 1_300 }), aMoment],
      ({ hour, minute }, timezone, minutes, atMs) => {
        const starts = startsOf(hour * 60 + minute, timezone, atMs);
        const spans = starts.map((ms) => [ms, ms + minutes * MINUTE_MS] as const);
        const [from, to] = spans.find(([, end]) => end > atMs) ?? expect.unreachable();
        const times = { kind: 'cron', cron: `${minute} ${hour} * * *`, minutes, timezone } as const;
        expect(nextSpan(times, atMs)).toEqual({ startsAt: isoTime(from), endsAt: isoTime(to) });
      },
    ),
    { numRuns: 200 },
  );
});

/** The first moment of each day around `atMs` at which the clocks of the zone show that minute of the day or a later one. */
function startsOf(minuteOfDay: number, timezone: string, atMs: number): number[] {
  const format = new Intl.DateTimeFormat('en-GB', {
    ...{ timeZone: timezone, hourCycle: 'h23', dateStyle: 'short', timeStyle: 'short' },
  });
  const starts = new Map<string, number>();
  for (let ms = atMs - 3 * DAY_MS; ms < atMs + 3 * DAY_MS; ms += 15 * MINUTE_MS) {
    const aligned = ms - (ms % (15 * MINUTE_MS));
    const [date = '', clock = ''] = format.format(aligned).split(', ');
    const [hours = 0, minutes = 0] = clock.split(':').map(Number);
    if (hours * 60 + minutes >= minuteOfDay && !starts.has(date)) starts.set(date, aligned);
  }
  // The first day is seen in part.
  return [...starts.values()].slice(1);
}

describe('times of maintenance', () => {
  test('count from now, and are kept in one form', () => {
    expect(spanFor({ minutes: 30 })).toEqual({
      ...{ startsAt: '2026-03-04T10:00:00.000Z', endsAt: '2026-03-04T10:30:00.000Z' },
    });
    expect(spanFor({ from: '2026-03-04T12:00:00Z', to: '2026-03-04T13:00:00.5Z' })).toEqual({
      ...{ startsAt: '2026-03-04T12:00:00.000Z', endsAt: '2026-03-04T13:00:00.500Z' },
    });
  });

  const cron = (expression: string, minutes = 30) => ({ cron: expression, minutes, timezone: 'UTC' });
  test.each<[string, NewMaintenance, string]>([
    ['a time that is over', { from: '2026-03-04T08:00:00Z', to: '2026-03-04T10:00:00Z' }, 'to'],
    ['a beginning after a year', { from: '2028-01-01T00:00:00Z', to: '2028-01-02T00:00:00Z' }, 'from'],
    ['a week without an end', { weekly: { ...always(), days: [...weekdays] } }, 'weekly'],
    ['a date that there is not', cron('0 0 30 2 *'), 'cron'],
    ['an hour that there is not', cron('0 24 * * *'), 'cron'],
    ['a step of zero', cron('*/0 * * * *'), 'cron'],
    ['six fields in five', cron('0 0 1 1 SUNDAY'), 'cron'],
    ['minutes without a gap', cron('0 * * * *', 60), 'minutes'],
    ['minutes with a gap of less than five', cron('0 * * * *', 56), 'minutes'],
    ['each minute', cron('* * * * *', 1), 'cron'],
    ['each half hour', cron('*/30 * * * *', 1), 'cron'],
    [
      'a week with gaps of a minute',
      { weekly: { ...always(), days: [...weekdays], end: '23:59' } },
      'weekly',
    ],
    ['a month that is as long as the window', cron('0 0 1 * *', 43_200), 'minutes'],
  ])('refuse %s', (_what, given, field) => {
    const refused = (error: unknown) =>
      isAppError(error, 'invalid_request') && JSON.stringify(error.details).includes(`"path":"${field}"`);
    expect(() => timesOf(given, nextSpan, now)).toThrow(expect.toSatisfy(refused));
  });

  test('take six days and all but a minute of the seventh', () => {
    const weekly = { ...always(), days: weekdays.slice(0, 6) };
    expect(spanFor({ weekly })).toEqual({
      ...{ startsAt: '2026-03-02T00:00:00.000Z', endsAt: '2026-03-08T00:00:00.000Z' },
    });
  });

  test('are refused or taken within a second, whatever the expression and the zone', () => {
    const field = fc.stringMatching(/^[0-9*,/-]{1,12}$/);
    const hour = fc.constantFrom('1-2', '2', '1,2', '*');
    const day = fc.constantFrom('*', '25-31', '29');
    const weekday = fc.constantFrom('*', '0', 'sun');
    const inGaps = fc.tuple(fc.constantFrom('*', '30', '0'), hour, day, fc.constantFrom('3', 'mar'), weekday);
    fc.assert(
      fc.property(
        fc.oneof(fc.tuple(field, field, field, field, field), inGaps),
        fc.constantFrom('UTC', 'Europe/Berlin', 'Antarctica/Troll', 'Australia/Lord_Howe'),
        (fields, timezone) => {
          const began = performance.now();
          try {
            timesOf({ ...cron(fields.join(' ')), timezone }, nextSpan, now);
          } catch (error) {
            if (!isAppError(error, 'invalid_request')) throw error;
          }
          expect(performance.now() - began).toBeLessThan(1_000);
        },
      ),
    );
  });
});

function always() {
  return { start: '00:00', end: '00:00', timezone: 'UTC' } as const;
}
