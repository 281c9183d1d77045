// When an alert that nobody takes care of is told again.
import type { AlertSeverity } from '@buoy/contract';

const HOUR_MS = 3_600_000;
/** Milliseconds after an alert was told: of the first reminders, and between those that follow. */
const REMINDERS: Record<AlertSeverity, { firstMs: readonly number[]; everyMs: number }> = {
  critical: { firstMs: [HOUR_MS, 4 * HOUR_MS], everyMs: 12 * HOUR_MS },
  warning: { firstMs: [24 * HOUR_MS], everyMs: 24 * HOUR_MS },
};

/**
 * The first reminder after `nowMs`: those that nobody could send meanwhile are left out. All are milliseconds since the epoch.
 * @param fromMs when the alert was told
 */
export function nextReminderMs(severity: AlertSeverity, fromMs: number, nowMs: number): number {
  const { firstMs, everyMs } = REMINDERS[severity];
  const early = firstMs.find((afterMs) => fromMs + afterMs > nowMs);
  if (early !== undefined) return fromMs + early;
  const last = fromMs + (firstMs.at(-1) ?? 0);
  return last + (Math.floor((nowMs - last) / everyMs) + 1) * everyMs;
}
