// Removes old audit entries once a day in small batches, and signs a checkpoint for the removed ones.
import { type Clock, isoTime } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import { pause } from '../lib/pause.ts';
import type { AuditStore } from './audit.store.ts';
import type { Audit } from './audit.ts';
import type { ChainKey } from './chain.ts';
import type { RetentionStore } from './retention.store.ts';

const DAY_MS = 86_400_000;
/** Entries removed per transaction: some milliseconds, for which other writers wait. */
const BATCH = 100;
/** Milliseconds between two transactions, to let other writers in. */
const PAUSE_MS = 50;
/** Upper bound between clock checks: the machine may have been suspended, and another Buoy may have run. */
const WAIT_MS = { min: 60_000, max: 3_600_000 };

/** The action of its own entries. */
export const RETENTION_ACTION = 'audit-retention';

/** @param parts.days entries from before that are removed */
export function createAuditRetention(parts: {
  audit: Pick<Audit, 'record'>;
  entries: Pick<AuditStore, 'hasOlderThan' | 'removeOldest'>;
  store: RetentionStore;
  key: ChainKey;
  days: number;
  clock: Clock;
  logger: Logger;
}) {
  const { audit, entries, store, key, days, clock, logger } = parts;
  const ending = new AbortController();
  const { signal } = ending;
  let stopTimer = () => {};
  let working = Promise.resolve();

  /** Ends early, with what was removed until then, when Buoy does. */
  const removeOld = async (): Promise<void> => {
    const before = isoTime(clock.now() - days * DAY_MS);
    if (!(await entries.hasOlderThan(before))) return;
    // Written before the first removal, so that even a killed run has its audit entry.
    await audit.record(RETENTION_ACTION, 'started', { details: { before, days } });
    let total = 0;
    for (;;) {
      const { removed, problem } = await entries.removeOldest(key, {
        ...{ before, limit: BATCH, now: isoTime(clock.now()) },
      });
      total += removed;
      if (problem !== null) {
        logger.error({ problem }, 'the audit log is damaged, so its old entries are kept');
        return audit.record(RETENTION_ACTION, 'failed', {
          details: { before, days, removed: total, problem },
        });
      }
      if (removed < BATCH || signal.aborted) break;
      await pause(clock, PAUSE_MS, signal);
    }
    logger.info({ removed: total, before }, 'old audit entries removed');
    await audit.record(RETENTION_ACTION, 'ok', { details: { before, days, removed: total } });
  };

  const wait = (delayMs: number): void => {
    if (signal.aborted) return;
    stopTimer = clock.after(delayMs, () => {
      working = work();
    });
  };

  const work = async (): Promise<void> => {
    let delayMs = WAIT_MS.max;
    try {
      const now = clock.now();
      const next = now + DAY_MS;
      const dueAt = Date.parse(await store.dueAt(isoTime(now)));
      if (dueAt <= now && (await store.take(isoTime(now), isoTime(next)))) await removeOld();
      else delayMs = dueAt - now;
    } catch (error) {
      logger.error({ err: error }, 'old audit entries could not be removed');
    }
    wait(Math.min(WAIT_MS.max, Math.max(WAIT_MS.min, delayMs)));
  };

  return {
    start: () => wait(WAIT_MS.min),

    /** Resolves when nothing is removed any more. */
    async close(): Promise<void> {
      ending.abort();
      stopTimer();
      await working;
    },
  };
}
