// Tells an outside watcher, such as healthchecks.io or Uptime Kuma, after each round of checks that the monitor works. A watcher that hears
// nothing for too long knows that Buoy, its machine or its network is gone.
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';

/** Milliseconds for one request. */
const DEADLINE_MS = 10_000;
/** Milliseconds between two lines of the log about a watcher that does not take it. */
const LOG_INTERVAL_MS = 3_600_000;

export type Heartbeat = {
  /** Sends one, unless the one before is still under way. */
  send(): void;
  /** Cancels the one that is under way. */
  close(): Promise<void>;
};

/**
 * @param parts.url a secret: with it, anybody could say that this Buoy works
 * @param parts.request a GET that follows no redirect and reads no body; its errors do not have the path of the URL in them
 */
export function createHeartbeat(parts: {
  url: string;
  request: (url: string, signal: AbortSignal) => Promise<{ status: number }>;
  clock: Clock;
  logger: Logger;
}): Heartbeat {
  const { url, request, clock, logger } = parts;
  const { host } = new URL(url);
  const ending = new AbortController();
  let sending: Promise<void> | null = null;
  let silentUntilMs = 0;

  /** Null when it was taken, else why not, as a sentence. */
  const attempt = async (): Promise<string | null> => {
    const late = new AbortController();
    const stopTimer = clock.after(DEADLINE_MS, () => late.abort());
    try {
      const { status } = await request(url, AbortSignal.any([ending.signal, late.signal]));
      return status >= 200 && status < 300 ? null : `${host} answered with the status ${status}.`;
    } catch (error) {
      if (late.signal.aborted) return `${host} did not answer within ${DEADLINE_MS / 1000} s.`;
      return error instanceof Error ? error.message : String(error);
    } finally {
      stopTimer();
    }
  };

  const sendOne = async (): Promise<void> => {
    const problem = await attempt();
    if (problem === null || ending.signal.aborted || clock.now() < silentUntilMs) return;
    silentUntilMs = clock.now() + LOG_INTERVAL_MS;
    logger.warn(`The watcher of HEARTBEAT_URL did not take a heartbeat: ${problem}`);
  };

  return {
    send() {
      if (ending.signal.aborted) return;
      sending ??= sendOne().finally(() => {
        sending = null;
      });
    },
    async close() {
      ending.abort(new Error('Buoy is stopping.'));
      await sending;
    },
  };
}
