// SQL for maintenance windows. A server is held from the beginning of a window until that window is settled, see `settle`.
import { z } from 'zod';
import type { DatabaseHandle, Db } from '../db/database.ts';
import { cursorOf, pageOf, positionIn } from '../db/page-cursor.ts';
import type { MaintenanceWindowTable } from '../db/schema.ts';
import { type ServerScope, serversInScope } from '../db/servers-in-scope.ts';
import { takeTurn } from '../db/take-turn.ts';
import { type TransactionHook, withTransactionHook } from '../db/transaction-hook.ts';

export type MaintenanceWindowRow = MaintenanceWindowTable;
/** When a window begins and ends, ISO 8601. */
export type MaintenanceSpan = Pick<MaintenanceWindowRow, 'startsAt' | 'endsAt'>;
export type MaintenanceScope = ServerScope;

type WindowLimits = {
  /** Of one server; `full` makes the error for one more. */
  maxWindows: number;
  full: (serverName: string) => Error;
  /** In one call; `tooMany` makes the error for more. */
  maxServers: number;
  tooMany: () => Error;
};

/** Server, creation and id of the last window of the previous page. */
const position = z.tuple([z.string().max(64), z.iso.datetime(), z.string().max(64)]);
/** Rows and ids in one statement. */
const AT_ONCE = 100;

export type MaintenanceStore = ReturnType<typeof createMaintenanceStore>;

export function createMaintenanceStore({ db, dialect }: Pick<DatabaseHandle, 'db' | 'dialect'>) {
  /** Windows that are over stay for the moments until they are settled. */
  const listed = (trx: Db, now: string) =>
    trx
      .selectFrom('maintenanceWindows')
      .where('removedAt', 'is', null)
      .where((e) => e.or([e('kind', '!=', 'once'), e('endsAt', '>', now)]));

  return {
    async hasServers(scope: MaintenanceScope): Promise<boolean> {
      return (await serversInScope(db, scope)).length > 0;
    },

    /**
     * The same window for each server of the scope: all or none.
     * @param rowOf makes the row for a server
     * @returns nothing where the scope has no server
     * @throws what `limits` make
     */
    async insert(
      scope: MaintenanceScope,
      rowOf: (serverId: string) => MaintenanceWindowRow,
      limits: WindowLimits,
      now: string,
      also: (servers: ReadonlyArray<{ id: string; name: string }>) => TransactionHook | undefined,
    ): Promise<MaintenanceWindowRow[]> {
      return db.transaction().execute(async (trx) => {
        await takeTurn(trx, dialect, 'maintenance windows');
        const servers = await serversInScope(trx, scope);
        if (servers.length > limits.maxServers) throw limits.tooMany();
        const rows = servers.map(({ id }) => rowOf(id));
        for (let start = 0; start < servers.length; start += AT_ONCE) {
          const some = servers.slice(start, start + AT_ONCE);
          const full = await listed(trx, now)
            .select('serverId')
            .where(
              'serverId',
              'in',
              some.map(({ id }) => id),
            )
            .groupBy('serverId')
            .having((e) => e.fn.countAll<number>(), '>=', limits.maxWindows)
            .executeTakeFirst();
          if (full !== undefined)
            throw limits.full(servers.find(({ id }) => id === full.serverId)?.name ?? full.serverId);
          await trx
            .insertInto('maintenanceWindows')
            .values(rows.slice(start, start + AT_ONCE))
            .execute();
        }
        if (servers.length > 0) await also(servers)?.(trx);
        return rows;
      });
    },

    /**
     * By their servers, in the order in which they were made.
     * @throws AppError `invalid_request` for a cursor that is none
     */
    async list(
      scope: MaintenanceScope,
      { limit, cursor }: { limit: number; cursor?: string | undefined },
      now: string,
    ): Promise<{ windows: MaintenanceWindowRow[]; nextCursor: string | null }> {
      const after = cursor === undefined ? null : positionIn(cursor, position);
      const servers = (await serversInScope(db, scope)).filter(({ id }) => after === null || id >= after[0]);
      const rows: MaintenanceWindowRow[] = [];
      for (let start = 0; start < servers.length && rows.length <= limit; start += AT_ONCE) {
        const ids = servers.slice(start, start + AT_ONCE).map(({ id }) => id);
        const found = await listed(db, now)
          .selectAll()
          .where('serverId', 'in', ids)
          .$if(after !== null, (query) =>
            query.where((e) =>
              e.or([
                e('serverId', '!=', after![0]),
                e('createdAt', '>', after![1]),
                e.and([e('createdAt', '=', after![1]), e('id', '>', after![2])]),
              ]),
            ),
          )
          .orderBy('serverId')
          .orderBy('createdAt')
          .orderBy('id')
          .limit(limit + 1 - rows.length)
          .execute();
        rows.push(...found);
      }
      const { page, nextCursor } = pageOf(rows, limit, (last) =>
        cursorOf([last.serverId, last.createdAt, last.id]),
      );
      return { windows: page, nextCursor };
    },

    /**
     * Removes the windows of the scope. Those that have begun end at `now`, and go when they are settled.
     * @param windowId of that one alone
     * @returns the servers of the scope, and how many windows there were
     */
    async remove(
      scope: MaintenanceScope,
      windowId: string | null,
      now: string,
      also: (
        servers: ReadonlyArray<{ id: string; name: string }>,
        windows: number,
      ) => TransactionHook | undefined,
    ): Promise<{ servers: number; windows: number }> {
      return db.transaction().execute(async (trx) => {
        const servers = await serversInScope(trx, scope);
        let windows = 0;
        for (let start = 0; start < servers.length; start += AT_ONCE) {
          const ids = servers.slice(start, start + AT_ONCE).map(({ id }) => id);
          windows += await end(trx, ids, windowId === null ? {} : { id: windowId }, now);
        }
        if (servers.length > 0) await also(servers, windows)?.(trx);
        return { servers: servers.length, windows };
      });
    },

    /** Ends and removes what that person set, in a transaction in which that person loses the right to. */
    endOf:
      (serverId: string, userId: string, now: string): TransactionHook =>
      async (trx) => {
        await end(trx, [serverId], { createdBy: userId }, now);
      },

    /** Servers in maintenance now: since when, and until when. Of these alone, or of all. */
    async active(now: string, serverId?: string): Promise<Array<{ serverId: string } & MaintenanceSpan>> {
      return db
        .selectFrom('maintenanceWindows')
        .select((e) => ['serverId', e.fn.min('startsAt').as('startsAt'), e.fn.max('endsAt').as('endsAt')])
        .where('startsAt', '<=', now)
        .where('endsAt', '>', now)
        .$if(serverId !== undefined, (query) => query.where('serverId', '=', serverId!))
        .groupBy('serverId')
        .execute();
    },

    /** Windows that have ended and are not settled yet, the one that ended first before the others. */
    async ended(now: string, limit: number): Promise<MaintenanceWindowRow[]> {
      return db
        .selectFrom('maintenanceWindows')
        .selectAll()
        .where('endsAt', '<=', now)
        .orderBy('endsAt')
        .limit(limit)
        .execute();
    },

    /**
     * Deals with a window that has ended: runs `holdBack`, and sets its next time, or removes it where there is none.
     * Once, of all Buoys: false for one that comes later.
     */
    async settle(
      { id, serverId, endsAt }: MaintenanceWindowRow,
      next: MaintenanceSpan | null,
      holdBack: TransactionHook,
    ): Promise<boolean> {
      return withTransactionHook(db, holdBack, async (trx) => {
        // Locks the row of the server, as a check does that stores what it saw.
        await trx
          .updateTable('servers')
          .set((e) => ({ version: e.ref('version') }))
          .where('id', '=', serverId)
          .execute();
        if (next === null) {
          const gone = await trx
            .deleteFrom('maintenanceWindows')
            .where('id', '=', id)
            .where('endsAt', '=', endsAt)
            .executeTakeFirst();
          return gone.numDeletedRows === 1n;
        }
        const set = await trx
          .updateTable('maintenanceWindows')
          .set(next)
          .where('id', '=', id)
          .where('endsAt', '=', endsAt)
          // Removed meanwhile: the next look removes it.
          .where('removedAt', 'is', null)
          .executeTakeFirst();
        return set.numUpdatedRows === 1n;
      });
    },
  };
}

/** Those that have begun end at `now`, and go when they are settled. Answers how many there were. */
async function end(
  trx: Db,
  serverIds: readonly string[],
  which: Partial<Pick<MaintenanceWindowRow, 'id' | 'createdBy'>>,
  now: string,
): Promise<number> {
  const removed = await trx
    .deleteFrom('maintenanceWindows')
    .where('serverId', 'in', serverIds)
    .where('removedAt', 'is', null)
    .where('startsAt', '>', now)
    .$if(which.id !== undefined, (query) => query.where('id', '=', which.id!))
    .$if(which.createdBy !== undefined, (query) => query.where('createdBy', '=', which.createdBy!))
    .executeTakeFirst();
  const ended = await trx
    .updateTable('maintenanceWindows')
    .set((e) => ({
      removedAt: now,
      // One that has just ended by itself keeps its end.
      endsAt: e.case().when('endsAt', '>', now).then(now).else(e.ref('endsAt')).end(),
    }))
    .where('serverId', 'in', serverIds)
    .where('removedAt', 'is', null)
    .where('startsAt', '<=', now)
    .$if(which.id !== undefined, (query) => query.where('id', '=', which.id!))
    .$if(which.createdBy !== undefined, (query) => query.where('createdBy', '=', which.createdBy!))
    .executeTakeFirst();
  return Number(removed.numDeletedRows) + Number(ended.numUpdatedRows);
}
