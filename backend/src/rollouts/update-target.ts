// The version that an update takes, asked for as late as may be: policies may have changed since it was planned, and its rollout may wait by now.
import type { Clock } from '../lib/clock.ts';
import { neverOpen, targetUnder, type UpdatePolicies } from '../update-policies/update-policies.ts';
import type { RolloutUpdate } from './rollout-updates.store.ts';
import type { RolloutStore } from './rollouts.store.ts';
import { notContinued, windowClosed } from './withdrawal.ts';

/**
 * What a server of a rollout is updated to now; null: its update window is closed.
 * @param plan.wanted what the rollout was asked for; null: the exact version `planned`
 * @throws AppError `conflict` where policies allow no such update, now or ever
 */
type FindRolloutTarget = (
  serverId: string,
  plan: Pick<RolloutUpdate, 'wanted' | 'planned'>,
) => Promise<string | null>;

export function createFindRolloutTarget(parts: {
  updatePolicies: Pick<UpdatePolicies, 'ofServer' | 'opensAt'>;
  clock: Clock;
}): FindRolloutTarget {
  const { updatePolicies, clock } = parts;
  return async (serverId, { wanted, planned }) => {
    const policies = await updatePolicies.ofServer(serverId);
    const target = targetUnder(policies, wanted === 'latest' ? wanted : planned);
    const from = clock.now();
    const opensAt = updatePolicies.opensAt(policies, from);
    if (opensAt === null) throw neverOpen(policies);
    if (opensAt > from) return null;
    // What was planned, also where that was a pin which has been removed.
    return target === 'latest' ? planned : target;
  };
}

/**
 * For the first step of an update: the exact version that it installs, or `latest`.
 * @param update.wanted what the task was started with
 * @throws AppError `conflict` where policies allow no such update; `withdrawn` where the update is one of a rollout that no longer runs, or
 * whose window for this server has closed
 */
type FindUpdateTarget = (update: { taskId: string; serverId: string; wanted: string }) => Promise<string>;

export function createFindUpdateTarget(parts: {
  store: Pick<RolloutStore, 'updateOf'>;
  updatePolicies: Pick<UpdatePolicies, 'ofServer' | 'opensAt' | 'targetOf'>;
  clock: Clock;
}): FindUpdateTarget {
  const { store, updatePolicies } = parts;
  const findRolloutTarget = createFindRolloutTarget(parts);
  return async ({ taskId, serverId, wanted }) => {
    const update = await store.updateOf(taskId);
    if (update === null) return updatePolicies.targetOf(serverId, wanted);
    if (update.status !== 'running' || update.hasFailure) throw notContinued(update.status);
    const target = await findRolloutTarget(serverId, update);
    if (target === null) throw windowClosed();
    return target;
  };
}
