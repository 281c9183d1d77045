// A snapshot store without a database; what is put goes through JSON, as in the real one.
import type { SnapshotStore } from '../reads/snapshots.store.ts';

export type SnapshotsInMemory = SnapshotStore & {
  rows: Map<string, { payload: unknown; observedAt: string }>;
};

export function createSnapshotsInMemory(): SnapshotsInMemory {
  const rows: SnapshotsInMemory['rows'] = new Map();
  return {
    rows,
    async put(serverId, kind, payload, observedAt) {
      rows.set(`${serverId} ${kind}`, { payload: JSON.parse(JSON.stringify(payload)), observedAt });
    },
    async find(serverId, kind) {
      return rows.get(`${serverId} ${kind}`) ?? null;
    },
  };
}
