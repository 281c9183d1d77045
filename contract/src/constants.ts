// The closed lists of words for tasks, alerts and failures. Without zod, so that the clients load nothing else with them.

/** The tasks that people and Buoy start, by what they do. */
export const taskTypes = {
  start: 'openclaw.start',
  stop: 'openclaw.stop',
  restart: 'openclaw.restart',
  doctor: 'openclaw.doctor',
  configRollback: 'openclaw.config-rollback',
  installSkill: 'openclaw.install-skill',
  setup: 'setup',
  fixCheck: 'fix',
  installNode: 'install-node',
  installOpenclaw: 'install-openclaw',
  onboard: 'onboard',
  configureGateway: 'configure-gateway',
  setupService: 'systemd',
  updateComponent: 'update-component',
  makeSnapshot: 'snapshot',
  restoreSnapshot: 'restore',
  rotateVault: 'vault.rotate',
} as const;
export type TaskType = (typeof taskTypes)[keyof typeof taskTypes];

/** What can be done about a gateway that does not work, the mildest first. */
export const repairSteps = [
  'restart',
  'reset-failed',
  'doctor',
  'config-rollback',
  'version-rollback',
] as const;
export type RepairStepId = (typeof repairSteps)[number];

/** The checks before a setup that Buoy can mend by itself; for the others the fix is for a person. */
export const fixableCheckIds = ['node', 'npm', 'openclaw', 'linger'] as const;
export type FixableCheckId = (typeof fixableCheckIds)[number];

/** Bytes, as UTF-8, of the script of a setup step that a person has edited. */
export const MAX_SCRIPT_BYTES = 65_536;

/** What runs on a server and can be updated there. */
export const updateComponents = ['openclaw', 'node', 'npm', 'ollama'] as const;
export type UpdateComponent = (typeof updateComponents)[number];

/** What a snapshot of OpenClaw was made for. */
export const snapshotReasons = ['update', 'manual', 'restore'] as const;
export type SnapshotReason = (typeof snapshotReasons)[number];

/** A task has one of these until it ends. */
export const activeTaskStatuses = ['queued', 'running'] as const;
/** A task never leaves these. */
const endedTaskStatuses = ['succeeded', 'failed', 'cancelled', 'interrupted'] as const;
export const taskStatuses = [...activeTaskStatuses, ...endedTaskStatuses] as const;
export type TaskStatus = (typeof taskStatuses)[number];
export type EndedTaskStatus = (typeof endedTaskStatuses)[number];

/** True for the states that a task never leaves. */
export function hasEnded<T extends { status: TaskStatus }>(task: T): task is T & { status: EndedTaskStatus } {
  return (endedTaskStatuses as readonly TaskStatus[]).includes(task.status);
}

export const stepStatuses = ['pending', 'running', 'succeeded', 'failed', 'skipped', 'cancelled'] as const;
export type StepStatus = (typeof stepStatuses)[number];

export const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Weekday = (typeof weekdays)[number];

export const alertTypes = [
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
  'clock_skew',
  'expiring',
  'monitor_error',
] as const;
export type AlertType = (typeof alertTypes)[number];

export const alertSeverities = ['critical', 'warning'] as const;
export type AlertSeverity = (typeof alertSeverities)[number];

export const alertStatuses = ['firing', 'acknowledged', 'snoozed', 'resolved'] as const;
export type AlertStatus = (typeof alertStatuses)[number];
/** What came of a restart by automatic repair. */
export const autoRepairResults = ['running', 'succeeded', 'failed', 'cancelled'] as const;
export type AutoRepairResult = (typeof autoRepairResults)[number];
/** Restarts of one server by automatic repair within 24 hours. */
export const AUTO_REPAIRS_A_DAY = { min: 1, max: 5, usual: 2 } as const;

/** UTF-16 units of a note on an alert. */
export const MAX_ALERT_NOTE = 1_000;

/** Where notifications go. */
export const notificationChannelTypes = ['telegram', 'webpush', 'email', 'webhook'] as const;
export type NotificationChannelType = (typeof notificationChannelTypes)[number];

/** `unconfirmed`: the code that was mailed has not come back. `blocked`: whoever is there refuses what Buoy sends. */
export const notificationChannelStates = ['ok', 'unconfirmed', 'blocked', 'failing'] as const;
export type NotificationChannelState = (typeof notificationChannelStates)[number];

/** Whose form the body of a webhook has. */
export const webhookTemplates = ['json', 'slack', 'discord', 'ntfy', 'teams'] as const;
export type WebhookTemplate = (typeof webhookTemplates)[number];

/** How far apart the points of a history are: each check, or one point an hour or a day. */
export const historySteps = ['raw', 'hour', 'day'] as const;
export type HistoryStep = (typeof historySteps)[number];

/** `stopped`: a server failed, and nothing goes on until a person has looked. */
export const rolloutStatuses = ['planned', 'running', 'paused', 'stopped', 'succeeded', 'cancelled'] as const;
export type RolloutStatus = (typeof rolloutStatuses)[number];

/** Of one server in a rollout. `rolled_back`: its update failed, and the old version is back. */
export const rolloutServerStatuses = [
  'pending',
  'running',
  'updated',
  'skipped',
  'rolled_back',
  'failed',
] as const;
export type RolloutServerStatus = (typeof rolloutServerStatuses)[number];

/** What visitors of a status page see of it as a whole; of one server all but `degraded`. */
export const publicStates = ['up', 'degraded', 'down', 'maintenance', 'unknown'] as const;
export type PublicState = (typeof publicStates)[number];

/** What a status page with numbered names calls its servers. */
export function numberedName(number: number): string {
  return `Server ${number}`;
}

/** Why a connection to a server failed. */
export const failureKinds = [
  'dns',
  'refused',
  'timeout',
  'host_key_changed',
  'auth',
  'key_format',
  'sudo',
  'shell',
  'jump',
  'other',
] as const;
export type FailureKind = (typeof failureKinds)[number];
