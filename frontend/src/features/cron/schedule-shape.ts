// Recognizes common schedules that can be said in a sentence.
import type { CronSchedule } from '@buoy/contract';

export type ScheduleShape =
  | { kind: 'every'; seconds: number }
  /** `at`: ISO 8601. */
  | { kind: 'once'; at: string }
  | { kind: 'hourly'; minute: number }
  | { kind: 'daily'; hour: number; minute: number }
  /** `days`: 0 is Sunday, in the order of a week that begins on Monday. */
  | { kind: 'weekly'; days: readonly number[]; hour: number; minute: number }
  | { kind: 'monthly'; day: number; hour: number; minute: number }
  /** More than a sentence: shown as it is written. */
  | { kind: 'expression'; expr: string }
  | { kind: 'other'; name: string };

const MINUTE_S = 60;
const HOUR_S = 3_600;
const dayNames = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

export function shapeOf(schedule: CronSchedule): ScheduleShape {
  switch (schedule.kind) {
    case 'every':
      return { kind: 'every', seconds: Math.round(schedule.everyMs / 1_000) };
    case 'at':
      return { kind: 'once', at: schedule.at };
    case 'other':
      return { kind: 'other', name: schedule.name };
    case 'cron':
      return shapeOfExpression(schedule.expr) ?? { kind: 'expression', expr: schedule.expr };
  }
}

function shapeOfExpression(expr: string): ScheduleShape | null {
  const fields = expr.trim().toLowerCase().split(/\s+/);
  // Six fields begin with seconds.
  if (fields.length === 6 && fields.shift() !== '0') return null;
  const [minutes = '', hours = '', day = '', month = '', weekday = ''] = fields;
  if (fields.length !== 5 || month !== '*') return null;
  if (day === '*' && weekday === '*') {
    if (hours === '*') return everyMinutes(minutes);
    if (minutes === '0' && hours.startsWith('*/')) return everyHours(hours);
  }
  const minute = numberIn(minutes, 0, 59);
  const hour = numberIn(hours, 0, 23);
  if (minute === null || hour === null) return null;
  if (day === '*' && weekday === '*') return { kind: 'daily', hour, minute };
  if (day === '*') {
    const days = weekdaysIn(weekday);
    if (days === null) return null;
    return days.length === 7 ? { kind: 'daily', hour, minute } : { kind: 'weekly', days, hour, minute };
  }
  const date = numberIn(day, 1, 31);
  return date === null || weekday !== '*' ? null : { kind: 'monthly', day: date, hour, minute };
}

function everyMinutes(field: string): ScheduleShape | null {
  if (field === '*') return { kind: 'every', seconds: MINUTE_S };
  const step = stepIn(field, 60);
  if (step !== null) return { kind: 'every', seconds: step * MINUTE_S };
  const minute = numberIn(field, 0, 59);
  return minute === null ? null : { kind: 'hourly', minute };
}

function everyHours(field: string): ScheduleShape | null {
  const step = stepIn(field, 24);
  return step === null ? null : { kind: 'every', seconds: step * HOUR_S };
}

/** A step that does not divide the whole makes a shorter gap at its end: that is not "every". */
function stepIn(field: string, whole: number): number | null {
  const step = field.startsWith('*/') ? numberIn(field.slice(2), 1, whole - 1) : null;
  return step === null || whole % step !== 0 ? null : step;
}

function numberIn(field: string, min: number, max: number): number | null {
  if (!/^\d{1,2}$/.test(field)) return null;
  const value = Number(field);
  return value < min || value > max ? null : value;
}

/** Names, numbers and ranges of days, in the order of a week that begins on Monday. */
function weekdaysIn(field: string): number[] | null {
  const found = new Set<number>();
  for (const part of field.split(',')) {
    const [first, last, ...more] = part.split('-').map(weekdayIn);
    if (first === undefined || first === null || last === null || more.length > 0) return null;
    const end = last ?? first;
    // Sunday ends a week when it is written as 7, or as the end of a range.
    const stop = end === 0 && last !== undefined ? 7 : end;
    if (stop < first) return null;
    for (let day = first; day <= stop; day += 1) found.add(day % 7);
  }
  return [1, 2, 3, 4, 5, 6, 0].filter((day) => found.has(day));
}

function weekdayIn(word: string): number | null {
  const named = dayNames.indexOf(word);
  if (named !== -1) return named;
  const value = numberIn(word, 0, 7);
  return value === null ? null : value % 7;
}
