// Decides whether an alert is sent to a person at a moment: mutes, minimum severity and quiet hours, as pure functions.
import type { AlertSeverity, AlertType, NotificationPrefs } from '@buoy/contract';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

type AlertKind = { type: AlertType; severity: AlertSeverity };

/** Whether such an alert is sent to this person at all, now or after quiet hours. A channel has the same two settings. */
export function wants(
  { mutedTypes, minSeverity }: Pick<NotificationPrefs, 'mutedTypes' | 'minSeverity'>,
  { type, severity }: AlertKind,
): boolean {
  return !mutedTypes.includes(type) && !(severity === 'warning' && minSeverity === 'critical');
}

/** Until when such an alert waits, in milliseconds since the epoch; null: it is sent at once. */
export function heldUntil(
  prefs: NotificationPrefs,
  { severity }: Pick<AlertKind, 'severity'>,
  nowMs: number,
): number | null {
  return severity === 'critical' && prefs.criticalBreaksQuiet ? null : quietUntil(prefs, nowMs);
}

/**
 * Whether such an alert is sent to this person now.
 * @param nowMs milliseconds since the epoch
 */
export function delivers(prefs: NotificationPrefs, alert: AlertKind, nowMs: number): boolean {
  return wants(prefs, alert) && heldUntil(prefs, alert, nowMs) === null;
}

/**
 * The end of the current quiet hours, in milliseconds since the epoch; null when it is not quiet now.
 *
 * The local time decides: it is quiet from `start` to just before `end`, also in the hour
 * that occurs twice when clocks go back. A time that is skipped when they go forward counts from the moment of the change.
 * `start` equal to `end` is quiet all day: the answer is then the next `end`, at which the next quiet day begins.
 */
export function quietUntil({ quietHours }: NotificationPrefs, nowMs: number): number | null {
  if (!quietHours.enabled) return null;
  const timeOfDay = wallClock(quietHours.timezone);
  const start = sinceMidnight(quietHours.start);
  const end = sinceMidnight(quietHours.end);
  const isQuiet = (ms: number): boolean => {
    const time = timeOfDay(ms);
    return start < end ? start <= time && time < end : start <= time || time < end;
  };
  if (!isQuiet(nowMs)) return null;
  let from = nowMs;
  while (true) {
    const ends = from + (modulo(end - timeOfDay(from), DAY_MS) || DAY_MS);
    const change = clockChange(timeOfDay, from, ends);
    if (change === null) return ends;
    if (!isQuiet(change)) return change;
    from = change;
  }
}

/** The local time in that zone, in milliseconds since midnight. */
type WallClock = (ms: number) => number;

function wallClock(timeZone: string): WallClock {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hourCycle: 'h23',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
  return (ms) => {
    const [hours = 0, minutes = 0, seconds = 0] = format.format(ms).split(':').map(Number);
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + modulo(ms, 1000);
  };
}

/** The moment after `from`, up to and with `to`, at which clocks change; at most one is searched for. */
function clockChange(timeOfDay: WallClock, from: number, to: number): number | null {
  const shift = (ms: number): number => modulo(timeOfDay(ms) - ms, DAY_MS);
  const before = shift(from);
  if (shift(to) === before) return null;
  let [early, late] = [from, to];
  while (late - early > 1) {
    const middle = Math.floor((early + late) / 2);
    if (shift(middle) === before) early = middle;
    else late = middle;
  }
  return late;
}

/** `HH:MM` as milliseconds. */
function sinceMidnight(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return (hours * 60 + minutes) * MINUTE_MS;
}

function modulo(value: number, divisor: number): number {
  return ((value % divisor) + divisor) % divisor;
}
