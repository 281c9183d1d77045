// One check of a server: a probe, more probes for new conditions, and the results stored as alerts.
import type { AlertType } from '@buoy/contract';
import type { AlertChanges, Alerts } from '../alerts/alerts.ts';
import { alertKeyText, type Condition } from '../alerts/condition.ts';
import {
  type Evaluation,
  evaluate,
  type ProbeResult,
  type Standards,
  withoutOpenclaw,
  withUpdates,
} from '../alerts/conditions.ts';
import type { FailedUpdate } from '../alerts/update-failed.ts';
import type { History } from '../history/history.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import { pause } from '../lib/pause.ts';
import type { Signal } from '../lib/signal.ts';
import type { ThresholdsFeature } from '../thresholds/thresholds.ts';
import type { HealthProbe } from './health-probe.ts';

/** Milliseconds from the first probe to the one that confirms an outage: the list of servers shows it already, and its alert comes 5 s later at most. */
const CONFIRM_OUTAGE_MS = 3_000;
/** The same for any other condition: a channel that reconnects, or a job, is over by then. */
const CONFIRM_MS = 20_000;
/** The same for a session's context: OpenClaw may be about to compact it. */
const CONFIRM_OVERFLOW_MS = 60_000;
/** Milliseconds after a probe before the next one of a server that something happens to. */
const RECHECK_MS = 5_000;
const outages: readonly AlertType[] = ['connection_failed', 'gateway_down'];
const confirmations = [
  { afterMs: CONFIRM_OUTAGE_MS, isOf: ({ type }: Condition) => outages.includes(type) },
  { afterMs: CONFIRM_MS, isOf: ({ type }: Condition) => type !== 'token_overflow' },
  { afterMs: CONFIRM_OVERFLOW_MS, isOf: () => true },
];

type CheckOptions = {
  signal: AbortSignal;
  /** A person requested the check and waits: one probe counts. */
  atOnce: boolean;
  /** The server has never answered: it is not waited for as long. */
  briefly?: boolean;
  /** Runs each probe, when there is room for one. */
  inTurn?: (probe: () => ReturnType<HealthProbe>) => ReturnType<HealthProbe>;
  /** Notified when something happens to the server. */
  event?: Signal | undefined;
};

/** `isSettled` false: the gateway is starting or stopping, and a check soon after will see how that ends. */
export type CheckOutcome = { isSettled: boolean };

/** Alerts that a line of the log names: a hostile server can make two hundred begin and end with each check. */
const LOGGED = 3;

/** Throws when `signal` aborts, or when the result cannot be stored. */
export type CheckServer = (serverId: string, options: CheckOptions) => Promise<CheckOutcome>;

export function createCheckServer(parts: {
  probe: HealthProbe;
  alerts: Pick<Alerts, 'openTopics' | 'record'>;
  history: Pick<History, 'record' | 'gatewayMemory'>;
  thresholds: Pick<ThresholdsFeature, 'ofServer'>;
  /** Whether a task is at work that stops or starts the gateway. */
  isServiced: (serverId: string) => Promise<boolean>;
  /** The updates whose last try failed. */
  failedUpdates: (serverId: string) => Promise<FailedUpdate[]>;
  clock: Clock;
  logger: Logger;
}): CheckServer {
  const { probe, alerts, history, thresholds, isServiced, failedUpdates, clock, logger } = parts;

  const logChanges = (serverId: string, { opened, resolved }: AlertChanges): void => {
    if (opened.length > 0) {
      const first = opened
        .slice(0, LOGGED)
        .map(({ id, type, subject, severity, cause }) => ({ alert: id, type, subject, severity, cause }));
      logger.warn({ serverId, count: opened.length, first }, 'alerts fire');
    }
    if (resolved.length > 0) {
      const first = resolved.slice(0, LOGGED).map(({ id, type, subject }) => ({ alert: id, type, subject }));
      logger.info({ serverId, count: resolved.length, first }, 'alerts are resolved');
    }
  };

  const standardsFor = async (serverId: string, { kind }: ProbeResult): Promise<Standards> => {
    const memorySamples =
      kind !== 'seen'
        ? null
        : await history.gatewayMemory(serverId).catch((error: unknown) => {
            logger.error({ serverId, err: error }, 'could not read the history of a gateway');
            return null;
          });
    return { nowMs: clock.now(), thresholds: await thresholds.ofServer(serverId), memorySamples };
  };

  return async (serverId, { signal, atOnce, briefly = false, inTurn = (work) => work(), event }) => {
    const judged = async (): Promise<Evaluation | null> => {
      let tookMs = 0;
      event?.reset();
      const result = await inTurn(async () => {
        const beganAtMs = clock.now();
        const seen = await probe(serverId, signal, { briefly });
        tookMs = clock.now() - beganAtMs;
        return seen;
      });
      if (result === null) return null;
      await history.record(serverId, result, tookMs).catch((error: unknown) => {
        // What fires now matters more.
        logger.error({ serverId, err: error }, 'could not store what a check saw');
      });
      const evaluation = evaluate(result, await standardsFor(serverId, result));
      const seen = (await isServiced(serverId)) ? withoutOpenclaw(evaluation) : evaluation;
      return withUpdates(seen, await failedUpdates(serverId));
    };
    const confirmed = new Set<string>();
    const confirmCertain = ({ active, certain }: Evaluation): void => {
      for (const one of active) if (atOnce || certain.includes(one.type)) confirmed.add(alertKeyText(one));
    };

    let evaluation = await judged();
    if (evaluation === null) return settled;
    confirmCertain(evaluation);
    const probedAt = clock.now();
    const isOpen = await alerts.openTopics(serverId);
    const store = async (what: Evaluation): Promise<void> => {
      signal.throwIfAborted();
      const isSure = (one: Condition) => isOpen(one) || confirmed.has(alertKeyText(one));
      const active = what.active.filter(isSure);
      // Another check may have fired for it meanwhile: a doubtful problem is not one that is over.
      const doubtful = what.active.filter((one) => !isSure(one));
      const undetermined = [
        ...what.undetermined,
        ...doubtful.map(({ type, subject }) => ({ type, subject })),
      ];
      const changes = await alerts.record(serverId, { ...what, active, undetermined });
      if (changes !== null) logChanges(serverId, changes);
    };
    /** What is over, or sure, is told meanwhile: an outage that ends is not kept for the sake of a doubtful problem. */
    const waitUntil = async (untilMs: number): Promise<void> => {
      while (evaluation !== null && clock.now() < untilMs) {
        await store(evaluation);
        const leftMs = untilMs - clock.now();
        const waitMs = isSettled(evaluation) ? leftMs : Math.min(RECHECK_MS, leftMs);
        const recheckAt = clock.now() + RECHECK_MS;
        await (event === undefined ? pause(clock, waitMs, signal) : event.wait(waitMs));
        signal.throwIfAborted();
        await pause(clock, Math.max(0, Math.min(recheckAt, untilMs) - clock.now()), signal);
        signal.throwIfAborted();
        evaluation = await judged();
        if (evaluation !== null) confirmCertain(evaluation);
      }
    };
    // A condition that only a later probe sees needs another one of its own.
    let suspects = evaluation.active
      .filter((one) => !isOpen(one))
      .map((one) => ({ ...one, key: alertKeyText(one) }));
    for (const { afterMs, isOf } of confirmations) {
      const doubtful = suspects.filter((one) => isOf(one) && !confirmed.has(one.key));
      suspects = suspects.filter((one) => !isOf(one));
      if (doubtful.length === 0) continue;
      await waitUntil(probedAt + afterMs);
      if (evaluation === null) return settled;
      const seen = new Set(evaluation.active.map(alertKeyText));
      for (const { key } of doubtful) if (seen.has(key)) confirmed.add(key);
    }
    await store(evaluation);
    return { isSettled: isSettled(evaluation) };
  };
}

function isSettled({ undetermined }: Evaluation): boolean {
  return !undetermined.some(({ type }) => type === 'gateway_down');
}

const settled: CheckOutcome = { isSettled: true };
