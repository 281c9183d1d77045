// One check of a server: a look, another one at what is new, and what came of it written down as alerts.
import type { Alerts } from '../alerts/alerts.ts';
import { type Condition, conditionsOf, type Judgement, topicKey } from '../alerts/conditions.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import { pause } from '../lib/pause.ts';
import type { Look } from './look.ts';

/** Milliseconds until what was not there before is looked at again: a restart or a lost packet is over by then. */
const LOOK_AGAIN_MS = 20_000;

type CheckOptions = {
  signal: AbortSignal;
  /** Somebody asked and watches: one look counts. */
  atOnce: boolean;
  /** The server has never answered: it is not waited for as long. */
  briefly?: boolean;
  /** Runs each look, when there is room for one. */
  inTurn?: (look: () => ReturnType<Look>) => ReturnType<Look>;
};

/** Throws when `signal` aborts, or when the database does not take what was found. */
export type CheckServer = (serverId: string, options: CheckOptions) => Promise<void>;

export function createCheckServer(parts: {
  look: Look;
  alerts: Pick<Alerts, 'openTopics' | 'record'>;
  clock: Clock;
  logger: Logger;
}): CheckServer {
  const { look, alerts, clock, logger } = parts;

  return async (serverId, { signal, atOnce, briefly = false, inTurn = (work) => work() }) => {
    const judged = async (): Promise<Judgement | null> => {
      const finding = await inTurn(() => look(serverId, signal, { briefly }));
      return finding === null ? null : conditionsOf(finding, clock.now());
    };

    let judgement = await judged();
    if (judgement === null) return;
    const isOpen = await alerts.openTopics(serverId);
    const suspects = judgement.holds.filter((condition) => !isOpen(condition));
    if (suspects.length > 0 && !atOnce) {
      await pause(clock, LOOK_AGAIN_MS, signal);
      signal.throwIfAborted();
      const again = await judged();
      if (again === null) return;
      // What the second look is the first to see waits for its own second look.
      const suspected = new Set(suspects.map(topicKey));
      const isKnown = (one: Condition) => isOpen(one) || suspected.has(topicKey(one));
      judgement = { ...again, holds: again.holds.filter(isKnown) };
    }
    signal.throwIfAborted();
    const changes = await alerts.record(serverId, judgement);
    for (const { id, type, subject, severity, cause } of changes?.opened ?? [])
      logger.warn({ serverId, alert: id, type, subject, severity, cause }, 'an alert fires');
    for (const { id, type, subject } of changes?.resolved ?? [])
      logger.info({ serverId, alert: id, type, subject }, 'an alert is resolved');
  };
}
