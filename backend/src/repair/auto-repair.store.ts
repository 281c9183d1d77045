// SQL for automatic repair: the setting of each server, and the restarts that came of it.
import type { Db } from '../db/database.ts';
import type { AutoRepairRunTable, AutoRepairTable, UserTable } from '../db/schema.ts';
import { type TransactionHook, withTransactionHook } from '../db/transaction-hook.ts';
import { newId } from '../lib/ids.ts';

/** Servers that are read at once, and restarts. */
const AT_ONCE = 200;

/** `setter`: null for a person who is gone. */
export type AutoRepairRow = AutoRepairTable & {
  setter: Pick<UserTable, 'id' | 'username' | 'firstName' | 'lastName' | 'displayName'> | null;
};
/** A gateway that is down, where a restart is allowed. */
export type Candidate = Pick<AutoRepairTable, 'serverId' | 'setBy'> & { alertId: string; serverName: string };

type Claim = { serverId: string; alertId: string; taskId: string; setBy: string; name: string };
/** ISO 8601: `dayAgo` from when on restarts count, `forgetBefore` until when they are forgotten. */
type Times = { now: string; dayAgo: string; forgetBefore: string };

export type AutoRepairStore = ReturnType<typeof createAutoRepairStore>;

export function createAutoRepairStore(db: Db) {
  const runsSince = async (trx: Db, serverId: string, since: string): Promise<number> => {
    const { count } = await trx
      .selectFrom('autoRepairRuns')
      .select((e) => e.fn.countAll<number>().as('count'))
      .where('serverId', '=', serverId)
      .where('at', '>', since)
      .executeTakeFirstOrThrow();
    return Number(count);
  };

  return {
    /** null: nobody has set it. */
    async find(serverId: string): Promise<AutoRepairRow | null> {
      const row = await db
        .selectFrom('autoRepairs')
        .selectAll()
        .where('serverId', '=', serverId)
        .executeTakeFirst();
      if (row === undefined) return null;
      const setter = await db
        .selectFrom('users')
        .select(['id', 'username', 'firstName', 'lastName', 'displayName'])
        .where('id', '=', row.setBy)
        .executeTakeFirst();
      return { ...row, setter: setter ?? null };
    },

    usedSince: (serverId: string, since: string) => runsSince(db, serverId, since),

    async lastRun(serverId: string): Promise<AutoRepairRunTable | null> {
      const row = await db
        .selectFrom('autoRepairRuns')
        .selectAll()
        .where('serverId', '=', serverId)
        .orderBy('at', 'desc')
        .limit(1)
        .executeTakeFirst();
      return row ?? null;
    },

    /** Where it was on already by the same person, alerts since then stay within it. */
    async set(
      serverId: string,
      { enabled, perDay, setBy, now }: { enabled: boolean; perDay: number; setBy: string; now: string },
      also?: TransactionHook,
    ): Promise<void> {
      await withTransactionHook(db, also, async (trx) => {
        const row = { enabled: enabled ? 1 : 0, perDay, setBy, setAt: now, endedAt: null };
        const same = await trx
          .updateTable('autoRepairs')
          .set({ perDay })
          .where('serverId', '=', serverId)
          .where('setBy', '=', setBy)
          .where('enabled', '=', row.enabled)
          .executeTakeFirst();
        if (same.numUpdatedRows > 0n) return;
        await trx
          .insertInto('autoRepairs')
          .values({ serverId, ...row })
          .onConflict((conflict) => conflict.column('serverId').doUpdateSet(row))
          .execute();
      });
    },

    /** The servers on which that person has switched it on. */
    async enabledBy(setBy: string): Promise<string[]> {
      const rows = await db
        .selectFrom('autoRepairs')
        .select('serverId')
        .where('setBy', '=', setBy)
        .where('enabled', '=', 1)
        .execute();
      return rows.map(({ serverId }) => serverId);
    },

    /** Switches off what that person has switched on; false where it is no longer theirs, or off. */
    switchOff: (serverId: string, setBy: string, now: string, also?: TransactionHook): Promise<boolean> =>
      withTransactionHook(db, also, async (trx) => {
        const { numUpdatedRows } = await trx
          .updateTable('autoRepairs')
          .set({ enabled: 0, endedAt: now })
          .where('serverId', '=', serverId)
          .where('setBy', '=', setBy)
          .where('enabled', '=', 1)
          .executeTakeFirst();
        return numUpdatedRows > 0n;
      }),

    /** Alerts of a gateway that is down, that began since it was switched on, that nobody takes care of, and that had no restart yet. */
    async candidates({ now, dayAgo }: Pick<Times, 'now' | 'dayAgo'>): Promise<Candidate[]> {
      return db
        .selectFrom('autoRepairs')
        .innerJoin('alerts', 'alerts.serverId', 'autoRepairs.serverId')
        .innerJoin('servers', 'servers.id', 'autoRepairs.serverId')
        .select([
          'autoRepairs.serverId',
          'autoRepairs.setBy',
          'alerts.id as alertId',
          'servers.name as serverName',
        ])
        .where('autoRepairs.enabled', '=', 1)
        .where('alerts.type', '=', 'gateway_down')
        .where('alerts.resolvedAt', 'is', null)
        .where('alerts.acknowledgedAt', 'is', null)
        .where('alerts.autoRepairedAt', 'is', null)
        .where((e) => e.or([e('alerts.snoozedUntil', 'is', null), e('alerts.snoozedUntil', '<=', now)]))
        .whereRef('alerts.firstAt', '>=', 'autoRepairs.setAt')
        .where((e) =>
          e(
            e
              .selectFrom('autoRepairRuns')
              .select((r) => r.fn.countAll<number>().as('count'))
              .whereRef('autoRepairRuns.serverId', '=', 'autoRepairs.serverId')
              .where('autoRepairRuns.at', '>', dayAgo),
            '<',
            e.ref('autoRepairs.perDay'),
          ),
        )
        .orderBy('alerts.firstAt')
        .limit(AT_ONCE)
        .execute();
    },

    /**
     * For the transaction that stores the task: the restart of this alert, once over all Buoys. False when it is no longer allowed: it was switched
     * off, the limit is reached, or somebody takes care.
     */
    async claim(trx: Db, { serverId, alertId, taskId, setBy, name }: Claim, times: Times): Promise<boolean> {
      const { now, dayAgo, forgetBefore } = times;
      // Holds the row, so that two Buoys count one after the other.
      const setting = await trx
        .updateTable('autoRepairs')
        .set((e) => ({ perDay: e.ref('perDay') }))
        .where('serverId', '=', serverId)
        .where('setBy', '=', setBy)
        .where('enabled', '=', 1)
        .returning('perDay')
        .executeTakeFirst();
      if (setting === undefined || (await runsSince(trx, serverId, dayAgo)) >= setting.perDay) return false;
      const alert = await trx
        .updateTable('alerts')
        .set({ autoRepairedAt: now, autoRepairedBy: name })
        .where('id', '=', alertId)
        .where('resolvedAt', 'is', null)
        .where('acknowledgedAt', 'is', null)
        .where('autoRepairedAt', 'is', null)
        .where((e) => e.or([e('snoozedUntil', 'is', null), e('snoozedUntil', '<=', now)]))
        .executeTakeFirst();
      if (alert.numUpdatedRows === 0n) return false;
      const run = await trx
        .insertInto('autoRepairRuns')
        .values({ alertId, serverId, taskId, at: now, result: null })
        .onConflict((conflict) => conflict.column('alertId').doNothing())
        .returning('alertId')
        .executeTakeFirst();
      if (run === undefined) return false;
      await trx
        .deleteFrom('autoRepairRuns')
        .where('serverId', '=', serverId)
        .where('at', '<', forgetBefore)
        .execute();
      await tell(trx, { serverId, alertId }, now);
      return true;
    },

    /** Restarts of which the result is not stored yet. */
    async running(): Promise<AutoRepairRunTable[]> {
      return db
        .selectFrom('autoRepairRuns')
        .selectAll()
        .where('result', 'is', null)
        .orderBy('at')
        .limit(AT_ONCE)
        .execute();
    },

    /** Stores what came of it, once over all Buoys. */
    async ended({ alertId, serverId }: AutoRepairRunTable, result: string, now: string): Promise<void> {
      await db.transaction().execute(async (trx) => {
        const { numUpdatedRows } = await trx
          .updateTable('autoRepairRuns')
          .set({ result })
          .where('alertId', '=', alertId)
          .where('result', 'is', null)
          .executeTakeFirst();
        if (numUpdatedRows === 0n) return;
        const alert = await trx
          .updateTable('alerts')
          .set({ autoRepairResult: result })
          .where('id', '=', alertId)
          .returning('resolvedAt')
          .executeTakeFirst();
        // That it works again is told when the alert is resolved.
        if (alert !== undefined && alert.resolvedAt === null && result !== 'succeeded')
          await tell(trx, { serverId, alertId }, now);
      });
    },
  };
}

/** Whoever was told of the alert is told of this, too. */
async function tell(
  trx: Db,
  { serverId, alertId }: { serverId: string; alertId: string },
  at: string,
): Promise<void> {
  await trx
    .insertInto('alertEvents')
    .values({ id: newId('aev'), serverId, alertId, kind: 'auto_repair', at, held: 0 })
    .execute();
}
