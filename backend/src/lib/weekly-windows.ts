// When windows of time that come again each week are open.
//
// The local time in the zone of a window decides: it is open from `start` to just before `end`. The hour that clocks skip in spring is missing
// from it, and the hour that they repeat in autumn is in it twice.
import { type WeeklyWindow, weekdays } from '@buoy/contract';
import { createZoneOffsets } from './zone-offsets.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** Days before a moment on which a time may have begun that runs then. */
const DAYS_BACK = 8;
/** Milliseconds that an opening is searched for. A window of one hour a week that clocks skip comes two weeks later. */
const MAX_AHEAD_MS = 21 * DAY_MS;
/** The first of January 1970, which was a Thursday, by its place in `weekdays`. */
const FIRST_WEEKDAY = 3;

export type WeeklyWindows = {
  /**
   * The first moment from `fromMs` on at which all windows are open, in milliseconds since the epoch: `fromMs` itself when they are open
   * then, or when there are none. null: there is none within three weeks.
   */
  opensAt(windows: readonly WeeklyWindow[], fromMs: number): number | null;
  /** When the window is open: the time that runs at `fromMs`, or else the next one. null: there is none within three weeks, or it never closes. */
  nextSpan(window: WeeklyWindow, fromMs: number): Span | null;
};

/** From the first on, and without the second; milliseconds since the epoch. */
export type Span = readonly [from: number, to: number];

export function createWeeklyWindows(): WeeklyWindows {
  const offsets = createZoneOffsets();

  /** In order: when the window is open on a UTC day. */
  const spansOf = (window: WeeklyWindow, day: number): Span[] =>
    offsets
      .ofDay(window.timezone, day)
      .flatMap(({ fromMs, toMs, offsetMs }) =>
        localSpans(window, [fromMs + offsetMs, toMs + offsetMs]).map(
          ([from, to]): Span => [from - offsetMs, to - offsetMs],
        ),
      );

  return {
    opensAt(windows, fromMs) {
      if (windows.length === 0) return fromMs;
      const endMs = fromMs + MAX_AHEAD_MS;
      for (let day = Math.floor(fromMs / DAY_MS); day * DAY_MS < endMs; day += 1) {
        let open: Span[] = [[Math.max(fromMs, day * DAY_MS), Math.min(endMs, (day + 1) * DAY_MS)]];
        for (const window of windows) {
          open = inBoth(open, spansOf(window, day));
          if (open.length === 0) break;
        }
        if (open[0] !== undefined) return open[0][0];
      }
      return null;
    },

    nextSpan(window, fromMs) {
      // One that closes at all has been open for less than a week.
      const endMs = fromMs + MAX_AHEAD_MS;
      let last: Span | null = null;
      for (let day = Math.floor(fromMs / DAY_MS) - DAYS_BACK; day * DAY_MS < endMs; day += 1)
        for (const [from, to] of spansOf(window, day)) {
          if (last !== null && from > last[1] && last[1] > fromMs) return last;
          last = last !== null && from === last[1] ? [last[0], to] : [from, to];
        }
      return null;
    },
  };
}

/** When the window is open within a span of local time, in which clocks do not change. */
function localSpans({ days, start, end }: WeeklyWindow, within: Span): Span[] {
  const [starts, ends] = [sinceMidnight(start), sinceMidnight(end)];
  const has = (day: number) => days.some((name) => name === weekdays[modulo(day + FIRST_WEEKDAY, 7)]);
  const spans: Span[] = [];
  for (let day = Math.floor(within[0] / DAY_MS); day * DAY_MS < within[1]; day += 1) {
    const midnight = day * DAY_MS;
    if (starts < ends) {
      if (has(day)) spans.push([midnight + starts, midnight + ends]);
    } else {
      if (has(day - 1)) spans.push([midnight, midnight + ends]);
      if (has(day)) spans.push([midnight + starts, midnight + DAY_MS]);
    }
  }
  return inBoth(spans, [within]);
}

/** What two lists of spans have in common; each in order and without overlaps. */
function inBoth(some: readonly Span[], others: readonly Span[]): Span[] {
  return some.flatMap(([from, to]) =>
    others.flatMap(([otherFrom, otherTo]): Span[] => {
      const both: Span = [Math.max(from, otherFrom), Math.min(to, otherTo)];
      return both[0] < both[1] ? [both] : [];
    }),
  );
}

/** `HH:MM` as milliseconds. */
function sinceMidnight(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return (hours * 60 + minutes) * MINUTE_MS;
}

function modulo(value: number, divisor: number): number {
  return ((value % divisor) + divisor) % divisor;
}
