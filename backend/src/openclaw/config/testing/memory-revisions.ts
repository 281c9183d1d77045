// The revision store in memory, for tests of the modules above it.
import type { RevisionRow, RevisionStore } from '../revisions.store.ts';

export function createMemoryRevisions(): RevisionStore & { rows: RevisionRow[] } {
  const rows: RevisionRow[] = [];
  const last = (is: (row: RevisionRow) => boolean) => Promise.resolve(rows.findLast(is) ?? null);
  return {
    rows,
    add(revision) {
      const rev = rows.length + 1;
      rows.push({ ...revision, rev });
      return Promise.resolve(rev);
    },
    latest: (serverId) => last((row) => row.serverId === serverId),
    find: (serverId, rev) => last((row) => row.serverId === serverId && row.rev === rev),
    readable: (serverId, rev) =>
      last((row) => row.serverId === serverId && row.rev <= rev && row.config !== null),
    withHash: (serverId, hash) =>
      last((row) => row.serverId === serverId && row.hash === hash && row.config !== null),
    list: (serverId, before, limit) =>
      Promise.resolve(
        rows
          .filter((row) => row.serverId === serverId && (before === null || row.rev < before))
          .reverse()
          .slice(0, limit),
      ),
  };
}
