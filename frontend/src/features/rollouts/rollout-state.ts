// How far a rollout is, whether it goes on by itself, and what a person can do about it.
import type { Rollout, RolloutServer } from '@buoy/contract';

/** `skipFailed`: resume without the servers that failed. */
export type RolloutAct = 'pause' | 'resume' | 'skipFailed' | 'cancel';

/** Numbers of servers; the rest of `all` waits for its update, or is being updated. */
export type RolloutCounts = { updated: number; failed: number; skipped: number; all: number };

/**
 * - `moving`: it changes by itself; updates that run also end while it is paused, stopped or cancelled
 * - `waiting`: it goes on when a person says so
 */
export type RolloutPhase = 'moving' | 'waiting' | 'ended';

export function progressOf({ waves }: Pick<Rollout, 'waves'>): RolloutCounts {
  const servers = waves.flat();
  const count = (...statuses: RolloutServer['status'][]) =>
    servers.filter(({ status }) => statuses.includes(status)).length;
  return {
    updated: count('updated'),
    failed: count('failed', 'rolled_back'),
    skipped: count('skipped'),
    all: servers.length,
  };
}

/** In the order of their buttons. An update that runs may also fail while its rollout is paused. */
export function actsFor(rollout: Pick<Rollout, 'status' | 'waves'>): readonly RolloutAct[] {
  switch (rollout.status) {
    case 'running':
      return ['pause', 'cancel'];
    case 'paused':
    case 'stopped':
      return progressOf(rollout).failed > 0 ? ['resume', 'skipFailed', 'cancel'] : ['resume', 'cancel'];
    case 'planned':
    case 'succeeded':
    case 'cancelled':
      return [];
  }
}

export function phaseOf({ status, waves }: Pick<Rollout, 'status' | 'waves'>): RolloutPhase {
  const isMoving = status === 'planned' || status === 'running';
  if (isMoving || waves.flat().some((server) => server.status === 'running')) return 'moving';
  return status === 'succeeded' || status === 'cancelled' ? 'ended' : 'waiting';
}
