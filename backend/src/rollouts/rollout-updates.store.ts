// SQL for the updates of a rollout: how the servers of one come to their tasks, and what becomes of them.
import { activeTaskStatuses, type TaskError, taskError } from '@buoy/contract';
import type { Db } from '../db/database.ts';
import type { RolloutServerTable } from '../db/schema.ts';
import { type TransactionHook, withTransactionHook } from '../db/transaction-hook.ts';
import { isWithdrawn } from './withdrawal.ts';

/** How an update of a server has ended. */
export type UpdateOutcome = {
  status: 'updated' | 'skipped' | 'rolled_back' | 'failed';
  from: string | null;
  /** What the update installs, as its first step has decided; null or absent: it did not come to that. */
  to?: string | null;
  error: TaskError | null;
  finishedAt: string;
};

/** An update that a rollout has started, as its first step needs it. */
export type RolloutUpdate = {
  /** Of the rollout. */
  status: string;
  /** What the rollout was asked for; null: the exact version that it has. */
  wanted: string | null;
  /** The version that was planned for this server. */
  planned: string;
  /** Whether another update of the rollout has failed. */
  hasFailure: boolean;
};

/** What becomes of updates that do not begin: their servers wait again; of a cancelled rollout they end so. */
type Withdrawal = { rolloutId: string; taskIds: readonly string[]; ifCancelled: UpdateOutcome };

export function createRolloutUpdatesStore(db: Db) {
  const running = (rolloutId: string) =>
    db
      .selectFrom('rolloutServers')
      .leftJoin('tasks', 'tasks.id', 'rolloutServers.taskId')
      .selectAll('rolloutServers')
      .where('rolloutServers.rolloutId', '=', rolloutId)
      .where('rolloutServers.status', '=', 'running');

  return {
    /** Servers of a rollout that are said to be under way, and whose task has ended or is gone. */
    async endedUpdates(rolloutId: string): Promise<RolloutServerTable[]> {
      return running(rolloutId)
        .where((e) => e.or([e('tasks.id', 'is', null), e('tasks.status', 'not in', [...activeTaskStatuses])]))
        .execute();
    },

    /** Servers of a rollout that are said to be under way, and whose task has not begun. */
    async queuedUpdates(rolloutId: string): Promise<RolloutServerTable[]> {
      return running(rolloutId).where('tasks.status', '=', 'queued').execute();
    },

    /** null: that task is none of a rollout. */
    async updateOf(taskId: string): Promise<RolloutUpdate | null> {
      const row = await db
        .selectFrom('rolloutServers')
        .innerJoin('rollouts', 'rollouts.id', 'rolloutServers.rolloutId')
        .select(['rollouts.id', 'rollouts.status', 'rollouts.wanted'])
        .select(['rolloutServers.plannedVersion', 'rolloutServers.toVersion'])
        .where('rolloutServers.taskId', '=', taskId)
        .executeTakeFirst();
      if (row === undefined) return null;
      const { id, status, wanted, plannedVersion, toVersion } = row;
      return { status, wanted, planned: plannedVersion ?? toVersion, hasFailure: await hasFailure(db, id) };
    },

    /**
     * For the transaction that stores the task: false when the rollout no longer goes on, or another Buoy has started this server.
     * @param update.to the version that the task installs
     */
    async started(
      trx: Db,
      {
        rolloutId,
        serverId,
        taskId,
        to,
      }: { rolloutId: string; serverId: string; taskId: string; to: string },
    ): Promise<boolean> {
      // Over itself: whoever pauses it waits for this transaction, or this one sees the pause.
      const isRunning = await trx
        .updateTable('rollouts')
        .set({ status: 'running' })
        .where('id', '=', rolloutId)
        .where('status', '=', 'running')
        .executeTakeFirst();
      if (isRunning.numUpdatedRows !== 1n || (await hasFailure(trx, rolloutId))) return false;
      const started = await trx
        .updateTable('rolloutServers')
        .set((e) => ({
          ...{ status: 'running', taskId, toVersion: to },
          plannedVersion: e.fn.coalesce('plannedVersion', 'toVersion'),
        }))
        .where('rolloutId', '=', rolloutId)
        .where('serverId', '=', serverId)
        .where('status', '=', 'pending')
        .executeTakeFirst();
      return started.numUpdatedRows === 1n;
    },

    /** For the transaction that cancels tasks which had not begun. */
    async withdrawn(trx: Db, withdrawal: Withdrawal): Promise<void> {
      await setWithdrawn(trx, withdrawal);
    },

    /** Stores that updates have ended before they began. `also` runs where something has changed. */
    async withdraw(withdrawal: Withdrawal, also?: TransactionHook): Promise<void> {
      await withTransactionHook(db, also, (trx) => setWithdrawn(trx, withdrawal));
    },

    /** Stores how the update of a server has ended, unless it has changed since it was read. */
    async ended(
      before: Pick<RolloutServerTable, 'rolloutId' | 'serverId' | 'status' | 'taskId'>,
      { status, from, to = null, error, finishedAt }: UpdateOutcome,
    ): Promise<void> {
      await db
        .updateTable('rolloutServers')
        .set({
          ...{ status, finishedAt },
          ...(from === null ? {} : { fromVersion: from }),
          ...(to === null ? {} : { toVersion: to }),
          error: error === null ? null : JSON.stringify(error),
        })
        .where('rolloutId', '=', before.rolloutId)
        .where('serverId', '=', before.serverId)
        .where('status', '=', before.status)
        .where('taskId', before.taskId === null ? 'is' : '=', before.taskId)
        .execute();
    },
  };
}

/** Whether an update of that rollout has failed, also one whose end is not stored in it yet. */
async function hasFailure(db: Db, rolloutId: string): Promise<boolean> {
  const ended = await db
    .selectFrom('rolloutServers')
    .leftJoin('tasks', 'tasks.id', 'rolloutServers.taskId')
    .select(['rolloutServers.status', 'tasks.status as taskStatus', 'tasks.error'])
    .where('rolloutServers.rolloutId', '=', rolloutId)
    .where((e) =>
      e.or([
        e('rolloutServers.status', 'in', ['failed', 'rolled_back']),
        e.and([
          e('rolloutServers.status', '=', 'running'),
          e('tasks.status', 'in', ['failed', 'cancelled', 'interrupted']),
        ]),
      ]),
    )
    .execute();
  return ended.some(
    ({ status, taskStatus, error }) =>
      status !== 'running' || !isWithdrawn({ status: taskStatus, error: errorIn(error) }),
  );
}

function errorIn(text: string | null): TaskError | null {
  return text === null ? null : taskError.parse(JSON.parse(text));
}

/** False when nothing has changed. */
async function setWithdrawn(trx: Db, { rolloutId, taskIds, ifCancelled }: Withdrawal): Promise<boolean> {
  if (taskIds.length === 0) return false;
  // Over itself: whoever cancels the rollout waits for this transaction, or this one sees the cancel.
  const rollout = await trx
    .updateTable('rollouts')
    .set((e) => ({ status: e.ref('status') }))
    .where('id', '=', rolloutId)
    .returning('status')
    .executeTakeFirst();
  if (rollout === undefined) return false;
  const servers = trx
    .updateTable('rolloutServers')
    .where('rolloutId', '=', rolloutId)
    .where('taskId', 'in', taskIds)
    .where('status', '=', 'running');
  const { status, error, finishedAt } = ifCancelled;
  const changed = await (rollout.status === 'cancelled'
    ? servers.set({ status, error: JSON.stringify(error), finishedAt })
    : servers.set((e) => ({
        ...{ status: 'pending', taskId: null },
        toVersion: e.fn.coalesce('plannedVersion', 'toVersion'),
      }))
  ).executeTakeFirst();
  return changed.numUpdatedRows > 0n;
}
