// Who is notified at which hour, by each person's local time, including nights when clocks change.
import type { NotificationPrefs } from '@buoy/contract';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { delivers, quietUntil } from './delivery.ts';

type QuietHours = NotificationPrefs['quietHours'];

const settings = (change: Partial<NotificationPrefs> = {}): NotificationPrefs => ({
  mutedTypes: [],
  quietHours: { enabled: false, start: '22:00', end: '07:00', timezone: 'UTC' },
  criticalBreaksQuiet: false,
  minSeverity: 'warning',
  reminders: true,
  escalationOnly: false,
  ...change,
});
const quiet = (start: string, end: string, timezone = 'UTC'): NotificationPrefs =>
  settings({ quietHours: { enabled: true, start, end, timezone } });
const at = (iso: string): number => Date.parse(iso);
/** Until when it is quiet at that moment, as ISO text without seconds. */
const until = (prefs: NotificationPrefs, iso: string): string | null => {
  const end = quietUntil(prefs, at(iso));
  return end === null ? null : new Date(end).toISOString().replace(':00.000Z', 'Z');
};

const warning = { type: 'disk_full', severity: 'warning' } as const;
const critical = { type: 'gateway_down', severity: 'critical' } as const;
const night = at('2026-01-10T23:00:00Z');
const noon = at('2026-01-10T12:00:00Z');

describe('an alert', () => {
  test('is sent at any hour to a person without settings', () => {
    for (const moment of [night, noon])
      for (const alert of [warning, critical]) expect(delivers(settings(), alert, moment)).toBe(true);
  });

  test('of a muted type is never sent, even a critical one that may break quiet hours', () => {
    const prefs = settings({ mutedTypes: ['gateway_down'], criticalBreaksQuiet: true });
    expect(delivers(prefs, critical, noon)).toBe(false);
    expect(delivers(prefs, warning, noon)).toBe(true);
  });

  test('below the minimum severity is never sent', () => {
    const prefs = settings({ minSeverity: 'critical' });
    expect(delivers(prefs, warning, noon)).toBe(false);
    expect(delivers(prefs, critical, noon)).toBe(true);
  });

  test('waits during quiet hours, also a critical one unless it may break them', () => {
    const prefs = quiet('22:00', '07:00');
    expect([delivers(prefs, warning, night), delivers(prefs, critical, night)]).toEqual([false, false]);
    const breaking = { ...prefs, criticalBreaksQuiet: true };
    expect([delivers(breaking, warning, night), delivers(breaking, critical, night)]).toEqual([false, true]);
    expect([delivers(breaking, warning, noon), delivers(breaking, critical, noon)]).toEqual([true, true]);
  });
});

describe('quiet hours', () => {
  test('that are switched off delay nothing', () => {
    expect(quietUntil(settings(), night)).toBeNull();
  });

  test('over midnight last into the next morning', () => {
    const prefs = quiet('22:00', '07:00');
    expect(until(prefs, '2026-01-10T21:59:59.999Z')).toBeNull();
    expect(until(prefs, '2026-01-10T22:00:00Z')).toBe('2026-01-11T07:00Z');
    expect(until(prefs, '2026-01-11T00:00:00Z')).toBe('2026-01-11T07:00Z');
    expect(until(prefs, '2026-01-11T06:59:59.999Z')).toBe('2026-01-11T07:00Z');
    expect(until(prefs, '2026-01-11T07:00:00Z')).toBeNull();
  });

  test('within a day end on that day', () => {
    const prefs = quiet('12:00', '13:30');
    expect(until(prefs, '2026-01-10T11:59:59.999Z')).toBeNull();
    expect(until(prefs, '2026-01-10T12:00:00Z')).toBe('2026-01-10T13:30Z');
    expect(until(prefs, '2026-01-10T13:30:00Z')).toBeNull();
  });

  test('that end at midnight, or begin there, do so on the right day', () => {
    expect(until(quiet('22:00', '00:00'), '2026-01-10T23:59:59.999Z')).toBe('2026-01-11T00:00Z');
    expect(until(quiet('22:00', '00:00'), '2026-01-11T00:00:00Z')).toBeNull();
    expect(until(quiet('00:00', '06:00'), '2026-01-11T00:00:00Z')).toBe('2026-01-11T06:00Z');
  });

  test('with the same start and end are the whole day', () => {
    const prefs = quiet('08:00', '08:00');
    expect(until(prefs, '2026-01-10T07:59:59.999Z')).toBe('2026-01-10T08:00Z');
    expect(until(prefs, '2026-01-10T08:00:00Z')).toBe('2026-01-11T08:00Z');
    expect(until(prefs, '2026-01-10T12:00:00Z')).toBe('2026-01-11T08:00Z');
  });

  test.each([
    ['Europe/Berlin', '2026-01-10T21:00:00Z', '2026-01-11T06:00Z'],
    ['Asia/Kathmandu', '2026-01-10T16:15:00Z', '2026-01-11T01:15Z'],
    ['America/St_Johns', '2026-01-11T01:30:00Z', '2026-01-11T10:30Z'],
    ['Australia/Lord_Howe', '2026-01-10T11:00:00Z', '2026-01-10T20:00Z'],
    ['+05:45', '2026-01-10T16:15:00Z', '2026-01-11T01:15Z'],
  ])('follow the local time of %s', (zone, start, end) => {
    const prefs = quiet('22:00', '07:00', zone);
    expect(quietUntil(prefs, at(start) - 1)).toBeNull();
    expect(until(prefs, start)).toBe(end);
    expect(quietUntil(prefs, at(end))).toBeNull();
  });
});

/** What Berlin's clock does: https://www.timeanddate.com/time/zone/germany/berlin?year=2026 and so for the others. */
describe('in the night in which clocks go forward', () => {
  test('in Berlin, 22:00 to 07:00 is an hour shorter', () => {
    expect(until(quiet('22:00', '07:00', 'Europe/Berlin'), '2026-03-28T21:00:00Z')).toBe('2026-03-29T05:00Z');
  });

  test('in Berlin, hours until 02:30, which does not exist, end when the clock jumps from 02:00 to 03:00', () => {
    const prefs = quiet('22:00', '02:30', 'Europe/Berlin');
    expect(until(prefs, '2026-03-28T21:00:00Z')).toBe('2026-03-29T01:00Z');
    expect(until(prefs, '2026-03-29T00:59:59.999Z')).toBe('2026-03-29T01:00Z');
    expect(until(prefs, '2026-03-29T01:00:00Z')).toBeNull();
  });

  test('in Berlin, hours from 02:30 begin with that jump', () => {
    const prefs = quiet('02:30', '07:00', 'Europe/Berlin');
    expect(until(prefs, '2026-03-29T00:59:59.999Z')).toBeNull();
    expect(until(prefs, '2026-03-29T01:00:00Z')).toBe('2026-03-29T05:00Z');
  });

  test('in Berlin, hours within the hour that does not exist are left out', () => {
    const prefs = quiet('02:10', '02:50', 'Europe/Berlin');
    expect(until(prefs, '2026-03-29T00:59:59.999Z')).toBeNull();
    expect(until(prefs, '2026-03-29T01:00:00Z')).toBeNull();
    expect(until(prefs, '2026-03-30T00:10:00Z')).toBe('2026-03-30T00:50Z');
  });

  test('in Berlin, a pause within that hour is left out: it stays quiet until the next one', () => {
    const prefs = quiet('02:50', '02:10', 'Europe/Berlin');
    expect(until(prefs, '2026-03-28T12:00:00Z')).toBe('2026-03-30T00:10Z');
  });

  test("in St. John's, 02:30 does not exist on 8 March", () => {
    const prefs = quiet('22:00', '02:30', 'America/St_Johns');
    expect(until(prefs, '2026-03-08T05:29:00Z')).toBe('2026-03-08T05:30Z');
    expect(until(prefs, '2026-03-08T05:30:00Z')).toBeNull();
  });

  test('on Lord Howe Island, half an hour from 02:00 does not exist on 4 October', () => {
    expect(until(quiet('22:00', '02:15', 'Australia/Lord_Howe'), '2026-10-03T15:29:00Z')).toBe(
      '2026-10-03T15:30Z',
    );
    expect(until(quiet('22:00', '02:45', 'Australia/Lord_Howe'), '2026-10-03T15:29:00Z')).toBe(
      '2026-10-03T15:45Z',
    );
  });
});

describe('in the night in which clocks go back', () => {
  test('in Berlin, 22:00 to 07:00 is an hour longer', () => {
    expect(until(quiet('22:00', '07:00', 'Europe/Berlin'), '2026-10-24T20:00:00Z')).toBe('2026-10-25T06:00Z');
  });

  test('in Berlin, hours until 02:30, which occurs twice, are quiet whenever the local time is earlier', () => {
    const prefs = quiet('22:00', '02:30', 'Europe/Berlin');
    expect(until(prefs, '2026-10-24T20:00:00Z')).toBe('2026-10-25T00:30Z');
    expect(until(prefs, '2026-10-25T00:30:00Z')).toBeNull();
    expect(until(prefs, '2026-10-25T00:59:59.999Z')).toBeNull();
    expect(until(prefs, '2026-10-25T01:00:00Z')).toBe('2026-10-25T01:30Z');
    expect(until(prefs, '2026-10-25T01:30:00Z')).toBeNull();
  });

  test('in Berlin, hours from 02:30 are quiet whenever the local time is later', () => {
    const prefs = quiet('02:30', '07:00', 'Europe/Berlin');
    expect(until(prefs, '2026-10-25T00:29:59.999Z')).toBeNull();
    expect(until(prefs, '2026-10-25T00:30:00Z')).toBe('2026-10-25T01:00Z');
    expect(until(prefs, '2026-10-25T01:00:00Z')).toBeNull();
    expect(until(prefs, '2026-10-25T01:30:00Z')).toBe('2026-10-25T06:00Z');
  });

  test('in Berlin, hours until 03:00 end at 03:00 local time, not when clocks go back', () => {
    expect(until(quiet('22:00', '03:00', 'Europe/Berlin'), '2026-10-25T00:15:00Z')).toBe('2026-10-25T02:00Z');
  });

  test("in St. John's, 01:30 comes twice on 1 November", () => {
    const prefs = quiet('22:00', '01:30', 'America/St_Johns');
    expect(until(prefs, '2026-11-01T03:30:00Z')).toBe('2026-11-01T04:00Z');
    expect(until(prefs, '2026-11-01T04:00:00Z')).toBeNull();
    expect(until(prefs, '2026-11-01T04:30:00Z')).toBe('2026-11-01T05:00Z');
  });

  test('on Lord Howe Island, half an hour from 01:30 comes twice on 5 April', () => {
    const prefs = quiet('22:00', '01:45', 'Australia/Lord_Howe');
    expect(until(prefs, '2026-04-04T14:44:00Z')).toBe('2026-04-04T14:45Z');
    expect(until(prefs, '2026-04-04T14:45:00Z')).toBeNull();
    expect(until(prefs, '2026-04-04T15:00:00Z')).toBe('2026-04-04T15:15Z');
  });
});

describe('quiet hours against a fixed table of the clock changes of 2026', () => {
  const MINUTE_MS = 60_000;
  const DAY_MINUTES = 1440;
  /** From when on (UTC) a clock is how many minutes ahead, read off with `zdump -v`. */
  const clocks: Record<string, Array<[from: string, minutesAhead: number]>> = {
    UTC: [['2025-01-01T00:00Z', 0]],
    'Asia/Kathmandu': [['2025-01-01T00:00Z', 345]],
    'Europe/Berlin': [
      ['2025-11-01T00:00Z', 60],
      ['2026-03-29T01:00Z', 120],
      ['2026-10-25T01:00Z', 60],
    ],
    'America/St_Johns': [
      ['2025-12-01T00:00Z', -210],
      ['2026-03-08T05:30Z', -150],
      ['2026-11-01T04:30Z', -210],
    ],
    'Australia/Lord_Howe': [
      ['2025-11-01T00:00Z', 660],
      ['2026-04-04T15:00Z', 630],
      ['2026-10-03T15:30Z', 660],
    ],
  };

  /** The minute of the day that the clock shows. */
  const shown = (zone: string, ms: number): number => {
    const ahead = clocks[zone]?.findLast(([from]) => at(from) <= ms)?.[1] ?? expect.unreachable();
    return (Math.floor(ms / MINUTE_MS) + ahead) % DAY_MINUTES;
  };
  const minuteOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
  const isQuiet = ({ start, end, timezone }: QuietHours, ms: number): boolean => {
    // Walks the dial from the start: the minute is met before the end or it is not.
    const length = (minuteOf(end) - minuteOf(start) + DAY_MINUTES) % DAY_MINUTES || DAY_MINUTES;
    return (shown(timezone, ms) - minuteOf(start) + DAY_MINUTES) % DAY_MINUTES < length;
  };
  /** Minute by minute. */
  const walkToEnd = (hours: QuietHours, ms: number): number => {
    for (let minute = Math.floor(ms / MINUTE_MS) + 1; ; minute += 1) {
      const next = minute * MINUTE_MS;
      if (
        hours.start === hours.end
          ? shown(hours.timezone, next) === minuteOf(hours.end)
          : !isQuiet(hours, next)
      )
        return next;
    }
  };

  const timeOfDay = fc
    .oneof(
      { weight: 3, arbitrary: fc.integer({ min: 0, max: 4 * 60 }) },
      { weight: 1, arbitrary: fc.integer({ min: 0, max: DAY_MINUTES - 1 }) },
    )
    .map(
      (minutes) =>
        `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`,
    );
  const moment = (zone: string) => {
    const anyTime = fc.integer({ min: at('2026-01-03T00:00Z'), max: at('2026-12-28T00:00Z') });
    const changes = clocks[zone]?.slice(1).map(([from]) => at(from)) ?? [];
    if (changes.length === 0) return anyTime;
    const nearChange = fc
      .tuple(fc.constantFrom(...changes), fc.integer({ min: -30 * 60 * MINUTE_MS, max: 4 * 60 * MINUTE_MS }))
      .map(([change, distance]) => change + distance);
    return fc.oneof(anyTime, { weight: 3, arbitrary: nearChange });
  };
  const situation = fc.constantFrom(...Object.keys(clocks)).chain((timezone) =>
    fc.record({
      now: moment(timezone),
      hours: fc.record({
        enabled: fc.constant(true),
        start: timeOfDay,
        end: timeOfDay,
        timezone: fc.constant(timezone),
      }),
    }),
  );

  test('are quiet exactly when the local time says so, and end at the first moment outside', () => {
    fc.assert(
      fc.property(situation, ({ now, hours }) => {
        const expected = isQuiet(hours, now) ? walkToEnd(hours, now) : null;
        expect(quietUntil(settings({ quietHours: hours }), now)).toBe(expected);
      }),
      { numRuns: 1000 },
    );
  });

  test('an alert that passes mute and severity is sent exactly outside quiet hours, or when critical and allowed to break them', () => {
    fc.assert(
      fc.property(
        situation,
        fc.boolean(),
        fc.constantFrom('warning' as const, 'critical' as const),
        ({ now, hours }, criticalBreaksQuiet, severity) => {
          const prefs = settings({ quietHours: hours, criticalBreaksQuiet });
          const sent = delivers(prefs, { type: 'cron_failed', severity }, now);
          expect(sent).toBe(!isQuiet(hours, now) || (severity === 'critical' && criticalBreaksQuiet));
        },
      ),
      { numRuns: 500 },
    );
  });
});
