// Times, sizes, numbers and money as people of each language write them.
import { type Weekday, weekdays } from '@buoy/contract/constants';
import type { Language } from './languages.ts';

const MINUTE_S = 60;
const HOUR_S = 3_600;
const DAY_S = 86_400;
/** The third of January 2000 was a Monday. */
const A_MONDAY_MS = Date.UTC(2000, 0, 3);

const byteUnits = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte', 'petabyte'] as const;
const justNow: Record<Language, string> = { en: 'just now', ru: 'только что', de: 'gerade eben' };

type TimeUnit = 'second' | 'minute' | 'hour' | 'day';

export type Formats = {
  /** How long ago that was, in its largest unit. A time in the future (clocks differ) counts as now. */
  age(since: string, nowMs: number): string;
  /** The time since then in its largest unit, at least a second. */
  span(since: string, nowMs: number): string;
  /** How long something has lasted, in its two largest units. */
  duration(seconds: number): string;
  /** How long something took that takes less than a few seconds. */
  milliseconds(count: number): string;
  /** A moment in the reader's own time zone. */
  moment(at: string): string;
  /** The short name of a day of the week. */
  weekday(day: Weekday): string;
  /** Its time of day alone, with seconds. */
  timeOfDay(at: string): string;
  /** A sentence of the server with its ISO times (UTC) in the reader's own time zone. */
  localTimes(sentence: string): string;
  number(value: number): string;
  /** A share from 0 to 1, as a whole percentage. */
  percent(share: number): string;
  /** The same with two decimals, rounded down: 100 % means all of it. */
  exactPercent(share: number): string;
  /** US dollars: what OpenClaw counts in. */
  money(dollars: number): string;
  /** A size in powers of 1024; one decimal below ten, none above. */
  bytes(count: number): string;
};

/** All times are ISO 8601, all moments in milliseconds since the epoch. A text that names no time is left as it is: servers write some of them. */
export function createFormats(language: Language): Formats {
  const ago = new Intl.RelativeTimeFormat(language, { style: 'short' });
  const moments = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' });
  const times = new Intl.DateTimeFormat(language, { timeStyle: 'medium' });
  const days = new Intl.DateTimeFormat(language, { weekday: 'short', timeZone: 'UTC' });
  const numbers = new Intl.NumberFormat(language);
  const shares = new Intl.NumberFormat(language, { style: 'percent' });
  const exactShares = new Intl.NumberFormat(language, {
    ...{ style: 'percent', maximumFractionDigits: 2, roundingMode: 'floor' },
  } as const);
  const unit = (value: number, name: string, digits = 0) =>
    new Intl.NumberFormat(language, {
      style: 'unit',
      unit: name,
      unitDisplay: 'short',
      maximumFractionDigits: digits,
    }).format(value);
  const largest = (seconds: number): [number, TimeUnit] => {
    if (seconds < MINUTE_S) return [seconds, 'second'];
    if (seconds < HOUR_S) return [Math.floor(seconds / MINUTE_S), 'minute'];
    if (seconds < DAY_S) return [Math.floor(seconds / HOUR_S), 'hour'];
    return [Math.floor(seconds / DAY_S), 'day'];
  };
  const secondsSince = (since: string, nowMs: number) => Math.floor((nowMs - Date.parse(since)) / 1000);
  const timeIn = (format: Intl.DateTimeFormat) => (at: string) => {
    const ms = Date.parse(at);
    return Number.isNaN(ms) ? at : format.format(ms);
  };
  const moment = timeIn(moments);

  return {
    age(since, nowMs) {
      const seconds = secondsSince(since, nowMs);
      if (Number.isNaN(seconds)) return since;
      if (seconds < 1) return justNow[language];
      const [value, name] = largest(seconds);
      return ago.format(-value, name);
    },
    span(since, nowMs) {
      const seconds = secondsSince(since, nowMs);
      return Number.isNaN(seconds) ? since : unit(...largest(Math.max(1, seconds)));
    },
    duration(seconds) {
      const whole = Math.max(0, Math.floor(seconds));
      const [value, name] = largest(whole);
      const rest =
        name === 'hour'
          ? Math.floor((whole % HOUR_S) / MINUTE_S)
          : name === 'day'
            ? Math.floor((whole % DAY_S) / HOUR_S)
            : 0;
      if (rest === 0) return unit(value, name);
      return `${unit(value, name)} ${unit(rest, name === 'day' ? 'hour' : 'minute')}`;
    },
    milliseconds: (count) => unit(count, 'millisecond'),
    moment,
    weekday: (day) => days.format(A_MONDAY_MS + weekdays.indexOf(day) * DAY_S * 1_000),
    timeOfDay: timeIn(times),
    localTimes: (sentence) =>
      sentence.replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, (at) => moment(at)),
    number: (value) => numbers.format(value),
    percent: (share) => shares.format(share),
    exactPercent: (share) => exactShares.format(share),
    money: (dollars) =>
      new Intl.NumberFormat(language, {
        style: 'currency',
        currency: 'USD',
        // Turns cost fractions of a cent.
        maximumFractionDigits: dollars !== 0 && Math.abs(dollars) < 1 ? 4 : 2,
      }).format(dollars),
    bytes(count) {
      let value = count;
      let step = 0;
      // 1023.5 would be shown as 1024 of the smaller unit.
      while (value >= 1023.5 && step < byteUnits.length - 1) {
        value /= 1024;
        step += 1;
      }
      return unit(value, byteUnits[step] ?? 'byte', step > 0 && value < 9.95 ? 1 : 0);
    },
  };
}
