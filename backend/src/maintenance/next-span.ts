// When a maintenance window holds: the time that runs, or else the next one.
import { maintenanceWindow, type NewMaintenance, weeklyWindow } from '@buoy/contract';
import { Cron } from 'croner';
import { z } from 'zod';
import { AppError } from '../lib/app-error.ts';
import { isoTime } from '../lib/clock.ts';
import { createWeeklyWindows } from '../lib/weekly-windows.ts';
import type { MaintenanceSpan, MaintenanceWindowRow } from './maintenance.store.ts';

const MINUTE_MS = 60_000;
/** Milliseconds from now in which a window must begin. */
const MAX_AHEAD_MS = 366 * 86_400_000;
/** Starts of a cron window that are looked at: more than the days of a month. */
const STARTS = 40;

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
    spans = cronSpans(times, nowMs, STARTS);
  } catch (cause) {
    if (!(cause instanceof Error)) throw cause;
    throw invalid('cron', cause.message.replace(/^CronPattern: /, ''), cause);
  }
  if (spans.length === 0) throw invalid('cron', 'has no such time');
  if (spans.some(([from], index) => from <= (spans[index - 1]?.[1] ?? 0)))
    throw invalid('minutes', 'must be less than there are between two times of cron');
}

/** The first that end after `nowMs`. */
function cronSpans(
  { cron: expression, minutes, timezone }: MaintenanceTimes & { kind: 'cron' },
  nowMs: number,
  count: number,
): Array<readonly [number, number]> {
  const lengthMs = minutes * MINUTE_MS;
  return new Cron(expression, { timezone, paused: true, mode: '5-part' })
    .nextRuns(count, new Date(nowMs - lengthMs))
    .map((start) => [start.getTime(), start.getTime() + lengthMs] as const);
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
