// How far a rollout is, from what is stored of it and of its tasks.
import {
  componentUpdated,
  type Rollout,
  rolloutServerStatus,
  rolloutStatus,
  type Task,
  type TaskError,
  taskError,
} from '@buoy/contract';
import { isoTime } from '../lib/clock.ts';
import type { UpdateOutcome } from './rollout-updates.store.ts';
import type { RolloutRecord } from './rollouts.store.ts';

type ServerRecord = RolloutRecord['servers'][number];

/** Servers that start together, and when, in milliseconds; null while nothing waits, or an earlier wave is under way. */
export function nextWaveOf({
  servers,
  pauseS,
}: RolloutRecord): { servers: ServerRecord[]; dueAtMs: number } | null {
  const pending = servers.filter(({ status }) => status === 'pending');
  if (pending.length === 0) return null;
  const wave = Math.min(...pending.map((server) => server.wave));
  const earlier = servers.filter((server) => server.wave < wave);
  if (earlier.some(({ status }) => status === 'running')) return null;
  const hasBegun = servers.some((server) => server.wave === wave && server.taskId !== null);
  const ends = earlier
    .filter(({ taskId }) => taskId !== null)
    .map(({ finishedAt }) => Date.parse(finishedAt ?? ''));
  const dueAtMs = hasBegun || ends.length === 0 ? 0 : Math.max(...ends) + pauseS * 1000;
  return { servers: pending.filter((server) => server.wave === wave), dueAtMs };
}

/** What a running rollout becomes by itself; null: it goes on. */
export function endOf({ servers }: RolloutRecord): 'stopped' | 'succeeded' | null {
  if (servers.some(({ status }) => status === 'failed' || status === 'rolled_back')) return 'stopped';
  const isOpen = servers.some(({ status }) => status === 'pending' || status === 'running');
  return isOpen ? null : 'succeeded';
}

/** @param task null: it is gone with its server */
export function outcomeOf(task: Task | null, at: string): UpdateOutcome {
  if (task === null) return removedBefore(at);
  const result = componentUpdated.safeParse(task.result).data;
  const ended = { from: result?.from ?? null, to: result?.to ?? null, finishedAt: task.finishedAt ?? at };
  if (task.status === 'succeeded')
    return result !== undefined && result.from === result.to
      ? {
          ...ended,
          status: 'skipped',
          error: failure('conflict', `OpenClaw ${result.to} is installed already.`),
        }
      : { ...ended, status: 'updated', error: null };
  return {
    ...ended,
    status: result?.rolledBack === true ? 'rolled_back' : 'failed',
    error: task.error ?? failure('cancelled', 'The update was cancelled.'),
  };
}

/** Of a server that is gone: there is nothing to update, and nothing that anybody could mend. */
export function removedBefore(at: string): UpdateOutcome {
  return {
    ...{ status: 'skipped', from: null, finishedAt: at },
    error: failure('not_found', 'The server was removed.'),
  };
}

/** Of a server whose update had not begun when the rollout was cancelled. */
export function cancelledBefore(at: string): UpdateOutcome & { error: TaskError } {
  return {
    ...{ status: 'skipped', from: null, finishedAt: at },
    error: failure('cancelled', 'The rollout was cancelled before this server.'),
  };
}

/**
 * @param isVisible which servers the caller sees now: the others are left out
 * @param nextStartMs when its next update may start; null: nothing waits for its time
 */
export function presentRollout(
  record: RolloutRecord,
  isVisible: (of: { serverId: string }) => boolean,
  nextStartMs: number | null,
): Rollout & { id: string } {
  const { id, version, createdBy, createdAt, finishedAt } = record;
  const status = rolloutStatus.parse(record.status);
  const waves = Map.groupBy(record.servers.filter(isVisible), ({ wave }) => wave);
  return {
    ...{ id, component: 'openclaw', version, status, createdBy, createdAt, finishedAt },
    nextWaveAt: nextStartMs === null ? null : isoTime(nextStartMs),
    waves: [...waves.values()].map((servers) =>
      servers.map(({ serverId, name, fromVersion, toVersion, taskId, ...server }) => ({
        ...{ serverId, name, from: fromVersion, to: toVersion, taskId },
        status: rolloutServerStatus.parse(server.status),
        error: server.error === null ? null : taskError.parse(JSON.parse(server.error)),
      })),
    ),
  };
}

function failure(code: string, message: string): TaskError {
  return { code, message, hint: null };
}
