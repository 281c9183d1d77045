// SQL for monitoring rounds: when the next one is due, which Buoy takes it, how the last one went, and the servers to check.
import type { Db } from '../db/database.ts';
import { addressAnswerer } from '../lib/address-answerer.ts';

/** `enteredBy`: who answers for its address, see `addressAnswerer`. */
export type MonitoredServer = { serverId: string; enteredBy: string; everAnswered: boolean };

export type LastRound = { endedAt: string | null; durationMs: number | null };

export type MonitorStore = ReturnType<typeof createMonitorStore>;

/** The one row. */
const ID = 1;

export function createMonitorStore(db: Db) {
  return {
    /** When the next round is due; at `latest` where that is not said yet, or where it was said for a longer interval. */
    async dueAt(latest: string): Promise<string> {
      await db
        .insertInto('monitorRounds')
        .values({ id: ID, dueAt: latest, endedAt: null, durationMs: null, staleSince: null })
        .onConflict((conflict) => conflict.column('id').doNothing())
        .execute();
      await db
        .updateTable('monitorRounds')
        .set({ dueAt: latest })
        .where('id', '=', ID)
        .where('dueAt', '>', latest)
        .execute();
      const { dueAt } = await db
        .selectFrom('monitorRounds')
        .select('dueAt')
        .where('id', '=', ID)
        .executeTakeFirstOrThrow();
      return dueAt;
    },

    /** Takes the round that is due at `now`; false when none is, or another Buoy has taken it. */
    async take(now: string, nextDueAt: string): Promise<boolean> {
      const taken = await db
        .updateTable('monitorRounds')
        .set({ dueAt: nextDueAt })
        .where('id', '=', ID)
        .where('dueAt', '<=', now)
        .executeTakeFirst();
      return taken.numUpdatedRows === 1n;
    },

    async ended(endedAt: string, durationMs: number): Promise<void> {
      await db.updateTable('monitorRounds').set({ endedAt, durationMs }).where('id', '=', ID).execute();
    },

    async last(): Promise<LastRound> {
      const row = await db
        .selectFrom('monitorRounds')
        .select(['endedAt', 'durationMs'])
        .where('id', '=', ID)
        .executeTakeFirst();
      return row ?? { endedAt: null, durationMs: null };
    },

    /** The servers to check, longest unchecked first. In maintenance, too: their state is to be known at its end. */
    servers: (): Promise<MonitoredServer[]> => monitored(db),

    /** That one of them; undefined where it is gone. */
    async server(serverId: string): Promise<MonitoredServer | undefined> {
      const [found] = await monitored(db, serverId);
      return found;
    },
  };
}

async function monitored(db: Db, serverId?: string): Promise<MonitoredServer[]> {
  const rows = await db
    .selectFrom('serverStatuses')
    .innerJoin('servers', 'servers.id', 'serverStatuses.serverId')
    .leftJoin('grants as ownership', (join) =>
      join.onRef('ownership.serverId', '=', 'servers.id').on('ownership.role', '=', 'owner'),
    )
    // A super-admin without a role has no share with servers of their own: nobody gains by that.
    .leftJoin('grants as entry', (join) =>
      join
        .onRef('entry.serverId', '=', 'servers.id')
        .onRef('entry.userId', '=', 'servers.enteredBy')
        .on('entry.role', 'in', ['owner', 'admin']),
    )
    .leftJoin('users as enterers', 'enterers.id', 'servers.enteredBy')
    .select([
      ...(['serverStatuses.serverId', 'serverStatuses.state', 'serverStatuses.openclawInstalled'] as const),
      ...(['servers.enteredBy', 'entry.role as enteredByRole', 'enterers.disabledAt'] as const),
      ...(['ownership.userId as ownerId', 'ownership.grantedBy as ownershipBy'] as const),
    ])
    .$if(serverId !== undefined, (query) => query.where('serverStatuses.serverId', '=', serverId!))
    .orderBy('serverStatuses.checkedAt')
    .orderBy('serverStatuses.serverId')
    .execute();
  return rows.map(({ serverId, state, openclawInstalled, enteredByRole, disabledAt, ...server }) => ({
    serverId,
    enteredBy: addressAnswerer(server, enteredByRole !== null && disabledAt === null),
    everAnswered: openclawInstalled !== null || state === 'up' || state === 'down',
  }));
}
