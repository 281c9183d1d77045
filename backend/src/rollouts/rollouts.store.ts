// SQL for rollouts and their servers. Each change names the state that it is made from: several Buoys may work on the same rollout.
import type { RolloutStatus, TaskError } from '@buoy/contract';
import type { DatabaseHandle, Db } from '../db/database.ts';
import { cursorAfter, pageOf, parseCursor } from '../db/page-cursor.ts';
import type { RolloutServerTable, RolloutTable } from '../db/schema.ts';
import { takeTurn } from '../db/take-turn.ts';
import { type TransactionHook, withTransactionHook } from '../db/transaction-hook.ts';
import type { PlannedServer } from './plan.ts';
import { createRolloutUpdatesStore } from './rollout-updates.store.ts';

export type RolloutRecord = RolloutTable & { servers: RolloutServerTable[] };

export type RolloutLimits = {
  /** Of one person that may still go on; `full` makes the error for one more. */
  maxOpen: number;
  full: () => Error;
  /** Ended ones of that person that stay. */
  maxEnded: number;
};

/** Servers of one page of a list: five hundred in each of fifty rollouts would be megabytes. */
const MAX_PAGE_SERVERS = 1_000;
/** States that a rollout leaves by itself or by a person. */
const openStatuses: readonly RolloutStatus[] = ['running', 'paused', 'stopped'];

export type RolloutStore = ReturnType<typeof createRolloutStore>;

export function createRolloutStore({ db, dialect }: Pick<DatabaseHandle, 'db' | 'dialect'>) {
  const serversOf = (rolloutIds: readonly string[]) =>
    db
      .selectFrom('rolloutServers')
      .selectAll()
      .where('rolloutId', 'in', [...rolloutIds])
      .orderBy('rolloutId')
      .orderBy('position')
      .execute();

  return {
    ...createRolloutUpdatesStore(db),

    /** @throws what `limits.full` makes */
    async insert(
      rollout: RolloutTable,
      waves: readonly (readonly PlannedServer[])[],
      limits: RolloutLimits,
      also?: TransactionHook,
    ): Promise<void> {
      const servers = waves.flatMap((planned, wave) => planned.map((server) => ({ ...server, wave })));
      await withTransactionHook(db, also, async (trx) => {
        await takeTurn(trx, dialect, `rollouts of ${rollout.createdBy}`);
        await makeRoom(trx, rollout.createdBy, limits);
        await trx.insertInto('rollouts').values(rollout).execute();
        await trx
          .insertInto('rolloutServers')
          .values(
            servers.map(({ serverId, name, from, to, status, error, wave }, position) => ({
              ...{ rolloutId: rollout.id, position, wave, serverId, name, status },
              ...{ fromVersion: from, toVersion: to, plannedVersion: null, taskId: null },
              error: error === null ? null : JSON.stringify(error),
              finishedAt: status === 'skipped' ? rollout.createdAt : null,
            })),
          )
          .execute();
      });
    },

    async find(id: string): Promise<RolloutRecord | null> {
      const row = await db.selectFrom('rollouts').selectAll().where('id', '=', id).executeTakeFirst();
      return row === undefined ? null : { ...row, servers: await serversOf([id]) };
    },

    /** null: there is none. */
    async statusOf(id: string): Promise<string | null> {
      const row = await db.selectFrom('rollouts').select('status').where('id', '=', id).executeTakeFirst();
      return row?.status ?? null;
    },

    /**
     * Newest first; fewer than `limit` where they have many servers.
     * @param createdBy null: of everybody
     * @throws AppError `invalid_request` for a cursor that is none
     */
    async list(
      createdBy: string | null,
      { limit, cursor }: { limit: number; cursor?: string | undefined },
    ): Promise<{ rollouts: RolloutRecord[]; nextCursor: string | null }> {
      const after = cursor === undefined ? null : parseCursor(cursor);
      const rows = await db
        .selectFrom('rollouts')
        .selectAll()
        .select((e) =>
          e
            .selectFrom('rolloutServers')
            .select((s) => s.fn.countAll<number>().as('count'))
            .whereRef('rolloutId', '=', 'rollouts.id')
            .as('serverCount'),
        )
        .$if(createdBy !== null, (query) => query.where('createdBy', '=', createdBy!))
        .$if(after !== null, (query) =>
          query.where((e) =>
            e.or([
              e('createdAt', '<', after!.createdAt),
              e.and([e('createdAt', '=', after!.createdAt), e('id', '<', after!.id)]),
            ]),
          ),
        )
        .orderBy('createdAt', 'desc')
        .orderBy('id', 'desc')
        .limit(limit + 1)
        .execute();
      let servers = 0;
      const fitting = rows.findIndex(({ serverCount }, index) => {
        servers += serverCount ?? 0;
        return index > 0 && servers > MAX_PAGE_SERVERS;
      });
      const { page, nextCursor } = pageOf(
        rows,
        Math.min(limit, fitting === -1 ? limit : fitting),
        cursorAfter,
      );
      if (page.length === 0) return { rollouts: [], nextCursor };
      const byRollout = Map.groupBy(await serversOf(page.map(({ id }) => id)), ({ rolloutId }) => rolloutId);
      return {
        rollouts: page.map(({ serverCount: _, ...row }) => ({
          ...row,
          servers: byRollout.get(row.id) ?? [],
        })),
        nextCursor,
      };
    },

    /** Those that continue by themselves, or have an update under way; the oldest first. */
    async working(): Promise<Array<Pick<RolloutTable, 'id' | 'createdBy'>>> {
      return db
        .selectFrom('rollouts')
        .select(['id', 'createdBy'])
        .where((e) =>
          e.or([
            e('status', '=', 'running'),
            e(
              'id',
              'in',
              e.selectFrom('rolloutServers').select('rolloutId').where('status', '=', 'running').distinct(),
            ),
          ]),
        )
        .orderBy('createdAt')
        .execute();
    },

    /** False when it is in none of the states `from` any more. */
    async changeStatus(
      id: string,
      {
        from,
        to,
        finishedAt = null,
      }: { from: readonly RolloutStatus[]; to: RolloutStatus; finishedAt?: string | null },
      also?: TransactionHook,
    ): Promise<boolean> {
      return withTransactionHook(db, also, (trx) => setStatus(trx, id, { from, to, finishedAt }));
    },

    /** Goes on: those that failed wait for their update again, or stay as they are. False when it neither waits nor has stopped. */
    async resume(
      id: string,
      { skipFailed }: { skipFailed: boolean },
      also?: TransactionHook,
    ): Promise<boolean> {
      return withTransactionHook(db, also, async (trx) => {
        const isRunning = await setStatus(trx, id, {
          from: ['paused', 'stopped'],
          to: 'running',
          finishedAt: null,
        });
        if (!isRunning) return false;
        const failed = trx
          .updateTable('rolloutServers')
          .where('rolloutId', '=', id)
          .where('status', 'in', ['failed', 'rolled_back']);
        if (skipFailed) await failed.set({ status: 'skipped' }).execute();
        else
          await failed
            .set((e) => ({
              ...{ status: 'pending', taskId: null, error: null, finishedAt: null },
              toVersion: e.fn.coalesce('plannedVersion', 'toVersion'),
            }))
            .execute();
        return true;
      });
    },

    /** Ends it; servers whose update has not started are skipped for `reason`. False when it has ended already. */
    async cancel(
      id: string,
      { at, reason }: { at: string; reason: TaskError },
      also?: TransactionHook,
    ): Promise<boolean> {
      return withTransactionHook(db, also, async (trx) => {
        const ended = await setStatus(trx, id, { from: openStatuses, to: 'cancelled', finishedAt: at });
        if (!ended) return false;
        await trx
          .updateTable('rolloutServers')
          .set({ status: 'skipped', error: JSON.stringify(reason), finishedAt: at })
          .where('rolloutId', '=', id)
          .where('status', '=', 'pending')
          .execute();
        return true;
      });
    },

    /** Stops all rollouts of a person that go on by themselves. */
    async stopOf(createdBy: string): Promise<void> {
      await db
        .updateTable('rollouts')
        .set({ status: 'stopped' })
        .where('createdBy', '=', createdBy)
        .where('status', '=', 'running')
        .execute();
    },
  };
}

async function setStatus(
  trx: Db,
  id: string,
  { from, to, finishedAt }: { from: readonly RolloutStatus[]; to: RolloutStatus; finishedAt: string | null },
): Promise<boolean> {
  const changed = await trx
    .updateTable('rollouts')
    .set({ status: to, finishedAt })
    .where('id', '=', id)
    .where('status', 'in', [...from])
    .executeTakeFirst();
  return changed.numUpdatedRows === 1n;
}

async function makeRoom(
  trx: Db,
  createdBy: string,
  { maxOpen, full, maxEnded }: RolloutLimits,
): Promise<void> {
  const { open } = await trx
    .selectFrom('rollouts')
    .select((e) => e.fn.countAll<number>().as('open'))
    .where('createdBy', '=', createdBy)
    .where('status', 'in', [...openStatuses])
    .executeTakeFirstOrThrow();
  if (open >= maxOpen) throw full();
  const old = await trx
    .selectFrom('rollouts')
    .select('id')
    .where('createdBy', '=', createdBy)
    .where('status', 'not in', [...openStatuses])
    .orderBy('createdAt', 'desc')
    .orderBy('id', 'desc')
    .offset(maxEnded)
    .limit(100)
    .execute();
  if (old.length > 0)
    await trx
      .deleteFrom('rollouts')
      .where(
        'id',
        'in',
        old.map(({ id }) => id),
      )
      .execute();
}
