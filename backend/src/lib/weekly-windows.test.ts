// Weekly windows of time: days, midnight, and both changes of the clocks; compared with the calendar of each zone, minute by minute.
import { type WeeklyWindow, weekdays } from '@buoy/contract';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createWeeklyWindows } from './weekly-windows.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const { opensAt } = createWeeklyWindows();

const windowOf = (
  days: WeeklyWindow['days'],
  start: string,
  end: string,
  timezone = 'UTC',
): WeeklyWindow => ({
  ...{ days, start, end, timezone },
});
const at = (time: string): number => Date.parse(time);
/** When these windows are open next, as a time; "now" where they are open. */
const next = (from: string, ...windows: WeeklyWindow[]): string | null => {
  const opens = opensAt(windows, at(from));
  if (opens === null) return null;
  return opens === at(from) ? 'now' : new Date(opens).toISOString().slice(0, 16);
};

describe('a window', () => {
  const weekend = windowOf(['sat', 'sun'], '08:00', '12:00');

  test('is open from its start to just before its end, on its days', () => {
    // 2026-03-01 is a Sunday.
    expect(next('2026-03-01T07:59:59.999Z', weekend)).toBe('2026-03-01T08:00');
    expect(next('2026-03-01T08:00:00.000Z', weekend)).toBe('now');
    expect(next('2026-03-01T11:59:59.999Z', weekend)).toBe('now');
    expect(next('2026-03-01T12:00:00.000Z', weekend)).toBe('2026-03-07T08:00');
  });

  test('passes midnight into a day that is not among its days', () => {
    const night = windowOf(['sun'], '22:00', '06:00');
    expect(next('2026-03-01T03:00:00.000Z', night)).toBe('2026-03-01T22:00');
    expect(next('2026-03-01T23:00:00.000Z', night)).toBe('now');
    expect(next('2026-03-02T05:59:00.000Z', night)).toBe('now');
    expect(next('2026-03-02T06:00:00.000Z', night)).toBe('2026-03-08T22:00');
  });

  test('with equal times lasts 24 hours', () => {
    const noonToNoon = windowOf(['sun'], '12:00', '12:00');
    expect(next('2026-03-01T11:59:00.000Z', noonToNoon)).toBe('2026-03-01T12:00');
    expect(next('2026-03-02T11:59:00.000Z', noonToNoon)).toBe('now');
    expect(next('2026-03-02T12:00:00.000Z', noonToNoon)).toBe('2026-03-08T12:00');
    const always = windowOf([...weekdays], '00:00', '00:00', 'Asia/Tokyo');
    expect(next('2026-03-03T15:00:00.000Z', always)).toBe('now');
  });

  test('has the days of its own zone', () => {
    // In Tokyo it is Monday, in New York still Sunday.
    expect(next('2026-03-01T16:00:00.000Z', windowOf(['mon'], '00:00', '23:00', 'Asia/Tokyo'))).toBe('now');
    expect(next('2026-03-02T03:00:00.000Z', windowOf(['sun'], '20:00', '23:00', 'America/New_York'))).toBe(
      'now',
    );
  });
});

describe('when clocks change', () => {
  const berlin = (start: string, end: string) => windowOf(['sun'], start, end, 'Europe/Berlin');

  test('a window in the hour that spring skips comes a week later', () => {
    expect(next('2026-03-28T12:00:00.000Z', berlin('02:00', '03:00'))).toBe('2026-04-05T00:00');
  });

  test('a window that begins in the hour that spring skips opens with the change', () => {
    expect(next('2026-03-28T12:00:00.000Z', berlin('02:30', '04:00'))).toBe('2026-03-29T01:00');
    expect(next('2026-03-29T01:59:59.000Z', berlin('02:30', '04:00'))).toBe('now');
    expect(next('2026-03-29T02:00:00.000Z', berlin('02:30', '04:00'))).toBe('2026-04-05T00:30');
  });

  test('a window in the hour that autumn repeats is open in both', () => {
    const window = berlin('02:30', '03:00');
    expect(next('2026-10-24T12:00:00.000Z', window)).toBe('2026-10-25T00:30');
    expect(next('2026-10-25T00:59:59.000Z', window)).toBe('now');
    expect(next('2026-10-25T01:00:00.000Z', window)).toBe('2026-10-25T01:30');
    expect(next('2026-10-25T02:00:00.000Z', window)).toBe('2026-11-01T01:30');
  });
});

describe('several windows', () => {
  test('are open while all of them are, whatever their zones', () => {
    const berlin = windowOf(['mon'], '08:00', '12:00', 'Europe/Berlin');
    const newYork = windowOf(['mon'], '05:00', '09:00', 'America/New_York');
    expect(next('2026-03-01T12:00:00.000Z', berlin, newYork)).toBe('2026-03-02T10:00');
    // Between the changes of the clocks in America and in Europe they are an hour nearer.
    expect(next('2026-03-08T12:00:00.000Z', berlin, newYork)).toBe('2026-03-09T09:00');
    expect(next('2026-03-09T11:00:00.000Z', berlin, newYork)).toBe('2026-03-16T09:00');
  });

  test('that have no time in common never open', () => {
    expect(
      next(
        '2026-03-01T12:00:00.000Z',
        windowOf(['mon'], '08:00', '12:00'),
        windowOf(['mon'], '12:00', '13:00'),
      ),
    ).toBeNull();
  });

  test('none are always open', () => {
    expect(next('2026-03-01T12:00:00.000Z')).toBe('now');
  });
});

/** Zones with the moment of a change: by an hour, by half an hour, at midnight, and of a whole day. */
const changes: ReadonlyArray<readonly [zone: string, change: string]> = [
  ['Europe/Berlin', '2026-03-29T01:00:00.000Z'],
  ['Europe/Berlin', '2026-10-25T01:00:00.000Z'],
  ['America/New_York', '2026-03-08T07:00:00.000Z'],
  ['America/New_York', '2026-11-01T06:00:00.000Z'],
  ['America/St_Johns', '2026-11-01T04:30:00.000Z'],
  ['America/Santiago', '2026-04-05T03:00:00.000Z'],
  ['America/Santiago', '2026-09-06T04:00:00.000Z'],
  ['Africa/Cairo', '2026-04-23T22:00:00.000Z'],
  ['Australia/Lord_Howe', '2026-04-04T15:00:00.000Z'],
  ['Australia/Lord_Howe', '2026-10-03T15:30:00.000Z'],
  ['Pacific/Apia', '2011-12-30T10:00:00.000Z'],
  ['Asia/Kathmandu', '2026-05-05T05:00:00.000Z'],
  ['UTC', '2026-12-31T23:00:00.000Z'],
];

const dayNames: readonly (string | undefined)[] = weekdays;
const calendars = new Map<string, Intl.DateTimeFormat>();
/** As a person would: weekday and time on the clock of that zone. */
function isOpen({ days, start, end, timezone }: WeeklyWindow, ms: number): boolean {
  const calendar =
    calendars.get(timezone) ??
    new Intl.DateTimeFormat('en-US', {
      ...{ timeZone: timezone, weekday: 'short', hourCycle: 'h23' },
      ...{ hour: '2-digit', minute: '2-digit' },
    });
  calendars.set(timezone, calendar);
  const parts = new Map(calendar.formatToParts(ms).map(({ type, value }) => [type, value]));
  const today = dayNames.indexOf(parts.get('weekday')?.toLowerCase());
  const time = `${parts.get('hour')}:${parts.get('minute')}`;
  const isDay = (index: number) => days.some((day) => day === weekdays[(index + 7) % 7]);
  if (start < end) return isDay(today) && start <= time && time < end;
  return (isDay(today) && start <= time) || (isDay(today - 1) && time < end);
}

const timeOfDay = fc
  .tuple(fc.integer({ min: 0, max: 23 }), fc.constantFrom(0, 15, 30, 59))
  .map((parts) => parts.map((part) => String(part).padStart(2, '0')).join(':'));
const someDays = fc.subarray([...weekdays], { minLength: 1 });
const windowIn = (zone: fc.Arbitrary<string>): fc.Arbitrary<WeeklyWindow> =>
  fc.record({ days: someDays, start: timeOfDay, end: timeOfDay, timezone: zone });
/** One to three windows, one of them in the zone that changes, and a moment in the days around the change. */
const cases = fc
  .tuple(
    fc.constantFrom(...changes),
    fc.integer({ min: -10 * 1440, max: 4 * 1440 }),
    fc.constantFrom(0, 1, 59_999),
  )
  .chain(([[zone, change], minutes, rest]) =>
    fc.record({
      windows: fc
        .tuple(
          windowIn(fc.constant(zone)),
          fc.array(windowIn(fc.constantFrom(...changes.map(([other]) => other))), { maxLength: 2 }),
        )
        .map(([first, others]) => [first, ...others]),
      from: fc.constant(at(change) + minutes * MINUTE_MS + rest),
    }),
  );

describe('compared with the calendar', () => {
  test('any windows are open at the same moments', () => {
    fc.assert(
      fc.property(cases, ({ windows, from }) => {
        expect(opensAt(windows, from) === from).toBe(windows.every((window) => isOpen(window, from)));
      }),
      { numRuns: 2_000 },
    );
  });

  test('any windows open next at the same moment', () => {
    fc.assert(
      fc.property(
        cases,
        fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
        ({ windows, from }, chance) => {
          const areOpen = (ms: number) => windows.every((window) => isOpen(window, ms));
          const opens = opensAt(windows, from);
          if (opens !== null) expect(areOpen(opens)).toBe(true);
          if (opens === from) return;
          const end = opens ?? from + 21 * DAY_MS;
          expect(areOpen(end - 1)).toBe(false);
          // Each minute of half a day before it opens, and some of all minutes until then.
          const firstMinute = Math.ceil(from / MINUTE_MS) * MINUTE_MS;
          for (let ms = Math.max(firstMinute, end - DAY_MS / 2); ms < end; ms += MINUTE_MS)
            expect(areOpen(ms)).toBe(false);
          for (const share of chance.take(100))
            expect(areOpen(from + Math.floor(share * (end - from - 1)))).toBe(false);
        },
      ),
      { numRuns: 150 },
    );
  });
});
