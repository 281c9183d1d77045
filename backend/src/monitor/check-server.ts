// One check of a server: a probe, a second one for new conditions, and the results stored as alerts.
import type { AlertChanges, Alerts } from '../alerts/alerts.ts';
import { alertKeyText, type Condition, type Evaluation, evaluate } from '../alerts/conditions.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import { pause } from '../lib/pause.ts';
import type { HealthProbe } from './health-probe.ts';

/** Milliseconds until a new condition is probed again: a restart or a lost packet is over by then. */
const REPEAT_PROBE_MS = 20_000;

type CheckOptions = {
  signal: AbortSignal;
  /** A person requested the check and waits: one probe counts. */
  atOnce: boolean;
  /** The server has never answered: it is not waited for as long. */
  briefly?: boolean;
  /** Runs each probe, when there is room for one. */
  inTurn?: (probe: () => ReturnType<HealthProbe>) => ReturnType<HealthProbe>;
};

/** Alerts that a line of the log names: a hostile server can make two hundred begin and end with each check. */
const LOGGED = 3;

/** Throws when `signal` aborts, or when the result cannot be stored. */
export type CheckServer = (serverId: string, options: CheckOptions) => Promise<void>;

export function createCheckServer(parts: {
  probe: HealthProbe;
  alerts: Pick<Alerts, 'openTopics' | 'record'>;
  clock: Clock;
  logger: Logger;
}): CheckServer {
  const { probe, alerts, clock, logger } = parts;

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

  return async (serverId, { signal, atOnce, briefly = false, inTurn = (work) => work() }) => {
    const judged = async (): Promise<Evaluation | null> => {
      const result = await inTurn(() => probe(serverId, signal, { briefly }));
      return result === null ? null : evaluate(result, clock.now());
    };

    let evaluation = await judged();
    if (evaluation === null) return;
    const isOpen = await alerts.openTopics(serverId);
    const suspects = evaluation.active.filter((condition) => !isOpen(condition));
    if (suspects.length > 0 && !atOnce) {
      await pause(clock, REPEAT_PROBE_MS, signal);
      signal.throwIfAborted();
      const again = await judged();
      if (again === null) return;
      // A condition that only the second probe sees needs a second probe of its own.
      const suspected = new Set(suspects.map(alertKeyText));
      const isKnown = (one: Condition) => isOpen(one) || suspected.has(alertKeyText(one));
      evaluation = { ...again, active: again.active.filter(isKnown) };
    }
    signal.throwIfAborted();
    const changes = await alerts.record(serverId, evaluation);
    if (changes !== null) logChanges(serverId, changes);
  };
}
