// Metrics that are read at scrape time.
import type { Alerts } from '../alerts/alerts.ts';
import type { Backups } from '../backups/backups.ts';
import type { Clock } from '../lib/clock.ts';
import type { Monitor } from '../monitor/monitor.ts';
import type { Notify } from '../notify/notify.ts';
import type { Servers } from '../servers/servers.ts';
import type { SshLoad } from '../ssh/pool.ts';
import type { Tasks } from '../tasks/tasks.ts';
import type { Collectors } from './collectors.ts';

export type MetricSources = {
  ssh: { load(): SshLoad };
  gateways: { openConnections(): number };
  servers: Pick<Servers, 'overview'>;
  tasks: Pick<Tasks, 'count'>;
  database: { sizeBytes(): Promise<number> };
  backups: Pick<Backups, 'state'>;
  alerts: Pick<Alerts, 'openBySeverity'>;
  monitor: Pick<Monitor, 'lastRound'>;
  notify: Pick<Notify, 'load'>;
  clock: Pick<Clock, 'now'>;
};

export function addAskedMetrics(collectors: Collectors, sources: MetricSources): void {
  collectors.add(
    'ssh',
    {
      buoy_ssh_connections_open: { help: 'SSH connections that are up.' },
      buoy_ssh_channels_in_use: {
        help: 'Channels in use or about to be opened: commands and files, terminals, streams, tunnels through a jump host.',
        label: 'lane',
      },
      buoy_ssh_calls_queued: { help: 'Calls that wait for a channel of their server.' },
      buoy_ssh_circuits_open: {
        help: 'Servers whose calls are refused for now after repeated failures.',
      },
    },
    () => {
      const { connections, channels, waiting, openCircuits } = sources.ssh.load();
      return {
        buoy_ssh_connections_open: connections,
        buoy_ssh_channels_in_use: channels,
        buoy_ssh_calls_queued: waiting,
        buoy_ssh_circuits_open: openCircuits,
      };
    },
  );
  collectors.add(
    'gateways',
    { buoy_gateway_connections_open: { help: 'Connections to OpenClaw gateways that are up.' } },
    () => ({ buoy_gateway_connections_open: sources.gateways.openConnections() }),
  );
  collectors.add(
    'servers',
    {
      buoy_servers: {
        help: 'Managed servers by state; "unknown" when not checked recently.',
        label: 'state',
      },
      buoy_servers_stale: {
        help: 'Managed servers not checked for three check intervals, or never.',
      },
    },
    async () => {
      const { byState, stale } = await sources.servers.overview();
      return { buoy_servers: byState, buoy_servers_stale: stale };
    },
  );
  collectors.add(
    'alerts',
    { buoy_alerts_open: { help: 'Alerts that are not resolved.', label: 'severity' } },
    async () => ({ buoy_alerts_open: await sources.alerts.openBySeverity() }),
  );
  collectors.add(
    'monitor',
    {
      buoy_monitor_last_round_timestamp_seconds: { help: 'When the last round of checks ended.' },
      buoy_monitor_last_round_duration_seconds: { help: 'Duration of the last round of checks.' },
      buoy_monitor_lag_seconds: { help: 'Time since the last round of checks ended.' },
    },
    async () => {
      const { endedAt, durationMs } = await sources.monitor.lastRound();
      return {
        buoy_monitor_last_round_timestamp_seconds: endedAt === null ? null : Date.parse(endedAt) / 1000,
        buoy_monitor_last_round_duration_seconds: durationMs === null ? null : durationMs / 1000,
        buoy_monitor_lag_seconds:
          endedAt === null ? null : Math.max(0, sources.clock.now() - Date.parse(endedAt)) / 1000,
      };
    },
  );
  collectors.add(
    'notifications',
    {
      buoy_notifications_waiting: {
        help: 'Notifications to be sent: due, or held for a later time.',
        label: 'state',
      },
      buoy_notification_channels: { help: 'Notification channels that are switched on.', label: 'state' },
    },
    async () => {
      const { waiting, channels } = await sources.notify.load();
      return { buoy_notifications_waiting: waiting, buoy_notification_channels: channels };
    },
  );
  collectors.add(
    'tasks',
    {
      buoy_tasks_queued: { help: 'Tasks that wait to begin.' },
      buoy_tasks_running: { help: 'Tasks that run.' },
    },
    async () => {
      const { queued, running } = await sources.tasks.count();
      return { buoy_tasks_queued: queued, buoy_tasks_running: running };
    },
  );
  collectors.add(
    'database',
    { buoy_database_size_bytes: { help: "Bytes that Buoy's database takes on disk." } },
    async () => ({ buoy_database_size_bytes: await sources.database.sizeBytes() }),
  );
  collectors.add(
    'backups',
    {
      buoy_backup_last_success_timestamp_seconds: { help: 'Time of the last verified backup.' },
      buoy_backup_last_size_bytes: { help: 'Bytes of the last verified backup.' },
      buoy_backup_failures_total: { help: 'Backups that failed.', counts: true },
    },
    async () => {
      const { lastSuccessAt, lastSizeBytes, failures } = await sources.backups.state();
      return {
        buoy_backup_last_success_timestamp_seconds:
          lastSuccessAt === null ? null : Date.parse(lastSuccessAt) / 1000,
        buoy_backup_last_size_bytes: lastSizeBytes,
        buoy_backup_failures_total: failures,
      };
    },
  );
}
