// Watches the monitor for as long as Buoy runs.
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import { pause } from '../lib/pause.ts';
import { createSignal } from '../lib/signal.ts';
import type { createMonitorNotices } from './monitor-notices.ts';

/** Milliseconds between two passes: another Buoy may have stored something. */
const POLL_MS = 5_000;
/** Milliseconds that a Buoy that stops leaves to what it is sending. */
const DRAIN_MS = 5_000;

export type MonitorWatch = {
  start(): void;
  /** A round of checks has ended. */
  wake(): void;
  /** Ends when nothing is being sent; what is not sent by then waits in the database. */
  close(): Promise<void>;
};

/** @param parts.pass of `createMonitorNotices` */
export function createMonitorWatch(parts: {
  pass: ReturnType<typeof createMonitorNotices>;
  clock: Clock;
  logger: Logger;
}): MonitorWatch {
  const { pass, clock, logger } = parts;
  const ending = new AbortController();
  const cancelling = new AbortController();
  const signal = createSignal(clock, ending.signal);
  let working = Promise.resolve();

  const work = async (): Promise<void> => {
    while (!ending.signal.aborted) {
      signal.reset();
      try {
        await pass({ ending: ending.signal, cancelling: cancelling.signal });
      } catch (error) {
        if (!ending.signal.aborted) logger.error({ err: error }, 'could not watch the monitor');
      }
      await signal.wait(POLL_MS);
    }
  };

  return {
    start() {
      working = work();
    },
    wake: signal.notify,
    async close() {
      ending.abort(new Error('Buoy is stopping.'));
      const drained = new AbortController();
      const ended = working.finally(() => drained.abort());
      await pause(clock, DRAIN_MS, drained.signal);
      cancelling.abort(new Error('Buoy is stopping.'));
      await ended;
    },
  };
}
