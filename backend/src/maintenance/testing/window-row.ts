// A row of the maintenance windows in one line, for every test that needs one.
import type { MaintenanceWindowTable } from '../../db/schema.ts';

/** A window that is there once, with what the test cares about in `changes`. */
export function windowRow(
  serverId: string,
  changes: Partial<MaintenanceWindowTable> & Pick<MaintenanceWindowTable, 'startsAt' | 'endsAt'>,
): MaintenanceWindowTable {
  const { startsAt: from, endsAt: to } = changes;
  return {
    ...{ id: `mnt_${serverId}`, serverId, kind: 'once', definition: JSON.stringify({ from, to }) },
    ...{ reason: null, removedAt: null, createdBy: 'ada', createdAt: from },
    ...changes,
  };
}
