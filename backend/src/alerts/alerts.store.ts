// SQL for alerts: one open alert for each condition on a server, and the read marks of each person.
import type { AlertType } from '@buoy/contract';
import type { Db } from '../db/database.ts';
import { pageOf } from '../db/page-cursor.ts';
import type { AlertTable } from '../db/schema.ts';
import { type TransactionHook, withTransactionHook } from '../db/transaction-hook.ts';
import {
  type ActiveCondition,
  type AlertEventKind,
  insertAlertEvents,
  insertAlerts,
  newAlert,
  removeResolvedBeyond,
  renewAlerts,
} from './alert-changes.store.ts';
import { type AlertFilter, countOpenIn, cursorBehind, idsInOrder, positionOf } from './alert-list.store.ts';
import { alertKeyText } from './condition.ts';

export type AlertRow = AlertTable;
type ReadAlertRow = AlertRow & { readAt: string | null };

/** The result of one check of a server. */
export type ObservedConditions = {
  active: readonly ActiveCondition[];
  /** Whether an open alert that was not seen again is over. */
  isOver(alert: AlertRow): boolean;
  /** Open alerts of the server at most; `restOf` makes one of those beyond. */
  maxOpen: number;
  restOf(type: AlertType, count: number): ActiveCondition;
  /** Resolved alerts of the server that stay. */
  maxResolved: number;
};

/** Snoozes that end in one transaction. */
const SNOOZES_AT_ONCE = 200;

export type AlertStore = ReturnType<typeof createAlertStore>;

export function createAlertStore(db: Db) {
  const find = async (id: string): Promise<AlertRow | undefined> =>
    db.selectFrom('alerts').selectAll().where('id', '=', id).executeTakeFirst();

  /** Changes an open alert and marks it read for the person; false when it is no longer open. */
  const decide = (
    id: string,
    by: { userId: string; now: string },
    change: Partial<AlertRow>,
    event: AlertEventKind,
    also?: TransactionHook,
  ): Promise<boolean> =>
    withTransactionHook(db, also, async (trx) => {
      const changed = await trx
        .updateTable('alerts')
        .set(change)
        .where('id', '=', id)
        .where('resolvedAt', 'is', null)
        .returning(['id', 'serverId'])
        .executeTakeFirst();
      if (changed === undefined) return false;
      await addRead(trx, id, by);
      await insertAlertEvents(trx, [changed], event, by.now);
      return true;
    });

  return {
    find,

    /** All that are open on a server, the newest first. */
    async open(serverId: string): Promise<AlertRow[]> {
      return db
        .selectFrom('alerts')
        .selectAll()
        .where('serverId', '=', serverId)
        .where('resolvedAt', 'is', null)
        .orderBy('firstAt', 'desc')
        .orderBy('id', 'desc')
        .execute();
    },

    /** The same, with when that person has read each. */
    async openReadBy(serverId: string, userId: string): Promise<ReadAlertRow[]> {
      return withReads(db, userId)
        .where('serverId', '=', serverId)
        .where('resolvedAt', 'is', null)
        .orderBy('firstAt', 'desc')
        .orderBy('id', 'desc')
        .execute();
    },

    /**
     * Stores the result of one check: opens or updates an alert for each condition, and resolves the open ones for which `isOver` holds.
     * It opens a limited number, and one alert for the rest. An alert that becomes worse loses its acknowledgement, snooze and read marks,
     * so that it is announced again. Returns the alerts that it opened and resolved; null when the server was deleted in the meantime.
     */
    async record(
      serverId: string,
      { active, isOver, restOf, maxOpen, maxResolved }: ObservedConditions,
      now: string,
    ): Promise<{ opened: AlertRow[]; resolved: AlertRow[] } | null> {
      return db.transaction().execute(async (trx) => {
        // Locks the row, so that two checks of the same server are stored one after the other.
        const held = await trx
          .updateTable('servers')
          .set((e) => ({ version: e.ref('version') }))
          .where('id', '=', serverId)
          .executeTakeFirst();
        if (held.numUpdatedRows === 0n) return null;
        const before = await trx
          .selectFrom('alerts')
          .selectAll()
          .where('serverId', '=', serverId)
          .where('resolvedAt', 'is', null)
          .execute();
        const known = new Map(before.map((alert) => [alertKeyText(alert), alert]));
        const seen = new Map(active.map((condition) => [alertKeyText(condition), condition]));
        const unseen = before.filter((alert) => !seen.has(alertKeyText(alert)) && isOver(alert));
        const added = [...seen.values()].filter((condition) => !known.has(alertKeyText(condition)));
        const room = Math.max(0, maxOpen - (before.length - unseen.length));
        // Conditions of the server as a whole have no subject, and always get an alert.
        const single = added.filter(({ subject }) => subject === '');
        // Critical ones first: what has no room shares one warning.
        const several = added
          .filter(({ subject }) => subject !== '')
          .toSorted((one, other) => weightOf(one) - weightOf(other));
        const untold = several.slice(room);
        for (const [type, count] of countsOf(untold.map((condition) => condition.type))) {
          const rest = restOf(type, count);
          if (seen.has(alertKeyText(rest))) continue;
          seen.set(alertKeyText(rest), rest);
          if (!known.has(alertKeyText(rest))) single.push(rest);
        }
        const over = unseen.filter((alert) => !seen.has(alertKeyText(alert)));
        const opened = [...single, ...several.slice(0, room)].map((one) => newAlert(serverId, one, now));
        await insertAlerts(trx, opened);
        await insertAlertEvents(trx, opened, 'firing', now);
        await renewAlerts(trx, before, seen, now);
        if (over.length > 0) {
          await trx
            .updateTable('alerts')
            .set({ resolvedAt: now, remindAt: null })
            .where('id', 'in', idsOf(over))
            .execute();
          await insertAlertEvents(trx, over, 'resolved', now);
          await removeResolvedBeyond(trx, serverId, maxResolved);
        }
        return { opened, resolved: over.map((alert) => ({ ...alert, resolvedAt: now })) };
      });
    },

    /** Those that are not resolved first, then by their beginning, the newest first. Throws `invalid_request` for a cursor that is none. */
    async list(
      filter: AlertFilter,
      userId: string,
      { limit, cursor }: { limit: number; cursor?: string | undefined },
    ): Promise<{ alerts: ReadAlertRow[]; nextCursor: string | null }> {
      const after = cursor === undefined ? null : positionOf(cursor);
      const ids = await idsInOrder(db, filter, { limit: limit + 1, after });
      if (ids.length === 0) return { alerts: [], nextCursor: null };
      const found = await withReads(db, userId).where('alerts.id', 'in', ids).execute();
      const rowOf = new Map(found.map((row) => [row.id, row]));
      const rows = ids.map((id) => rowOf.get(id)).filter((row) => row !== undefined);
      const { page, nextCursor } = pageOf(rows, limit, cursorBehind);
      return { alerts: page, nextCursor };
    },

    /** How many of those on these servers (null: all) are open and not read by that person. */
    async countUnread(serverIds: readonly string[] | null, userId: string): Promise<number> {
      return countOpenIn(db, { serverIds, unreadBy: userId });
    },

    /** How many are open, by severity. */
    async countOpen(): Promise<Array<{ severity: string; count: number }>> {
      return db
        .selectFrom('alerts')
        .select((e) => ['severity', e.fn.countAll<number>().as('count')])
        .where('resolvedAt', 'is', null)
        .groupBy('severity')
        .execute();
    },

    /** When that person has read it; null: not yet. */
    async readAt(id: string, userId: string): Promise<string | null> {
      const row = await db
        .selectFrom('alertReads')
        .select('readAt')
        .where('alertId', '=', id)
        .where('userId', '=', userId)
        .executeTakeFirst();
      return row?.readAt ?? null;
    },

    /** The first read counts. False when the alert no longer exists. */
    async markRead(
      id: string,
      by: { userId: string; now: string },
      also?: TransactionHook,
    ): Promise<boolean> {
      return withTransactionHook(db, also, async (trx) => {
        const found = await trx.selectFrom('alerts').select('id').where('id', '=', id).executeTakeFirst();
        if (found === undefined) return false;
        await addRead(trx, id, by);
        return true;
      });
    },

    /** Also ends a snooze. */
    acknowledge: (
      id: string,
      by: { userId: string; now: string },
      also?: TransactionHook,
    ): Promise<boolean> =>
      decide(
        id,
        by,
        { acknowledgedAt: by.now, acknowledgedBy: by.userId, snoozedUntil: null, remindAt: null },
        'acknowledged',
        also,
      ),

    /** Also ends an acknowledgement: the alert is announced again after the snooze. */
    snooze: (
      id: string,
      until: string,
      by: { userId: string; now: string },
      also?: TransactionHook,
    ): Promise<boolean> =>
      decide(
        id,
        by,
        { snoozedUntil: until, acknowledgedAt: null, acknowledgedBy: null, remindAt: null },
        'snoozed',
        also,
      ),

    /** Ends some of the snoozes that are over: an alert that still holds is told again. Answers how many. */
    async endSnoozes(now: string): Promise<number> {
      const due = await db
        .selectFrom('alerts')
        .select('id')
        .where('snoozedUntil', '<=', now)
        .where('resolvedAt', 'is', null)
        .limit(SNOOZES_AT_ONCE)
        .execute();
      if (due.length === 0) return 0;
      return db.transaction().execute(async (trx) => {
        const ended = await trx
          .updateTable('alerts')
          .set({ snoozedUntil: null })
          .where('id', 'in', idsOf(due))
          .where('resolvedAt', 'is', null)
          .where('snoozedUntil', '<=', now)
          .returning(['id', 'serverId'])
          .execute();
        await insertAlertEvents(trx, ended, 'firing', now);
        return ended.length;
      });
    },

    /** Removes up to `max` alerts that were resolved before `before`; answers how many. */
    async removeResolved(before: string, max: number): Promise<number> {
      const removed = await db
        .deleteFrom('alerts')
        .where('id', 'in', (e) =>
          e
            .selectFrom('alerts')
            .select('id')
            .where('resolvedAt', '<', before)
            .orderBy('resolvedAt')
            .limit(max),
        )
        .executeTakeFirst();
      return Number(removed.numDeletedRows);
    },
  };
}

function idsOf(alerts: ReadonlyArray<{ id: string }>): string[] {
  return alerts.map(({ id }) => id);
}

function weightOf({ severity }: Pick<AlertRow, 'severity'>): number {
  return severity === 'critical' ? 0 : 1;
}

function countsOf(types: readonly AlertType[]): Map<AlertType, number> {
  const counts = new Map<AlertType, number>();
  for (const type of types) counts.set(type, (counts.get(type) ?? 0) + 1);
  return counts;
}

function withReads(db: Db, userId: string) {
  return db
    .selectFrom('alerts')
    .leftJoin('alertReads', (join) =>
      join.onRef('alertReads.alertId', '=', 'alerts.id').on('alertReads.userId', '=', userId),
    )
    .selectAll('alerts')
    .select('alertReads.readAt');
}

async function addRead(
  trx: Db,
  alertId: string,
  { userId, now }: { userId: string; now: string },
): Promise<void> {
  await trx
    .insertInto('alertReads')
    .values({ alertId, userId, readAt: now })
    .onConflict((conflict) => conflict.columns(['alertId', 'userId']).doNothing())
    .execute();
}
