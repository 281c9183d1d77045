// Which version each server of a new rollout gets, by the update policies of its owner.
import type { Server } from '@buoy/contract';
import { AppError, isAppError } from '../lib/app-error.ts';
import type { Clock } from '../lib/clock.ts';
import { compareVersions } from '../lib/compare-versions.ts';
import {
  neverOpen,
  type ServerPolicies,
  targetUnder,
  type UpdatePolicies,
} from '../update-policies/update-policies.ts';

export type RolloutTargets = {
  /** Of the rollout: what a server without a pin gets; where all are pinned, the newest of the pins. */
  version: string;
  /** The exact version that a server gets. */
  of(serverId: string): string;
};

/**
 * @param request.wanted an exact version, or `latest`
 * @param request.newest of OpenClaw; null: not known, or not asked for
 * @throws AppError `conflict` where policies allow no such update, `registry_failed` where the newest version is needed and not known
 */
export type FindTargets = (
  servers: ReadonlyArray<Pick<Server, 'id' | 'name'>>,
  request: { wanted: string; newest: string | null; share: string },
) => Promise<RolloutTargets>;

/** @param parts.myTurn for the search through the windows of hundreds of servers */
export function createFindTargets(parts: {
  updatePolicies: Pick<UpdatePolicies, 'ofServers' | 'opensAt'>;
  clock: Clock;
  myTurn: (share: string) => Promise<void>;
}): FindTargets {
  const { updatePolicies, clock, myTurn } = parts;
  return async (servers, { wanted, newest, share }) => {
    const policiesOf = await updatePolicies.ofServers(servers.map(({ id }) => id));
    const checked = new Set<ServerPolicies>();
    const targets = new Map<string, string>();
    for (const { id, name } of servers) {
      const policies = policiesOf(id);
      const target = onServer(name, () => targetUnder(policies, wanted));
      if (target === 'latest' && newest === null) throw newestUnknown();
      targets.set(id, target === 'latest' ? newest! : target);
      if (checked.has(policies)) continue;
      checked.add(policies);
      if (policies.windows.length > 0) await myTurn(share);
      onServer(name, () => {
        if (updatePolicies.opensAt(policies, clock.now()) === null) throw neverOpen(policies);
      });
    }
    const version = wanted === 'latest' ? versionFor([...targets.values()], newest) : wanted;
    return { version, of: (serverId) => targets.get(serverId) ?? version };
  };
}

function versionFor(targets: readonly string[], newest: string | null): string {
  if (newest !== null && targets.includes(newest)) return newest;
  return targets.reduce((one, other) => ((compareVersions(other, one) ?? 0) > 0 ? other : one));
}

/** Names the server in a refusal: a rollout has many. */
function onServer<T>(name: string, decide: () => T): T {
  try {
    return decide();
  } catch (cause) {
    if (!isAppError(cause, 'conflict')) throw cause;
    throw new AppError('conflict', `${name}: ${cause.message}`, { hint: cause.hint, cause });
  }
}

function newestUnknown(): AppError {
  return new AppError(
    'registry_failed',
    'The registry did not say which version of OpenClaw is the newest.',
    {
      hint: 'Try again in a minute, or name a version.',
    },
  );
}
