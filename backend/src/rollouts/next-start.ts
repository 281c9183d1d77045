// When the next update of a rollout may start: after the pause between two waves, and in the update windows of its servers.
import type { Clock } from '../lib/clock.ts';
import type { UpdatePolicies } from '../update-policies/update-policies.ts';
import { nextWaveOf } from './progress.ts';
import type { RolloutRecord } from './rollouts.store.ts';

type WaitingServer = { serverId: string };

/** Moments in milliseconds since the epoch; null: nothing waits for its time. `share` is whose turns of the event loop it takes. */
export type NextStarts = {
  /** Of rollouts that are stored, by the servers that the caller sees: windows of the others are not shown. */
  ofRollouts(
    records: readonly RolloutRecord[],
    caller: { isVisible: (of: WaitingServer) => boolean; share: string },
  ): Promise<(rollout: RolloutRecord) => number | null>;
  /** Of servers that would start now. */
  ofWave(servers: readonly WaitingServer[], share: string): Promise<number | null>;
};

export function createNextStarts(parts: {
  updatePolicies: Pick<UpdatePolicies, 'ofServers' | 'opensAt'>;
  clock: Clock;
  myTurn: (share: string) => Promise<void>;
}): NextStarts {
  const { updatePolicies, clock, myTurn } = parts;
  type PoliciesOf = Awaited<ReturnType<UpdatePolicies['ofServers']>>;

  const policiesFor = (servers: readonly WaitingServer[]): Promise<PoliciesOf> =>
    updatePolicies.ofServers([...new Set(servers.map(({ serverId }) => serverId))]);

  /** From `fromMs` on, when the first of them may be updated; null: none within three weeks. */
  const firstOpening = async (
    servers: readonly WaitingServer[],
    fromMs: number,
    { policiesOf, share }: { policiesOf: PoliciesOf; share: string },
  ): Promise<number | null> => {
    let first: number | null = null;
    for (const policies of new Set(servers.map(({ serverId }) => policiesOf(serverId)))) {
      if (policies.windows.length > 0) await myTurn(share);
      const opensAt = updatePolicies.opensAt(policies, fromMs);
      if (opensAt !== null && (first === null || opensAt < first)) first = opensAt;
      if (first === fromMs) break;
    }
    return first;
  };

  return {
    async ofRollouts(records, { isVisible, share }) {
      const next = records.flatMap((record) => {
        const seen = { ...record, servers: record.servers.filter(isVisible) };
        const wave = record.status === 'running' ? nextWaveOf(seen) : null;
        return wave === null ? [] : [{ record, ...wave }];
      });
      const policiesOf = await policiesFor(next.flatMap(({ servers }) => servers));
      const starts = new Map<RolloutRecord, number | null>();
      for (const { record, servers, dueAtMs } of next) {
        const now = clock.now();
        const opensAt = await firstOpening(servers, Math.max(now, dueAtMs), { policiesOf, share });
        const afterPause = dueAtMs === 0 ? null : dueAtMs;
        starts.set(record, opensAt !== null && opensAt > now ? opensAt : afterPause);
      }
      return (rollout) => starts.get(rollout) ?? null;
    },

    async ofWave(servers, share) {
      const now = clock.now();
      const opensAt = await firstOpening(servers, now, { policiesOf: await policiesFor(servers), share });
      return opensAt === now ? null : opensAt;
    },
  };
}
