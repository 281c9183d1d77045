// One look at a server, as everybody else looks at it, put into what it says of that server.
import type { ErrorCode } from '@buoy/contract';
import type { Finding } from '../alerts/conditions.ts';
import { AppError, isAppError } from '../lib/app-error.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import { settleWithin } from '../lib/settle-within.ts';
import type { Openclaw } from '../openclaw/openclaw.ts';

/** Milliseconds: reading the status has 10 s of its own, and so has the list of jobs. */
const LOOK_MS = 20_000;

/** Failures that say something of Buoy or of this call, and nothing of the server. */
const notOfServer: readonly ErrorCode[] = [
  'deadline',
  'queue_full',
  'internal',
  'storage_full',
  'storage_unavailable',
];

/** null: the server was deleted. Throws only when `signal` aborts. */
export type Look = (serverId: string, signal: AbortSignal) => Promise<Finding | null>;

export function createLook(parts: {
  openclaw: {
    status: Openclaw['status'];
    cron: Pick<Openclaw['cron'], 'list'>;
    config: Pick<Openclaw['config'], 'history'>;
  };
  clock: Clock;
  logger: Logger;
}): Look {
  const { openclaw, clock, logger } = parts;

  async function see(serverId: string, signal: AbortSignal): Promise<Finding> {
    const { status, source, channelsSeen, problem } = await openclaw.status.read(serverId, { signal });
    // What was seen earlier says nothing of now.
    if (source === 'snapshot') throw problem;
    const [cronJobs, configRevertedAt] = await Promise.all([
      source === 'gateway' ? readJobs(serverId, signal) : null,
      revertedAt(serverId),
    ]);
    return { kind: 'seen', status, channelsSeen, cronJobs, configRevertedAt };
  }

  async function readJobs(serverId: string, signal: AbortSignal) {
    try {
      const { jobs, source } = await openclaw.cron.list(serverId, { signal });
      return source === 'gateway' ? jobs : null;
    } catch (error) {
      if (!isAppError(error)) throw error;
      return null;
    }
  }

  async function revertedAt(serverId: string): Promise<string | null> {
    const [last] = (await openclaw.config.history(serverId, { limit: 1 })).revisions;
    return last?.origin === 'openclaw' ? last.at : null;
  }

  return async (serverId, signal) => {
    try {
      return await settleWithin(see(serverId, signal), { deadlineMs: LOOK_MS, signal }, clock, tooSlow);
    } catch (error) {
      signal.throwIfAborted();
      if (isAppError(error, 'not_found')) return null;
      if (isAppError(error) && !notOfServer.includes(error.code)) return unreachable(error);
      logger.error({ serverId, err: error }, 'a server could not be checked');
      return {
        kind: 'failed',
        message: isAppError(error) ? error.message : 'the log of Buoy has the details.',
      };
    }
  };
}

/** While Buoy pauses to try, why it does is what counts. */
function unreachable(error: AppError): Finding {
  const told = error.code === 'circuit_open' && isAppError(error.cause) ? error.cause : error;
  return { kind: 'unreachable', message: told.message, hint: told.hint ?? null };
}

function tooSlow(deadlineMs: number): AppError {
  return new AppError('deadline', `It did not end within ${deadlineMs / 1000} s.`);
}
