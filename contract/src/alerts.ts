// The vocabulary of alerts: what can be wrong, and how bad it is.
import { z } from 'zod';

export const alertType = z.enum([
  'gateway_down',
  'connection_failed',
  'channel_down',
  'token_overflow',
  'disk_full',
  'memory_high',
  'api_errors',
  'cron_failed',
  'config_reverted',
  'update_failed',
  'monitor_error',
]);
export type AlertType = z.output<typeof alertType>;

export const alertSeverity = z.enum(['critical', 'warning']);
export type AlertSeverity = z.output<typeof alertSeverity>;
