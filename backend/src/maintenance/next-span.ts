// When a maintenance window holds: the time that runs, or else the next one.
import { maintenanceWindow, type NewMaintenance, weekdays, weeklyWindow } from '@buoy/contract';
import { Cron } from 'croner';
import { z } from 'zod';
import { AppError } from '../lib/app-error.ts';
import { isoTime } from '../lib/clock.ts';
import { createWeeklyWindows } from '../lib/weekly-windows.ts';
import type { MaintenanceSpan, MaintenanceWindowRow } from './maintenance.store.ts';

const MINUTE_MS = 60_000;
/** Milliseconds from now in which a window must begin. */
const MAX_AHEAD_MS = 366 * 86_400_000;
/** Times of a window that are looked at: more than the days of a month. */
const TIMES_CHECKED = 40;
/** Milliseconds between two beginnings of a cron window, and without maintenance before each time: what happened in one is told in between. */
const MIN_PERIOD_MS = 60 * MINUTE_MS;
const MIN_GAP_MS = 5 * MINUTE_MS;

const [once, weekly, cron] = maintenanceWindow.options;
/** The zones were known when they were stored; to ask again costs more than all else here. */
const storedWeekly = z.object({ ...weeklyWindow.shape, timezone: z.string() });
const definition = z.discriminatedUnion('kind', [
  once.pick({ kind: true, from: true, to: true }),
  z.object({ kind: weekly.shape.kind, weekly: storedWeekly }),
  cron.pick({ kind: true, cron: true, minutes: true, timezone: true }),
]);
export type MaintenanceTimes = z.output<typeof definition>;

export type NextSpan = ReturnType<typeof createNextSpan>;

export function createNextSpan() {
  const weeklyWindows = createWeeklyWindows();

  return (times: MaintenanceTimes, nowMs: number): MaintenanceSpan | null => {
    if (times.kind === 'once')
      return Date.parse(times.to) > nowMs ? { startsAt: times.from, endsAt: times.to } : null;
    const span =
      times.kind === 'weekly'
        ? weeklyWindows.nextSpan(times.weekly, nowMs)
        : (cronSpans(times, nowMs, 1)[0] ?? null);
    return span === null ? null : { startsAt: isoTime(span[0]), endsAt: isoTime(span[1]) };
  };
}

/** @throws AppError `invalid_request` for times that cannot be, that are over, or that leave no time without maintenance */
export function timesOf(given: NewMaintenance, nextSpan: NextSpan, nowMs: number): MaintenanceTimes {
  const times = wantedTimes(given, nowMs);
  if (times.kind === 'cron') checkCron(times, nowMs);
  if (times.kind === 'weekly') checkWeekly(times, nextSpan, nowMs);
  const span = nextSpan(times, nowMs);
  if (span === null)
    throw times.kind === 'once'
      ? invalid('to', 'must be later than now')
      : invalid('weekly', 'must leave a time in each week that is no maintenance');
  if (Date.parse(span.startsAt) > nowMs + MAX_AHEAD_MS)
    throw invalid(times.kind === 'cron' ? 'cron' : 'from', 'must begin within a year');
  return times;
}

function wantedTimes(given: NewMaintenance, nowMs: number): MaintenanceTimes {
  const { from, to, weekly: window, cron: expression, minutes = 0, timezone = 'UTC' } = given;
  if (window !== undefined) return { kind: 'weekly', weekly: window };
  if (expression !== undefined) return { kind: 'cron', cron: expression, minutes, timezone };
  // Other forms of the same moment would not compare as texts.
  if (from !== undefined && to !== undefined)
    return { kind: 'once', from: isoTime(Date.parse(from)), to: isoTime(Date.parse(to)) };
  return { kind: 'once', from: isoTime(nowMs), to: isoTime(nowMs + minutes * MINUTE_MS) };
}

function checkCron(times: MaintenanceTimes & { kind: 'cron' }, nowMs: number): void {
  let spans: Array<readonly [number, number]>;
  try {
    spans = cronSpans(times, nowMs, TIMES_CHECKED);
  } catch (cause) {
    if (!(cause instanceof Error)) throw cause;
    throw invalid('cron', cause.message.replace(/^CronPattern: /, ''), cause);
  }
  if (spans.length === 0) throw invalid('cron', 'has no such time');
  const pairs = spans.slice(1).map((span, index) => [spans[index]!, span] as const);
  if (pairs.some(([before, after]) => after[0] - before[0] < MIN_PERIOD_MS))
    throw invalid('cron', 'must leave an hour between two times');
  if (pairs.some(([before, after]) => after[0] - before[1] < MIN_GAP_MS))
    throw invalid('minutes', 'must leave five minutes before the next time of cron');
}

function checkWeekly(times: MaintenanceTimes & { kind: 'weekly' }, nextSpan: NextSpan, nowMs: number): void {
  let before = nextSpan(times, nowMs);
  // A day has two times at most, and this is the last of a week.
  for (let count = 0; count < 2 * weekdays.length && before !== null; count += 1) {
    const after = nextSpan(times, Date.parse(before.endsAt));
    if (after !== null && Date.parse(after.startsAt) - Date.parse(before.endsAt) < MIN_GAP_MS)
      throw invalid('weekly', 'must leave five minutes between two times');
    before = after;
  }
}

/** The first that end after `nowMs`. */
function cronSpans(
  { cron: expression, minutes, timezone }: MaintenanceTimes & { kind: 'cron' },
  nowMs: number,
  count: number,
): Array<readonly [number, number]> {
  const lengthMs = minutes * MINUTE_MS;
  return new Cron(expression, { timezone: canonicalZone(timezone), paused: true, mode: '5-part' })
    .nextRuns(count, new Date(nowMs - lengthMs))
    .map((start) => [start.getTime(), start.getTime() + lengthMs] as const);
}

/** croner keeps a format for each spelling of a zone, for ever, and Intl takes any case. */
function canonicalZone(zone: string): string {
  return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone;
}

/** null: it cannot be read, as one of a newer Buoy. */
export function storedTimes({ kind, definition: text }: MaintenanceWindowRow): MaintenanceTimes | null {
  try {
    return definition.parse({ kind, ...z.record(z.string(), z.unknown()).parse(JSON.parse(text)) });
  } catch {
    return null;
  }
}

function invalid(path: string, message: string, cause?: Error): AppError {
  return new AppError('invalid_request', 'These times are not valid for maintenance.', {
    details: [{ path, message }],
    cause,
  });
}
