// Groups and orders alerts by urgency.
import type { Alert } from '@buoy/contract';

export type AlertGroup = { kind: 'firing' | 'quiet' | 'resolved'; alerts: Alert[] };

/** Firing alerts, critical first; then acknowledged and snoozed ones; then resolved ones, newest first. */
export function alertGroups(alerts: readonly Alert[]): AlertGroup[] {
  const of = (kind: AlertGroup['kind'], wanted: readonly Alert['status'][], sort: Sort): AlertGroup => ({
    kind,
    alerts: alerts.filter(({ status }) => wanted.includes(status)).sort(sort),
  });
  const groups = [
    of('firing', ['firing'], byUrgency),
    of('quiet', ['acknowledged', 'snoozed'], byUrgency),
    of('resolved', ['resolved'], byEnd),
  ];
  return groups.filter((group) => group.alerts.length > 0);
}

type Sort = (a: Alert, b: Alert) => number;

const rank = { critical: 0, warning: 1 };
const byUrgency: Sort = (a, b) =>
  rank[a.severity] - rank[b.severity] || b.firstAt.localeCompare(a.firstAt) || a.id.localeCompare(b.id);
const byEnd: Sort = (a, b) =>
  (b.resolvedAt ?? '').localeCompare(a.resolvedAt ?? '') || a.id.localeCompare(b.id);
