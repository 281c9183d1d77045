// Alerts, channels and notifications for tests, with what a test cares about in `changes`.
import type { Alert, NotificationPrefs } from '@buoy/contract';
import type { AlertTable } from '../../db/schema.ts';
import type { ChannelRow } from '../channels.store.ts';
import type { Notification } from '../sender.ts';

const at = '2026-03-01T10:00:00.000Z';

export function alertRow(changes: Partial<AlertTable> = {}): AlertTable {
  return {
    ...{ id: 'alr_1', serverId: 'srv_1', type: 'gateway_down', subject: '', severity: 'critical' },
    ...{ cause: 'The gateway is stopped.', evidence: '', firstAt: at, lastAt: at, count: 1 },
    ...{ acknowledgedAt: null, acknowledgedBy: null, snoozedUntil: null, resolvedAt: null },
    ...{ noteCount: 0, remindFrom: null, remindAt: null },
    ...{ autoRepairedAt: null, autoRepairedBy: null, autoRepairResult: null },
    ...changes,
  };
}

export function toldAlert(changes: Partial<Alert> = {}, server = { id: 'srv_1', name: 'web' }) {
  const alert: Alert = {
    ...{ id: 'alr_1', serverId: server.id, type: 'gateway_down', severity: 'critical', status: 'firing' },
    ...{ cause: 'The gateway is stopped.', evidence: 'State: inactive', firstAt: at, lastAt: at, count: 1 },
    ...{ resolvedAt: null, snoozedUntil: null, readAt: null, noteCount: 0, autoRepair: null },
    ...changes,
  };
  return { alert, server };
}

export function notificationOfAlert(changes: Partial<Notification> = {}): Notification {
  return {
    ...{ id: 'ntf_1', kind: 'firing', at, alerts: [toldAlert()], language: 'en', timezone: 'UTC' },
    ...{ message: null, ...changes },
  };
}

export function channelRow(userId: string, changes: Partial<ChannelRow> = {}): ChannelRow {
  return {
    ...{ id: `nch_${userId}`, userId, sessionId: null, type: 'webhook', label: userId, target: userId },
    ...{ settings: '', settingsHash: userId, enabled: 1, minSeverity: 'warning', mutedTypes: '[]' },
    ...{ state: 'ok', lastError: null, lastSentAt: null, codeHash: null, codeUntil: null, codeAttempts: 0 },
    ...{ failures: 0, retryAt: null, busyUntil: null, createdAt: at, ...changes },
  };
}

/** Everything at any time, but for what differs. */
export function prefsWith(changes: Partial<NotificationPrefs> = {}): NotificationPrefs {
  return {
    mutedTypes: [],
    quietHours: { enabled: false, start: '22:00', end: '07:00', timezone: 'UTC' },
    ...{ criticalBreaksQuiet: false, minSeverity: 'warning', reminders: true, escalationOnly: false },
    ...changes,
  };
}
