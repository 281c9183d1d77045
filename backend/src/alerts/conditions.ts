// Derives the conditions of a server from one check. A check evaluates only what it could see.
import type { AlertSeverity, AlertType, CronJob, OpenclawStatus } from '@buoy/contract';
import { redactText } from '../lib/redact.ts';
import { observationOf } from '../openclaw/status/observation.ts';

export type ProbeResult =
  | {
      kind: 'seen';
      status: OpenclawStatus;
      /** false: its channels could not be read. */
      channelsSeen: boolean;
      /** null: could not be read. */
      cronJobs: readonly CronJob[] | null;
      /** When OpenClaw put its last good config back, ISO 8601, if nothing has changed the config since; else null. */
      configRevertedAt: string | null;
    }
  | { kind: 'unreachable'; message: string; hint: string | null }
  /** The check failed for a reason that says nothing about the server. */
  | { kind: 'failed'; message: string };

/** The subject of an alert; at most one alert is open for each. */
export type AlertKey = { type: AlertType; subject: string };
/** Equal for equal alert keys. */
export function alertKeyText({ type, subject }: { type: string; subject: string }): string {
  return `${type}\0${subject}`;
}
export type Condition = AlertKey & { severity: AlertSeverity; cause: string; evidence: string };

export type Evaluation = {
  active: Condition[];
  /** Open alerts of these types without an active condition are over. */
  evaluated: readonly AlertType[];
  /** In transition: these alerts neither open nor resolve. */
  undetermined: readonly AlertKey[];
  /** Active conditions of these types need no second probe: the server itself recorded what happened. */
  certain: readonly AlertType[];
};

/** Shares of the whole. */
const DISK_WARNING_FROM = 0.85;
const DISK_CRITICAL_FROM = 0.95;
const MEMORY_WARNING_FROM = 0.9;
/** Milliseconds: a restored config that stays unchanged for a day counts as accepted. */
const REVERTED_FOR_MS = 24 * 3_600_000;
/** UTF-16 units of a text from OpenClaw or a server. */
const MAX_TEXT = 1_000;
/** UTF-16 units read beyond the cut, so that the head of a secret across it is still recognised: of 400 texts at once, each takes its time. */
const BEYOND_CUT = 250;
/** UTF-16 units of the subject: a channel or a job. */
const MAX_SUBJECT = 200;
/** Channels, and jobs, of one server that get an alert each; the rest share one. */
const MAX_JUDGED = 100;

const way: readonly AlertType[] = ['connection_failed', 'monitor_error'];
const ofOpenclaw: readonly AlertType[] = ['gateway_down', 'channel_down', 'cron_failed', 'config_reverted'];
const ofHost: readonly AlertType[] = ['disk_full', 'memory_high'];

/** @param nowMs milliseconds since the epoch */
export function evaluate(result: ProbeResult, nowMs: number): Evaluation {
  switch (result.kind) {
    case 'failed':
      return {
        active: [
          condition('monitor_error', 'warning', `The check of this server failed: ${result.message}`, ''),
        ],
        evaluated: ['monitor_error'],
        undetermined: [],
        certain: [],
      };
    case 'unreachable':
      return {
        active: [condition('connection_failed', 'critical', result.message, result.hint ?? '')],
        evaluated: way,
        undetermined: [],
        certain: [],
      };
    case 'seen':
      // A server on which OpenClaw is not installed is watched for its connection alone.
      return result.status.installed
        ? evaluateRunning(result, nowMs)
        : { active: [], evaluated: [...way, ...ofOpenclaw, ...ofHost], undetermined: [], certain: [] };
  }
}

function evaluateRunning(
  { status, channelsSeen, cronJobs, configRevertedAt }: Extract<ProbeResult, { kind: 'seen' }>,
  nowMs: number,
): Evaluation {
  const { disk, memory, channels } = status;
  const isChanging = isInTransition(status);
  return {
    active: [
      ...gatewayCondition(status),
      ...firstOf('channel_down', channels.filter(isOff), channelCondition),
      ...diskCondition(disk),
      ...memoryCondition(memory),
      ...firstOf('cron_failed', (cronJobs ?? []).filter(hasFailed), cronCondition),
      ...revertedCondition(configRevertedAt, nowMs),
    ],
    evaluated: [
      ...way,
      'config_reverted',
      ...(isChanging ? [] : ['gateway_down' as const]),
      ...(channelsSeen ? ['channel_down' as const] : []),
      ...(cronJobs === null ? [] : ['cron_failed' as const]),
      ...(disk === null ? [] : ['disk_full' as const]),
      ...(memory === null ? [] : ['memory_high' as const]),
    ],
    undetermined: [
      ...(isChanging ? [gatewayKey] : []),
      ...channels
        .filter(({ state }) => state === 'starting')
        .map((channel) => ({ type: 'channel_down' as const, subject: subjectOf(channel) })),
      ...(cronJobs ?? [])
        .filter(({ running }) => running)
        .map(({ id }) => ({ type: 'cron_failed' as const, subject: subjectText(id) })),
    ],
    certain: hasCrashed(status) ? ['gateway_down'] : [],
  };
}

/** The same while a task of Buoy works on OpenClaw, which stops the gateway on purpose: that says nothing of it. */
export function withoutOpenclaw({ active, evaluated, undetermined }: Evaluation): Evaluation {
  const isOther = (type: AlertType) => !ofOpenclaw.includes(type);
  return {
    active: active.filter(({ type }) => isOther(type)),
    evaluated: evaluated.filter(isOther),
    undetermined: [...undetermined, gatewayKey],
    certain: [],
  };
}

const gatewayKey = { type: 'gateway_down' as const, subject: '' };

/** Starting, or finishing its work before it stops, which takes up to 330 s (OpenClaw 2026.9.6); a start after a crash is none of a person. */
function isInTransition(status: OpenclawStatus): boolean {
  return (
    !hasCrashed(status) &&
    (status.gateway.state === 'starting' || status.service.activeState === 'deactivating')
  );
}

/** systemd is about to start it again, and keeps how it ended until then. */
function hasCrashed({ gateway, service: { activeState, result } }: OpenclawStatus): boolean {
  return (
    gateway.state !== 'running' && activeState === 'activating' && result !== null && result !== 'success'
  );
}

function gatewayCondition(status: OpenclawStatus): Condition[] {
  const { gateway, service } = status;
  if (isInTransition(status) || (gateway.state === 'running' && gateway.ready)) return [];
  const { unit, activeState, result, restarts } = service;
  const evidence = [
    unit === null ? null : `Unit: ${unit}`,
    activeState === null ? null : `State: ${activeState}`,
    result === null ? null : `Result: ${result}`,
    restarts === null ? null : `Restarts: ${restarts}`,
  ].filter((line) => line !== null);
  const cause = hasCrashed(status)
    ? `${endings.get(result ?? '') ?? 'The gateway ended with an error'}. It is being started again.`
    : observationOf(status, null).reasons.join(' ');
  return [condition('gateway_down', 'critical', cause, evidence.join('\n'))];
}

/** By systemd's Result. */
const endings: ReadonlyMap<string, string> = new Map([
  ['oom-kill', 'The gateway was killed because the memory ran out'],
  ['signal', 'The gateway was killed'],
  ['core-dump', 'The gateway crashed'],
  ['watchdog', 'The gateway no longer responded and was killed'],
  ['timeout', 'The gateway did not start or stop in time'],
]);

type Channel = OpenclawStatus['channels'][number];

/** Enabled but not connected: a disabled or unconfigured channel is intended. */
function isOff({ state }: Channel): boolean {
  return state === 'disconnected' || state === 'stopped';
}

function subjectOf({ id, account }: Channel): string {
  return subjectText(`${id}/${account}`);
}

function channelCondition(channel: Channel): Condition {
  const { id, account, state, error } = channel;
  const name = account === 'default' ? `"${id}"` : `"${id}" (account "${account}")`;
  const cause = `The channel ${name} is ${state === 'stopped' ? 'stopped' : 'disconnected'}.`;
  return condition('channel_down', 'warning', cause, error ?? '', subjectOf(channel));
}

function diskCondition(disk: OpenclawStatus['disk']): Condition[] {
  const share = usedShare(disk);
  if (disk === null || share < DISK_WARNING_FROM) return [];
  const severity = share >= DISK_CRITICAL_FROM ? 'critical' : 'warning';
  return [
    condition('disk_full', severity, `The disk of the server is ${percent(share)} full.`, leftOf(disk)),
  ];
}

function memoryCondition(memory: OpenclawStatus['memory']): Condition[] {
  const share = usedShare(memory);
  if (memory === null || share < MEMORY_WARNING_FROM) return [];
  return [
    condition(
      'memory_high',
      'warning',
      `${percent(share)} of the server's memory is in use.`,
      leftOf(memory),
    ),
  ];
}

function hasFailed({ enabled, lastRun, running }: CronJob): boolean {
  return enabled && !running && lastRun?.status === 'error';
}

function cronCondition({ id, name, lastRun }: CronJob): Condition {
  const evidence = [`Last run: ${lastRun?.at}`, lastRun?.error].filter((line) => line != null).join('\n');
  return condition('cron_failed', 'warning', `The scheduled job "${name}" failed.`, evidence, id);
}

function revertedCondition(at: string | null, nowMs: number): Condition[] {
  if (at === null || nowMs - Date.parse(at) >= REVERTED_FOR_MS) return [];
  return [
    condition(
      'config_reverted',
      'warning',
      'OpenClaw could not read its config and restored the last good one: the latest change is not in effect.',
      `Restored: ${at}`,
    ),
  ];
}

function condition(
  type: AlertType,
  severity: AlertSeverity,
  cause: string,
  evidence: string,
  subject = '',
): Condition {
  return { type, subject: subjectText(subject), severity, cause: shown(cause), evidence: shown(evidence) };
}

/** Text from servers may contain a key, and alerts are stored and sent. */
function shown(text: string): string {
  return redactText(text.slice(0, MAX_TEXT + BEYOND_CUT))
    .slice(0, MAX_TEXT)
    .toWellFormed();
}

/** Bounds the alerts of a hostile OpenClaw, each of which would be stored and sent. */
function firstOf<T>(
  type: AlertType,
  things: readonly T[],
  conditionOf: (thing: T) => Condition,
): Condition[] {
  const judged = things.slice(0, MAX_JUDGED).map(conditionOf);
  const rest = things.length - judged.length;
  return rest === 0 ? judged : [...judged, restOf(type, rest)];
}

/** One alert for those beyond the limit. Its subject is empty, unlike that of any channel or job. */
export function restOf(type: AlertType, count: number): Condition {
  const one = { channel_down: 'channels are stopped or disconnected', cron_failed: 'scheduled jobs failed' };
  const what = one[type as keyof typeof one] ?? 'things are wrong';
  return condition(type, 'warning', `And ${count} more ${what}.`, 'Too many for separate alerts.');
}

function subjectText(subject: string): string {
  return subject.slice(0, MAX_SUBJECT).toWellFormed();
}

type Space = NonNullable<OpenclawStatus['disk']>;

function usedShare(space: Space | null): number {
  return space === null || space.totalBytes === 0 ? 0 : 1 - space.availableBytes / space.totalBytes;
}

/** Rounded down, so that 100 % means full. */
function percent(share: number): string {
  return `${Math.floor(share * 100)} %`;
}

function leftOf({ availableBytes, totalBytes }: Space): string {
  const gibibytes = (bytes: number) => (bytes / 1024 ** 3).toFixed(1);
  return `${gibibytes(availableBytes)} GiB of ${gibibytes(totalBytes)} GiB free.`;
}
