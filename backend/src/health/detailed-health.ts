// Detailed health of Buoy itself, for super-admins.
import { performance } from 'node:perf_hooks';
import type { DetailedHealth } from '@buoy/contract';
import { AppError } from '../lib/app-error.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import { withTimeout } from '../lib/with-timeout.ts';
import type { Monitor } from '../monitor/monitor.ts';
import { isMonitorStale } from '../monitor/staleness.ts';
import type { Servers } from '../servers/servers.ts';
import type { Tasks } from '../tasks/tasks.ts';
import { degradedReasons, type Question } from './degraded-reasons.ts';
import type { EventLoopMeter } from './event-loop-meter.ts';

/** Milliseconds for each check, so that the page does not wait for the part that is stuck. */
const DEADLINE_MS = 1_000;

export type BackupState = { lastAt: string | null; lastOk: boolean | null };

/** Never throws: a check without an answer is itself a reason. */
export type DetailedHealthCheck = () => Promise<DetailedHealth>;

/**
 * @param parts.backups when the last backup ended, and how
 * @param parts.vault ids of the key ring, the active one first, and how many stored secrets are not under that one
 * @param parts.stopwatch milliseconds from any moment on, exact to a fraction of one
 */
export function createDetailedHealth(parts: {
  version: string;
  uptimeS: () => number;
  database: { dialect: 'sqlite' | 'postgres'; ping(): Promise<void>; sizeBytes(): Promise<number> };
  eventLoop: Pick<EventLoopMeter, 'read'>;
  servers: Pick<Servers, 'overview'>;
  monitor: Pick<Monitor, 'lastRound'>;
  /** Milliseconds between the beginnings of two rounds. */
  monitorIntervalMs: number;
  tasks: Pick<Tasks, 'count'>;
  backups: () => Promise<BackupState>;
  vault: { keyIds: readonly string[]; outdated: () => Promise<number> };
  telegramConfigured: boolean;
  clock: Clock;
  logger: Logger;
  stopwatch?: () => number;
}): DetailedHealthCheck {
  const { database, clock, logger, stopwatch = () => performance.now() } = parts;

  return async () => {
    const unknown: Question[] = [];
    /** What `ask` answers in time, else null. */
    const answered = async <T>(about: string, ask: () => Promise<T>): Promise<T | null> => {
      try {
        return await withTimeout(ask(), { deadlineMs: DEADLINE_MS }, clock, tooSlow);
      } catch (error) {
        logger.warn({ err: error, about }, 'a health check did not answer');
        return null;
      }
    };
    const known = async <T>(about: Question, ask: () => Promise<T>): Promise<T | null> => {
      const answer = await answered(about, ask);
      if (answer === null) unknown.push(about);
      return answer;
    };
    const latency = async (): Promise<number> => {
      const startedAt = stopwatch();
      await database.ping();
      return Math.round((stopwatch() - startedAt) * 100) / 100;
    };

    const [latencyMs, sizeBytes, servers, round, tasks, backup, outdated] = await Promise.all([
      answered('the database', latency),
      known('the size of the database', database.sizeBytes),
      known('the servers', parts.servers.overview),
      known('the monitor', parts.monitor.lastRound),
      known('the tasks', parts.tasks.count),
      known('the backups', parts.backups),
      known('the vault', parts.vault.outdated),
    ]);
    const { rss, heapUsed, heapTotal, external } = process.memoryUsage();
    const now = clock.now();
    const secondsSince = (time: string): number => Math.max(0, Math.round((now - Date.parse(time)) / 1000));
    const facts = {
      version: parts.version,
      uptimeS: parts.uptimeS(),
      database: { engine: database.dialect, ok: latencyMs !== null, latencyMs, sizeBytes },
      memory: { rssBytes: rss, heapUsedBytes: heapUsed, heapTotalBytes: heapTotal, externalBytes: external },
      eventLoop: parts.eventLoop.read(),
      monitor: {
        lastRunAt: round?.endedAt ?? null,
        durationMs: round?.durationMs ?? null,
        servers: servers?.servers ?? null,
        stale: servers?.stale ?? null,
      },
      tasks: { queued: tasks?.queued ?? null, running: tasks?.running ?? null },
      backup: {
        lastAt: backup?.lastAt ?? null,
        lastOk: backup?.lastOk ?? null,
        ageS: backup?.lastAt == null ? null : secondsSince(backup.lastAt),
      },
      telegram: { configured: parts.telegramConfigured },
      vault: {
        activeKeyId: parts.vault.keyIds[0]!,
        keyIds: [...parts.vault.keyIds],
        outdated,
      },
    };
    const queuedForS = tasks?.oldestQueuedAt == null ? null : secondsSince(tasks.oldestQueuedAt);
    const { monitorIntervalMs } = parts;
    const runningSinceMs = now - facts.uptimeS * 1000;
    const times = { nowMs: now, runningSinceMs, intervalMs: monitorIntervalMs };
    const isStale = round !== null && isMonitorStale(round.endedAt, times);
    const quietForS = !isStale ? null : round.endedAt === null ? facts.uptimeS : secondsSince(round.endedAt);
    const reasons = degradedReasons({ ...facts, queuedForS, quietForS, monitorIntervalMs, unknown });
    return { status: reasons.length === 0 ? 'ok' : 'degraded', reasons, ...facts };
  };
}

function tooSlow(deadlineMs: number): AppError {
  return new AppError('deadline', `No answer within ${deadlineMs} ms.`);
}
