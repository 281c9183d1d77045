// One probe of a server: reads the status as clients do and turns it into a probe result.
import type { ErrorCode } from '@buoy/contract';
import type { ProbeResult } from '../alerts/conditions.ts';
import { AppError, isAppError } from '../lib/app-error.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import { withTimeout } from '../lib/with-timeout.ts';
import type { Openclaw } from '../openclaw/openclaw.ts';

/** Milliseconds: reading the status has 10 s of its own, and so has the list of jobs. */
const PROBE_MS = 20_000;
/** Milliseconds for a server that has never answered. A longer login continues, and the next probe uses its connection. */
const BRIEF_PROBE_MS = 3_000;

/** Milliseconds for what is read beside: a slow login shell or gateway costs these facts alone. */
const PART_MS = 5_000;

/** Sessions that are read: pinned ones and those used last, since only these fill their context. */
const SESSIONS = 100;

/** Errors about Buoy or this call, which say nothing about the server. */
const notOfServer: readonly ErrorCode[] = [
  'deadline',
  'queue_full',
  'internal',
  'storage_full',
  'storage_unavailable',
];

/**
 * null: the server was deleted. Throws only when `signal` aborts.
 * @param options.briefly the server has never answered: wait less
 */
export type HealthProbe = (
  serverId: string,
  signal: AbortSignal,
  options?: { briefly?: boolean },
) => Promise<ProbeResult | null>;

export function createHealthProbe(parts: {
  openclaw: {
    status: Openclaw['status'];
    cron: Pick<Openclaw['cron'], 'list'>;
    sessions: Pick<Openclaw['sessions'], 'list'>;
    logs: Pick<Openclaw['logs'], 'modelErrors'>;
    config: Pick<Openclaw['config'], 'history'>;
    hostVitals: Openclaw['hostVitals'];
    signIns: Openclaw['signIns'];
  };
  clock: Clock;
  logger: Logger;
}): HealthProbe {
  const { openclaw, clock, logger } = parts;

  async function see(serverId: string, signal: AbortSignal): Promise<ProbeResult> {
    const answer = await openclaw.status.read(serverId, { signal });
    const { status, source, channelsSeen, ownUpdateFailure, failure = null, problem } = answer;
    // A snapshot says nothing about the current state.
    if (source === 'snapshot') throw problem;
    const isUp = source === 'gateway';
    const limit = { deadlineMs: PART_MS, signal };
    const [vitals, signIns, cronJobs, sessions, modelErrors, configRevertedAt] = await Promise.all([
      status.installed ? orNull(openclaw.hostVitals.read(serverId, limit)) : null,
      isUp ? orNull(openclaw.signIns.read(serverId, limit)) : null,
      isUp ? orNull(readJobs(serverId, signal)) : null,
      isUp ? orNull(readSessions(serverId, signal)) : null,
      isUp ? orNull(openclaw.logs.modelErrors(serverId, { signal })) : null,
      revertedAt(serverId),
    ]);
    const seen = { status, failure, channelsSeen, cronJobs, sessions, modelErrors, ownUpdateFailure };
    return { kind: 'seen', ...seen, vitals, signIns, configRevertedAt };
  }

  async function readJobs(serverId: string, signal: AbortSignal) {
    const { jobs, source } = await openclaw.cron.list(serverId, { signal });
    return source === 'gateway' ? jobs : null;
  }

  async function readSessions(serverId: string, signal: AbortSignal) {
    const query = { archived: false, limit: SESSIONS };
    const { sessions, source } = await openclaw.sessions.list(serverId, query, { signal });
    return source === 'gateway' ? sessions : null;
  }

  async function revertedAt(serverId: string): Promise<string | null> {
    const [last] = (await openclaw.config.history(serverId, { limit: 1 })).revisions;
    return last?.origin === 'openclaw' ? last.at : null;
  }

  return async (serverId, signal, { briefly = false } = {}) => {
    try {
      const limit = { deadlineMs: briefly ? BRIEF_PROBE_MS : PROBE_MS, signal };
      return await withTimeout(see(serverId, signal), limit, clock, briefly ? silent : tooSlow);
    } catch (error) {
      signal.throwIfAborted();
      if (isAppError(error, 'not_found')) return null;
      if (isAppError(error) && !notOfServer.includes(error.code)) return unreachable(error);
      logger.error({ serverId, err: error }, 'could not check a server');
      return {
        kind: 'failed',
        message: isAppError(error) ? error.message : 'the log of Buoy has the details.',
      };
    }
  };
}

/** A part that could not be read. */
async function orNull<T>(part: Promise<T>): Promise<T | null> {
  try {
    return await part;
  } catch (error) {
    if (!isAppError(error)) throw error;
    return null;
  }
}

/** While the circuit is open, the failure that opened it is the cause. */
function unreachable(error: AppError): ProbeResult {
  const told = error.code === 'circuit_open' && isAppError(error.cause) ? error.cause : error;
  return { kind: 'unreachable', message: told.message, hint: told.hint ?? null };
}

/** For a server that has never answered, a timeout does mean that it is unreachable. */
function silent(deadlineMs: number): AppError {
  return new AppError(
    'unreachable',
    `The server has never answered, and did not answer within ${deadlineMs / 1000} s.`,
    {
      hint: 'Check address and port, that the server runs, and that no firewall drops the connection.',
    },
  );
}

function tooSlow(deadlineMs: number): AppError {
  return new AppError('deadline', `it did not finish within ${deadlineMs / 1000} s.`);
}
