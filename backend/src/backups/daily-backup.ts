// The daily backup: at its time, retried an hour after a failure, and soon after a start that missed it.
import { Cron } from 'croner';
import type { Audit } from '../audit/audit.ts';
import { isAppError } from '../lib/app-error.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import type { Backups } from './backups.ts';

const HOUR_MS = 3_600_000;
/** A day, and two hours for a Buoy that was down at the time of the backup. */
const OVERDUE_AFTER_MS = 26 * HOUR_MS;
const RETRY_AFTER_MS = HOUR_MS;
/** Upper bound between clock checks: timers pause while the machine is suspended. */
const CHECK_INTERVAL_MS = HOUR_MS;

/** @param parts.at the time of day, UTC */
export function createDailyBackup(parts: {
  backups: Pick<Backups, 'prepare' | 'run' | 'state'>;
  audit: Pick<Audit, 'record'>;
  at: { hour: number; minute: number };
  clock: Clock;
  logger: Logger;
}) {
  const { backups, audit, at, clock, logger } = parts;
  const pattern = new Cron(`${at.minute} ${at.hour} * * *`, { timezone: 'UTC', paused: true });
  let stopTimer: (() => void) | null = null;
  let dueAt = Number.POSITIVE_INFINITY;
  let checking = Promise.resolve();

  const nextTime = (): number =>
    pattern.nextRun(new Date(clock.now()))?.getTime() ?? Number.POSITIVE_INFINITY;

  const record = async (result: 'ok' | 'failed', note: Parameters<Audit['record']>[2]): Promise<void> => {
    await audit.record('backup', result, note).catch((error: unknown) => {
      logger.error({ err: error }, 'the daily backup could not be written to the audit log');
    });
  };

  /** When the next one is due. */
  const run = async (): Promise<number> => {
    try {
      const { filename, sizeBytes, sha256 } = await backups.run();
      await record('ok', { target: filename, details: { sizeBytes, sha256 } });
      return nextTime();
    } catch (error) {
      // A manual backup is running, or Buoy is stopping and the next start catches up.
      if (isAppError(error, 'conflict', 'shutting_down')) return nextTime();
      const { code, message } = isAppError(error) ? error : { code: 'internal', message: String(error) };
      await record('failed', { details: { code, message } });
      return Math.min(clock.now() + RETRY_AFTER_MS, nextTime());
    }
  };

  const wait = (): void => {
    const delayMs = Math.min(CHECK_INTERVAL_MS, Math.max(0, dueAt - clock.now()));
    stopTimer = clock.after(delayMs, () => {
      checking = check();
    });
  };

  const check = async (): Promise<void> => {
    if (clock.now() >= dueAt) dueAt = await run();
    if (stopTimer !== null) wait();
  };

  return {
    /** Never throws: a Buoy without room for a backup still works. */
    async start(): Promise<void> {
      try {
        await backups.prepare();
      } catch (error) {
        logger.error({ err: error }, 'the backup folder cannot be used');
      }
      const { since, lastSuccessAt } = await backups.state();
      dueAt = Math.min(nextTime(), Date.parse(lastSuccessAt ?? since) + OVERDUE_AFTER_MS);
      wait();
    },

    /** Resolves when a run started here has ended and its result is recorded. */
    async stop(): Promise<void> {
      stopTimer?.();
      stopTimer = null;
      await checking;
    },
  };
}
