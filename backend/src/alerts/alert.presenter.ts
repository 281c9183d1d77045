// The only place that turns an alert's row into the alert of the API.
import { type Alert, type AlertStatus, alertSeverity, alertType, autoRepairResult } from '@buoy/contract';
import type { AlertRow } from './alerts.store.ts';

/**
 * @param readAt when the caller has read it; null: not yet
 * @param nowMs milliseconds since the epoch
 */
export function presentAlert(row: AlertRow, readAt: string | null, nowMs: number): Alert {
  return {
    id: row.id,
    serverId: row.serverId,
    // A newer version may have written a type that this one does not know.
    type: alertType.catch('monitor_error').parse(row.type),
    severity: alertSeverity.catch('warning').parse(row.severity),
    status: statusOf(row, nowMs),
    cause: row.cause,
    evidence: row.evidence,
    firstAt: row.firstAt,
    lastAt: row.lastAt,
    count: row.count,
    resolvedAt: row.resolvedAt,
    snoozedUntil: row.snoozedUntil,
    readAt,
    noteCount: row.noteCount,
    autoRepair:
      row.autoRepairedAt === null
        ? null
        : {
            at: row.autoRepairedAt,
            by: row.autoRepairedBy ?? '',
            result: autoRepairResult.catch('failed').parse(row.autoRepairResult ?? 'running'),
          },
  };
}

/** Resolved wins over acknowledged and snoozed; a snooze lasts until its time. */
function statusOf(
  {
    resolvedAt,
    acknowledgedAt,
    snoozedUntil,
  }: Pick<AlertRow, 'resolvedAt' | 'acknowledgedAt' | 'snoozedUntil'>,
  nowMs: number,
): AlertStatus {
  if (resolvedAt !== null) return 'resolved';
  if (acknowledgedAt !== null) return 'acknowledged';
  return snoozedUntil !== null && Date.parse(snoozedUntil) > nowMs ? 'snoozed' : 'firing';
}
