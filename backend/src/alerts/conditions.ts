// Derives the conditions of a server from one check. A check evaluates only what it could see.
import type { AlertType, CronJob, OpenclawSession, OpenclawStatus, Thresholds } from '@buoy/contract';
import { isOutOfMemory } from '../openclaw/host/cause.ts';
import type { GatewayFailure } from '../openclaw/host/installation.ts';
import type { HostVitals } from '../openclaw/host/vitals.ts';
import type { ModelError } from '../openclaw/logs/model-errors.ts';
import type { SignInExpiry } from '../openclaw/models/sign-ins.ts';
import type { OwnUpdateFailure } from '../openclaw/status/gateway-reading.ts';
import { observationOf } from '../openclaw/status/observation.ts';
import { apiErrorConditions } from './api-errors.ts';
import { clockConditions } from './clock-skew.ts';
import { type AlertKey, type Condition, condition, firstOf, subjectText } from './condition.ts';
import { cronConditions, type SchedulerFacts } from './cron-jobs.ts';
import { expiringConditions } from './expiring.ts';
import { growthConditions, type MemorySample } from './memory-growth.ts';
import { diskConditions, inodeConditions, inodesKey, memoryConditions } from './space.ts';
import { overflowing } from './token-overflow.ts';
import { type FailedUpdate, ownUpdateConditions, ownUpdateKey, updateConditions } from './update-failed.ts';

export type { MemorySample } from './memory-growth.ts';

export type ProbeResult =
  | {
      kind: 'seen';
      status: OpenclawStatus;
      /** Why the gateway is down, as its log says; null: not known. */
      failure: GatewayFailure | null;
      /** false: its channels could not be read. */
      channelsSeen: boolean;
      /** null: could not be read. */
      cronJobs: readonly CronJob[] | null;
      /** The sessions used last; null: could not be read. */
      sessions: readonly OpenclawSession[] | null;
      /** Of the last minutes, from the gateway's log; null: could not be read. */
      modelErrors: readonly ModelError[] | null;
      /** null: could not be read. */
      vitals: HostVitals | null;
      /** Those at model providers that expire; null: could not be read. */
      signIns: readonly SignInExpiry[] | null;
      /** OpenClaw's last update of itself, if it failed; undefined: could not be read. */
      ownUpdateFailure: OwnUpdateFailure | null | undefined;
      /** When OpenClaw put its last good config back, ISO 8601, if nothing has changed the config since; else null. */
      configRevertedAt: string | null;
    }
  | { kind: 'unreachable'; message: string; hint: string | null }
  /** The check failed for a reason that says nothing about the server. */
  | { kind: 'failed'; message: string };

type SeenResult = Extract<ProbeResult, { kind: 'seen' }>;

export type Evaluation = {
  active: Condition[];
  /** Open alerts of these types without an active condition are over. */
  evaluated: readonly AlertType[];
  /** These are over, whether their type is evaluated or not. */
  over?: readonly AlertKey[];
  /** In transition: these alerts neither open nor resolve. */
  undetermined: readonly AlertKey[];
  /** Active conditions of these types need no second probe: the server itself recorded what happened. */
  certain: readonly AlertType[];
};

/** Milliseconds: a restored config that stays unchanged for a day counts as accepted. */
const REVERTED_FOR_MS = 24 * 3_600_000;
const way: readonly AlertType[] = ['connection_failed', 'monitor_error'];
const ofOpenclaw: readonly AlertType[] = [
  ...(['gateway_down', 'channel_down', 'cron_failed', 'config_reverted'] as const),
  ...(['token_overflow', 'api_errors'] as const),
];
const ofHost: readonly AlertType[] = ['disk_full', 'memory_high', 'clock_skew', 'expiring'];

/** What a probe result is judged by. */
export type Standards = {
  /** Milliseconds since the epoch. */
  nowMs: number;
  thresholds: Thresholds;
  /** The memory of the gateway in the last day; null: could not be read. */
  memorySamples: readonly MemorySample[] | null;
};

export function evaluate(result: ProbeResult, standards: Standards): Evaluation {
  switch (result.kind) {
    case 'failed':
      return {
        active: [
          condition('monitor_error', 'warning', `The check of this server failed: ${result.message}`, ''),
        ],
        evaluated: ['monitor_error'],
        undetermined: [ownUpdateKey],
        certain: [],
      };
    case 'unreachable':
      return {
        active: [condition('connection_failed', 'critical', result.message, result.hint ?? '')],
        evaluated: way,
        undetermined: [ownUpdateKey],
        certain: [],
      };
    case 'seen':
      // A server on which OpenClaw is not installed is watched for its connection alone.
      return result.status.installed
        ? evaluateRunning(result, standards)
        : { active: [], evaluated: [...way, ...ofOpenclaw, ...ofHost], undetermined: [], certain: [] };
  }
}

/** OpenClaw itself records when these happen. */
function recordedIn(active: readonly Condition[]): AlertType[] {
  const types: readonly AlertType[] = ['api_errors', 'update_failed'];
  return types.filter((type) => active.some((one) => one.type === type));
}

function evaluateRunning(result: SeenResult, standards: Standards): Evaluation {
  const { nowMs, thresholds, memorySamples } = standards;
  const { status, channelsSeen, cronJobs, sessions, modelErrors, ownUpdateFailure, configRevertedAt } =
    result;
  const { vitals, signIns } = result;
  const { disk, memory, channels } = status;
  const overflow = overflowing(sessions ?? [], thresholds);
  const cron = cronConditions(cronJobs ?? [], schedulerFacts(result, nowMs), thresholds);
  const growth = growthConditions(status, memorySamples, nowMs, thresholds);
  const clocks = clockConditions(vitals?.skewMs ?? null, nowMs, thresholds);
  const expiring = expiringConditions(
    vitals === null ? undefined : vitals.certificateEndsMs,
    signIns,
    nowMs,
    thresholds,
  );
  const isChanging = isInTransition(result);
  const active = [
    ...gatewayCondition(result),
    ...firstOf('channel_down', channels.filter(isOff), channelCondition),
    ...diskConditions(disk, thresholds),
    ...inodeConditions(vitals?.inodes ?? null, thresholds),
    ...memoryConditions(memory, thresholds),
    ...growth.active,
    ...clocks.active,
    ...expiring.active,
    ...cron.active,
    ...overflow.active,
    ...apiErrorConditions(modelErrors ?? []),
    ...ownUpdateConditions(ownUpdateFailure ?? null, status.version),
    ...revertedCondition(configRevertedAt, nowMs),
  ];
  return {
    active,
    evaluated: [
      ...way,
      'config_reverted',
      ...(isChanging ? [] : ['gateway_down' as const]),
      ...(channelsSeen ? ['channel_down' as const] : []),
      ...(cronJobs === null ? [] : ['cron_failed' as const]),
      ...(sessions === null ? [] : ['token_overflow' as const]),
      ...(modelErrors === null ? [] : ['api_errors' as const]),
      ...(disk === null ? [] : ['disk_full' as const]),
      ...(memory === null ? [] : ['memory_high' as const]),
      ...(vitals?.skewMs == null ? [] : ['clock_skew' as const]),
      ...(signIns === null ? [] : ['expiring' as const]),
    ],
    over: expiring.over,
    undetermined: [
      ...(isChanging ? [gatewayKey] : []),
      ...channels
        .filter(({ state }) => state === 'starting')
        .map((channel) => ({ type: 'channel_down' as const, subject: subjectOf(channel) })),
      ...(vitals?.inodes == null ? [inodesKey] : []),
      ...growth.undetermined,
      ...clocks.undetermined,
      ...expiring.undetermined,
      ...cron.undetermined,
      ...overflow.undetermined,
      ...(ownUpdateFailure === undefined ? [ownUpdateKey] : []),
    ],
    certain: [...recordedIn(active), ...(hasCrashed(status) ? (['gateway_down'] as const) : [])],
  };
}

/** The same while a task of Buoy works on OpenClaw, which stops the gateway on purpose: that says nothing of it. */
export function withoutOpenclaw({ active, evaluated, undetermined, over = [] }: Evaluation): Evaluation {
  const isOther = (type: AlertType) => !ofOpenclaw.includes(type);
  return {
    active: active.filter(({ type }) => isOther(type)),
    evaluated: evaluated.filter(isOther),
    undetermined: [...undetermined, gatewayKey],
    over,
    certain: recordedIn(active.filter(({ type }) => isOther(type))),
  };
}

/** The same with the updates that failed, which Buoy knows by itself, whatever it saw of the server. */
export function withUpdates(evaluation: Evaluation, failed: readonly FailedUpdate[]): Evaluation {
  return {
    ...evaluation,
    active: [...evaluation.active, ...updateConditions(failed)],
    evaluated: [...evaluation.evaluated, 'update_failed'],
    certain: [...evaluation.certain, 'update_failed'],
  };
}

/** Of a task that has just ended, without a probe of the server. */
export function evaluateUpdates(failed: readonly FailedUpdate[]): Evaluation {
  return withUpdates({ active: [], evaluated: [], undetermined: [ownUpdateKey], certain: [] }, failed);
}

/** Jobs run by the clock of the server. */
function schedulerFacts({ status, vitals }: SeenResult, nowMs: number): SchedulerFacts {
  const serverNowMs = nowMs + (vitals?.skewMs ?? 0);
  const { uptimeS } = status.gateway;
  return { serverNowMs, startedMs: uptimeS === null ? null : serverNowMs - uptimeS * 1000 };
}

const gatewayKey = { type: 'gateway_down' as const, subject: '' };

/**
 * Starting, or finishing its work before it stops, which takes up to 330 s (OpenClaw 2026.9.6); a start after a crash is none of a person, and one
 * that something keeps from ending is none.
 */
function isInTransition({ status, failure }: Pick<SeenResult, 'status' | 'failure'>): boolean {
  return (
    !hasCrashed(status) &&
    failure?.cause == null &&
    (status.gateway.state === 'starting' || status.service.activeState === 'deactivating')
  );
}

/** systemd is about to start it again, and keeps how it ended until then. */
function hasCrashed({ gateway, service: { activeState, result } }: OpenclawStatus): boolean {
  return (
    gateway.state !== 'running' && activeState === 'activating' && result !== null && result !== 'success'
  );
}

function gatewayCondition({ status, failure }: SeenResult): Condition[] {
  const { gateway, service } = status;
  if (isInTransition({ status, failure }) || (gateway.state === 'running' && gateway.ready)) return [];
  const { unit, activeState, result, restarts } = service;
  const evidence = [
    unit === null ? null : `Unit: ${unit}`,
    activeState === null ? null : `State: ${activeState}`,
    result === null ? null : `Result: ${result}`,
    restarts === null ? null : `Restarts: ${restarts}`,
    failure?.lastLine == null ? null : `Last line of its log: ${failure.lastLine}`,
  ].filter((line) => line !== null);
  const named = failure?.cause ?? null;
  const ending = named !== null && wasKilled(result) && isOutOfMemory(named) ? 'oom-kill' : result;
  const cause = hasCrashed(status)
    ? `${endings.get(ending ?? '') ?? 'The gateway ended with an error'}. ${named === null || wasKilled(result) ? '' : `${named} `}It is being started again.`
    : observationOf(status, { cause: named }).reasons.join(' ');
  return [condition('gateway_down', 'critical', cause, evidence.join('\n'))];
}

/** From outside: of that, its log says no more than the result does, but for what killed it. */
function wasKilled(result: string | null): boolean {
  return result === 'signal' || result === 'oom-kill';
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
