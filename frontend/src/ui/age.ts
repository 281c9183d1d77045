// Times as people say them.

const MINUTE_S = 60;
const HOUR_S = 3_600;
const DAY_S = 86_400;

/** How long ago that was, in its largest unit. @param since ISO 8601; a time in the future (clocks differ) counts as now */
export function formatAge(since: string, nowMs: number): string {
  return nowMs - Date.parse(since) < 1000 ? 'just now' : `${formatSpan(since, nowMs)} ago`;
}

/** The time since then in its largest unit, at least a second. @param since ISO 8601 */
export function formatSpan(since: string, nowMs: number): string {
  const seconds = Math.max(1, Math.floor((nowMs - Date.parse(since)) / 1000));
  if (seconds < MINUTE_S) return `${seconds} s`;
  if (seconds < HOUR_S) return `${Math.floor(seconds / MINUTE_S)} min`;
  if (seconds < DAY_S) return `${Math.floor(seconds / HOUR_S)} h`;
  return `${Math.floor(seconds / DAY_S)} d`;
}

/** @param seconds how long something has lasted; the two largest units are told */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < MINUTE_S) return `${whole} s`;
  if (whole < HOUR_S) return `${Math.floor(whole / MINUTE_S)} min`;
  if (whole < DAY_S) return pair(whole, HOUR_S, 'h', MINUTE_S, 'min');
  return pair(whole, DAY_S, 'd', HOUR_S, 'h');
}

function pair(seconds: number, large: number, largeName: string, small: number, smallName: string): string {
  const rest = Math.floor((seconds % large) / small);
  return `${Math.floor(seconds / large)} ${largeName}${rest === 0 ? '' : ` ${rest} ${smallName}`}`;
}

/** A moment in the reader's own time zone, such as "25 Nov 2025, 01:16". */
export function formatMoment(at: string): string {
  return new Date(at).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
}

/** A sentence of the server with its ISO times (UTC) in the reader's own time zone. */
export function withLocalTimes(sentence: string): string {
  return sentence.replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, formatMoment);
}
