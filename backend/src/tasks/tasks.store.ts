// SQL for tasks and their steps: the journal that is written before and after everything a task does.
import { activeTaskStatuses, type TaskError, type TaskStatus } from '@buoy/contract';
import type { DatabaseHandle, Db } from '../db/database.ts';
import { isForeignKeyViolation, isUniqueViolation } from '../db/storage-errors.ts';
import { takeTurn } from '../db/take-turn.ts';
import { type TransactionHook, withTransactionHook } from '../db/transaction-hook.ts';
import { AppError } from '../lib/app-error.ts';
import { createOneATurn } from '../lib/one-a-turn.ts';
import { cancelOne, cancelQueued, type QueuedOf } from './task-cancel.store.ts';
import type { QueuedTask } from './task-engine.ts';
import { type JournalChange, writeChange } from './task-journal.store.ts';
import { listTasks, matches, type TaskFilter } from './task-list.store.ts';
import { failMovedTasks, type MovedTask } from './task-moved.store.ts';
import { type EndedTask, lastEnded } from './task-outcomes.store.ts';
import { type OutputPage, readOutput } from './task-output.store.ts';
import type { TaskRecord } from './task-record.ts';
import { removeOldTasks } from './task-retention.store.ts';
import { findTaskSecrets } from './task-secrets.store.ts';
import { withSteps } from './task-steps.store.ts';

export type NewTask = {
  id: string;
  type: string;
  serverId: string | null;
  /** Refuse it while another task of this type is active on this server. */
  exclusive: boolean;
  /** Types that share this word count as one type for that. Default: the type. */
  exclusiveAs?: string | undefined;
  input: unknown;
  /** Sealed; null when there are none. */
  secrets: string | null;
  createdBy: string;
  /** ISO 8601. */
  createdAt: string;
  steps: readonly { id: string; title: string }[];
};

export type TasksStore = {
  /** Throws `task_already_running` (details.taskId) or `not_found` (no such server). */
  create(task: NewTask, also?: TransactionHook): Promise<void>;
  find(id: string): Promise<TaskRecord | null>;
  /** Newest first, with short tails of output; fewer than `limit` where they are long. Throws `invalid_request` for a cursor that is none. */
  list(
    filter: TaskFilter,
    page: { limit: number; cursor?: string | undefined; share?: string | undefined },
  ): Promise<{ tasks: TaskRecord[]; nextCursor: string | null }>;
  /** Queued and running ones, newest first. */
  active(filter: TaskFilter, options?: { limit?: number }): Promise<TaskRecord[]>;
  /** Those of these servers that have an active task of that kind. */
  busy(kind: Pick<NewTask, 'type' | 'exclusiveAs'>, serverIds: readonly string[]): Promise<Set<string>>;
  /** Queued and running ones, oldest first. */
  queue(): Promise<QueuedTask[]>;
  count(): Promise<{ queued: number; running: number; oldestQueuedAt: string | null }>;
  /** Sealed; null when it has none, or has ended. */
  secrets(id: string): Promise<string | null>;
  /** undefined: no such task. */
  serverIdOf(id: string): Promise<string | null | undefined>;
  /** Throws `conflict` when the task has ended or is gone: it can no longer change. */
  write(id: string, change: JournalChange): Promise<void>;
  /** A queued task ends immediately; a running one is marked. `ended`: nothing to cancel, or no such task. */
  requestCancel(id: string, at: string, also?: TransactionHook): Promise<'cancelled' | 'requested' | 'ended'>;
  /** Ends queued tasks; running ones stay as they are. */
  cancelQueued(
    of: QueuedOf,
    at: string,
    also?: (ids: readonly string[]) => TransactionHook,
  ): Promise<Array<{ id: string; type: string }>>;
  /** Within the transaction of the move; `announce` the tasks once it is stored. See `failMovedTasks`. */
  failMoved(transaction: Db, serverId: string, end: { at: string; error: TaskError }): Promise<MovedTask[]>;
  /** Tells the listeners of `onChange`. */
  announce(taskId: string): void;
  /** Output from a byte offset on; see `readOutput`. */
  output(id: string, offset: number, maxBytes: number): Promise<OutputPage>;
  /** See `lastEnded`. */
  lastEnded(serverId: string, types: readonly string[]): Promise<EndedTask[]>;
  /** Called after each change made through this store. Returns the unsubscribe function. */
  onChange(listener: (taskId: string) => void): () => void;
};

/** Attempts to insert while the conflicting task ends between refusal and lookup. */
const MAX_CREATE_ATTEMPTS = 3;

export function createTasksStore({ db, dialect }: DatabaseHandle): TasksStore {
  const listeners = new Set<(taskId: string) => void>();
  const myTurn = createOneATurn();
  const changed = (taskId: string) => {
    for (const listener of [...listeners]) listener(taskId);
  };

  return {
    async create(task, also) {
      for (let attempt = 1; ; attempt += 1) {
        try {
          await insertTask({ db, dialect }, task, also);
          return changed(task.id);
        } catch (error) {
          if (isForeignKeyViolation(error))
            throw new AppError('not_found', 'There is no such server.', { cause: error });
          if (!isUniqueViolation(error)) throw error;
          const running = await findByExclusiveKey(db, exclusiveKey(task));
          if (running !== undefined || attempt === MAX_CREATE_ATTEMPTS)
            throw new AppError(
              'task_already_running',
              task.serverId === null
                ? 'A task of this kind already runs.'
                : 'Another task is at work on this server, so this one cannot start.',
              { hint: 'Wait until it has ended, or cancel it.', details: { taskId: running } },
            );
        }
      }
    },

    async find(id) {
      const row = await db.selectFrom('tasks').selectAll().where('id', '=', id).executeTakeFirst();
      return row === undefined ? null : (await withSteps(db, [row]))[0]!;
    },

    list: (filter, page) => listTasks(db, filter, page, () => myTurn(page.share)),

    async active(filter, { limit } = {}) {
      const rows = await db
        .selectFrom('tasks')
        .selectAll()
        .where('status', 'in', activeTaskStatuses)
        .where((e) => matches(e, filter))
        .orderBy('createdAt', 'desc')
        .orderBy('id', 'desc')
        .$if(limit !== undefined, (query) => query.limit(limit ?? 0))
        .execute();
      return withSteps(db, rows);
    },

    async busy(kind, serverIds) {
      const rows = await db
        .selectFrom('tasks')
        .select('serverId')
        .where(
          'exclusiveKey',
          'in',
          serverIds.map((serverId) => exclusiveKey({ ...kind, serverId })),
        )
        .execute();
      return new Set(rows.map(({ serverId }) => serverId ?? ''));
    },

    async queue() {
      const rows = await db
        .selectFrom('tasks')
        .select(['id', 'serverId', 'createdBy'])
        .where('status', 'in', activeTaskStatuses)
        .orderBy('createdAt')
        .orderBy('id')
        .execute();
      return rows.map(({ id, serverId, createdBy }) => ({ id, owner: serverId === null ? null : createdBy }));
    },

    async count() {
      const rows = await db
        .selectFrom('tasks')
        .select((e) => ['status', e.fn.countAll<number>().as('count'), e.fn.min('createdAt').as('oldestAt')])
        .where('status', 'in', activeTaskStatuses)
        .groupBy('status')
        .execute();
      const of = (status: TaskStatus) => rows.find((row) => row.status === status);
      return {
        queued: of('queued')?.count ?? 0,
        running: of('running')?.count ?? 0,
        oldestQueuedAt: of('queued')?.oldestAt ?? null,
      };
    },

    secrets: (id) => findTaskSecrets(db, id),

    async serverIdOf(id) {
      const row = await db.selectFrom('tasks').select('serverId').where('id', '=', id).executeTakeFirst();
      return row === undefined ? undefined : row.serverId;
    },

    async write(id, change) {
      await db.transaction().execute((transaction) => writeChange(transaction, dialect, id, change));
      changed(id);
    },

    async requestCancel(id, at, also) {
      const outcome = await withTransactionHook(db, also, (transaction) => cancelOne(transaction, id, at));
      if (outcome === false) return 'ended';
      changed(id);
      return outcome;
    },

    async cancelQueued(of, at, also) {
      const cancelled = await db.transaction().execute(async (transaction) => {
        const ended = await cancelQueued(transaction, of, at);
        await also?.(ended.map(({ id }) => id))(transaction);
        return ended;
      });
      for (const { id } of cancelled) changed(id);
      return cancelled;
    },

    failMoved: (transaction, serverId, end) => failMovedTasks(transaction, dialect, serverId, end),

    announce: changed,

    output: (id, offset, maxBytes) => readOutput(db, id, offset, maxBytes),

    lastEnded: (serverId, types) => lastEnded(db, serverId, types),

    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

async function insertTask(
  { db, dialect }: Pick<DatabaseHandle, 'db' | 'dialect'>,
  task: NewTask,
  also?: TransactionHook,
): Promise<void> {
  await withTransactionHook(db, also, async (transaction) => {
    await transaction
      .insertInto('tasks')
      .values({
        id: task.id,
        type: task.type,
        serverId: task.serverId,
        status: 'queued',
        input: JSON.stringify(task.input),
        result: null,
        error: null,
        cancelRequested: 0,
        exclusiveKey: task.exclusive ? exclusiveKey(task) : null,
        outputBytes: 0,
        createdBy: task.createdBy,
        createdAt: task.createdAt,
        startedAt: null,
        finishedAt: null,
      })
      .execute();
    await transaction
      .insertInto('taskSteps')
      .values(
        task.steps.map(({ id, title }, position) => ({
          taskId: task.id,
          position,
          stepId: id,
          title,
          status: 'pending',
          detail: null,
          fraction: 0,
          state: null,
          result: null,
          outputTail: '',
          startedAt: null,
          finishedAt: null,
        })),
      )
      .execute();
    if (task.secrets !== null)
      await transaction.insertInto('taskSecrets').values({ taskId: task.id, value: task.secrets }).execute();
    if (task.serverId === null) return;
    // Two concurrent calls would remove the same ones.
    await takeTurn(transaction, dialect, `old tasks of ${task.serverId}`);
    await removeOldTasks(transaction, task.serverId);
  });
}

function exclusiveKey({
  type,
  exclusiveAs = type,
  serverId,
}: Pick<NewTask, 'type' | 'exclusiveAs' | 'serverId'>): string {
  return `${serverId ?? ''}:${exclusiveAs}`;
}

async function findByExclusiveKey(db: Db, key: string): Promise<string | undefined> {
  const row = await db.selectFrom('tasks').select('id').where('exclusiveKey', '=', key).executeTakeFirst();
  return row?.id;
}
