// The days of usage: the requested ones, or the last thirty.
import { AppError } from '../../lib/app-error.ts';
import { isoTime } from '../../lib/clock.ts';

const DAY_MS = 24 * 3600 * 1000;
const USUAL_DAYS = 30;
const MAX_DAYS = 366;

export type Days = { from: string; to: string };

/**
 * Days in UTC, both counted.
 * @param nowMs milliseconds since the epoch
 * @throws AppError `invalid_request` when one is missing, they are in the wrong order or too many
 */
export function daysOf(asked: { from?: string | undefined; to?: string | undefined }, nowMs: number): Days {
  const { from, to } = asked;
  if (from === undefined && to === undefined)
    return { from: dayOf(nowMs - (USUAL_DAYS - 1) * DAY_MS), to: dayOf(nowMs) };
  if (from === undefined) throw badDays('from', 'must be given together with "to"');
  if (to === undefined) throw badDays('to', 'must be given together with "from"');
  const days = (Date.parse(to) - Date.parse(from)) / DAY_MS + 1;
  if (days < 1) throw badDays('to', 'must not be before "from"');
  if (days > MAX_DAYS) throw badDays('from', `must be at most ${MAX_DAYS} days before "to"`);
  return { from, to };
}

function dayOf(ms: number): string {
  return isoTime(ms).slice(0, 10);
}

function badDays(path: string, message: string): AppError {
  return new AppError('invalid_request', `"${path}" ${message}.`, { details: [{ path, message }] });
}
