// Tasks: work that takes longer than a request. The entry point for routes and features; all else in this folder is internal.
import { hasEnded, type Task, type TaskError } from '@buoy/contract';
import type { AuditRecorder } from '../audit/audit-recorder.ts';
import { inOrder, type TransactionHook } from '../db/transaction-hook.ts';
import { AppError } from '../lib/app-error.ts';
import { type Clock, isoTime } from '../lib/clock.ts';
import { newId } from '../lib/ids.ts';
import type { Logger } from '../lib/logger.ts';
import { createOneATurn } from '../lib/one-a-turn.ts';
import type { Vault } from '../vault/vault.ts';
import type { QueuedOf } from './task-cancel.store.ts';
import type { TaskEngine } from './task-engine.ts';
import { type TaskEvent, taskEvents } from './task-events.ts';
import { indexKinds, type TaskKind } from './task-kind.ts';
import type { TaskFilter } from './task-list.store.ts';
import type { MovedTask } from './task-moved.store.ts';
import { type TaskObserver, unobserved } from './task-observer.ts';
import type { EndedTask } from './task-outcomes.store.ts';
import { presentTask, type TaskRecord } from './task-record.ts';
import { createTaskRunner } from './task-runner.ts';
import { sealTaskSecrets, type TaskSecrets } from './task-secrets.ts';
import type { NewTask, TasksStore } from './tasks.store.ts';

/** Bytes of output in one answer. */
const OUTPUT_PAGE_BYTES = 256 * 1024;

export type Tasks = {
  /** Takes over what an earlier process left, and begins to work. Tasks started before wait for it. */
  open(): Promise<void>;
  /** Releases all running tasks within 8 s; they continue at the next `open`. */
  close(): Promise<void>;
  /**
   * Stores a new task, then starts it. Throws `task_already_running` (details.taskId), `invalid_request` (input), `not_found`
   * (server).
   * @param task.input checked by the kind and stored as it is: no secrets
   * @param task.secrets kept sealed until the task ends
   * @param task.also writes in the transaction that stores the task, by its id
   */
  start(
    type: string,
    task: {
      serverId: string | null;
      input: unknown;
      secrets?: TaskSecrets;
      createdBy: string;
      also?: (taskId: string) => TransactionHook;
    },
    audit?: AuditRecorder,
  ): Promise<Task>;
  /** Throws `not_found`. */
  find(id: string): Promise<Task>;
  /**
   * Newest first. `serverIds` are those visible to the caller, null for all; `share` is whose turns of the event loop it takes. Throws
   * `invalid_request` for a bad cursor.
   */
  list(
    query: TaskFilter & { limit: number; cursor?: string | undefined; share?: string },
  ): Promise<{ tasks: Task[]; nextCursor: string | null }>;
  /** The newest queued or running task; null when there is none. */
  active(query: Omit<TaskFilter, 'status'>): Promise<Task | null>;
  /** Those of these servers on which a task is at work that would refuse a new one of this type. */
  busy(type: string, serverIds: readonly string[]): Promise<ReadonlySet<string>>;
  /** The tasks of these types on a server that succeeded or failed, newest first. */
  lastEnded(serverId: string, types: readonly string[]): Promise<EndedTask[]>;
  /** How many more tasks of this person, each on a server, would begin at once; others would wait in the queue. */
  freeSlots(userId: string): number;
  /** Newest first; nothing for a server that is not among `serverIds`. */
  activeOnServer(serverId: string, serverIds: readonly string[] | null): Promise<Task[]>;
  /** Asks every task of a server to stop, because the server is being deleted. */
  cancelOnServer(serverId: string): Promise<void>;
  /**
   * Cancels the queued tasks of a person on a server (null: on all servers), because they lost the right to run them. Running ones
   * continue: aborted, they could leave a server half changed.
   */
  cancelQueuedOf(userId: string, serverId: string | null): Promise<void>;
  /**
   * Cancels those of these tasks that are still queued, because what they belong to no longer goes on. `also` writes in the same transaction,
   * by the ids of the cancelled ones.
   */
  cancelQueued(
    ids: readonly string[],
    also: (cancelled: readonly string[]) => TransactionHook,
  ): Promise<void>;
  /**
   * For a change of the place where a server is, which may be another's: fails its tasks that hold secrets, and those of the servers
   * behind it. `also` belongs into the transaction of the change, `stored` is called after it.
   */
  failMoved(serverId: string): { also: TransactionHook; stored(): void };
  /** Numbers for the health page and the metrics. */
  count(): Promise<{ queued: number; running: number; oldestQueuedAt: string | null }>;
  /** Asks a task to stop; it may still be `running` in the answer. Throws `not_found`, `conflict` when it has ended. */
  cancel(id: string, audit?: AuditRecorder): Promise<Task>;
  /**
   * A new task like this one, without its secrets, which went with it. Throws `not_found`, `conflict` when it runs or succeeded or is of a kind that is
   * not run again, and what `start` throws.
   */
  retry(id: string, userId: string, audit?: AuditRecorder): Promise<Task>;
  /** A page of output from a byte offset on, in whole characters; `offset` in the answer says where it starts. Throws `not_found`. */
  output(
    id: string,
    offset: number,
  ): Promise<{ offset: number; nextOffset: number; text: string; complete: boolean }>;
  /** See `taskEvents`. */
  events(
    id: string,
    options: { lastEventId?: string | undefined; share?: string; signal: AbortSignal },
  ): AsyncIterable<TaskEvent>;
  /** Waits for the end of a task, however it ends. Throws `not_found` when it is removed meanwhile, and what `signal` aborts with. */
  untilEnded(id: string, options: { signal: AbortSignal }): Promise<Task>;
  /** null: it concerns no single server. Throws `not_found`. */
  serverIdOf(id: string): Promise<string | null>;
};

export function createTasks(options: {
  store: TasksStore;
  engine: TaskEngine;
  kinds: readonly TaskKind[];
  /** Whether that person may still start tasks on that server; asked when a queued one begins. */
  mayStart: (userId: string, serverId: string) => Promise<boolean>;
  vault: Pick<Vault, 'seal' | 'open'>;
  clock: Clock;
  logger: Logger;
  /** Called at each end of a task, for metrics. */
  observe?: TaskObserver;
}): Tasks {
  const { store, engine, mayStart, vault, clock, logger, observe = unobserved } = options;
  const kinds = indexKinds(options.kinds);
  const myTurn = createOneATurn();
  const run = createTaskRunner({ store, kinds, mayStart, vault, clock, logger, observe });

  const findRecord = async (id: string): Promise<TaskRecord> => {
    const record = await store.find(id);
    if (record === null) throw noSuchTask();
    return record;
  };

  const start: Tasks['start'] = async (type, { serverId, input, secrets = {}, createdBy, also }, audit) => {
    const kind = kinds.get(type);
    if (kind === undefined)
      throw new AppError('unsupported', 'This version of Buoy does not have this kind of task.');
    const id = newId('tsk');
    const task: NewTask = {
      id,
      type,
      serverId,
      exclusive: kind.exclusivePerServer,
      exclusiveAs: kind.exclusiveAs,
      input: checkedInput(kind, input),
      secrets: sealTaskSecrets(vault, id, secrets),
      createdBy,
      createdAt: isoTime(clock.now()),
      steps: kind.steps,
    };
    const hooks = inOrder(also?.(id), audit?.change({ target: id, details: { task: id, type } }));
    await store.create(task, hooks);
    const started = presentTask(await findRecord(id));
    await engine.enqueue({ id, owner: serverId === null ? null : createdBy });
    return started;
  };

  /** A queued task ends here; the end of a running one is reported by its runner. */
  const requestCancel = async (id: string, also?: TransactionHook) => {
    const outcome = await store.requestCancel(id, isoTime(clock.now()), also);
    const task = outcome === 'cancelled' ? await store.find(id) : null;
    if (task !== null) observe.ended({ type: task.type, status: 'cancelled', durationMs: null });
    engine.cancel(id);
    return outcome;
  };

  const cancelQueued = async (of: QueuedOf, also?: (cancelled: readonly string[]) => TransactionHook) => {
    for (const { id, type } of await store.cancelQueued(of, isoTime(clock.now()), also)) {
      observe.ended({ type, status: 'cancelled', durationMs: null });
      engine.cancel(id);
    }
  };

  return {
    open: () => engine.start(run),
    close: () => engine.stop(),
    start,
    find: async (id) => presentTask(await findRecord(id)),

    async list({ limit, cursor, share, ...filter }) {
      const { tasks, nextCursor } = await store.list(filter, { limit, cursor, share });
      return { tasks: tasks.map(presentTask), nextCursor };
    },

    async active(filter) {
      const [newest] = await store.active(filter, { limit: 1 });
      return newest === undefined ? null : presentTask(newest);
    },

    busy: (type, serverIds) => store.busy({ type, exclusiveAs: kinds.get(type)?.exclusiveAs }, serverIds),

    lastEnded: (serverId, types) => store.lastEnded(serverId, types),

    freeSlots: (userId) => engine.freeSlots(userId),

    async activeOnServer(serverId, serverIds) {
      return (await store.active({ serverIds, serverId })).map(presentTask);
    },

    async cancelOnServer(serverId) {
      for (const { id } of await store.active({ serverIds: null, serverId })) await requestCancel(id);
    },

    cancelQueuedOf: (createdBy, serverId) => cancelQueued({ createdBy, serverId }),

    async cancelQueued(ids, also) {
      if (ids.length > 0) await cancelQueued({ ids }, also);
    },

    failMoved(serverId) {
      let failed: MovedTask[] = [];
      return {
        async also(trx) {
          failed = await store.failMoved(trx, serverId, { at: isoTime(clock.now()), error: serverMoved });
        },
        stored() {
          for (const { id, type, startedAt } of failed) {
            const durationMs = startedAt === null ? null : clock.now() - Date.parse(startedAt);
            observe.ended({ type, status: 'failed', durationMs });
            store.announce(id);
            engine.cancel(id);
          }
        },
      };
    },

    count: () => store.count(),

    async cancel(id, audit) {
      if ((await requestCancel(id, audit?.change())) === 'ended') {
        await findRecord(id);
        throw new AppError('conflict', 'This task has already ended.');
      }
      return presentTask(await findRecord(id));
    },

    async retry(id, userId, audit) {
      const task = await findRecord(id);
      const { type, serverId, input, status } = task;
      if (!hasEnded(task) || status === 'succeeded')
        throw new AppError(
          'conflict',
          status === 'succeeded' ? 'This task has succeeded already.' : 'This task has not ended yet.',
        );
      const hint = kinds.get(type)?.noRetry;
      if (hint !== undefined) throw new AppError('conflict', 'This task cannot be run again.', { hint });
      return start(type, { serverId, input, createdBy: userId }, audit);
    },

    async output(id, offset) {
      const task = await findRecord(id);
      const page = await store.output(id, offset, OUTPUT_PAGE_BYTES);
      return {
        offset: page.offset,
        nextOffset: page.nextOffset,
        text: page.pieces.map((piece) => piece.text).join(''),
        complete: hasEnded(task) && page.nextOffset >= task.outputBytes,
      };
    },

    events: (taskId, { lastEventId, share, signal }) =>
      taskEvents({ store, clock, taskId, lastEventId, signal, myTurn: () => myTurn(share) }),

    async untilEnded(taskId, { signal }) {
      for await (const { event, data } of taskEvents({ store, clock, taskId, signal, myTurn }))
        if (event === 'task' && hasEnded(data)) return data;
      signal.throwIfAborted();
      throw noSuchTask();
    },

    async serverIdOf(id) {
      const serverId = await store.serverIdOf(id);
      if (serverId === undefined) throw noSuchTask();
      return serverId;
    },
  };
}

const serverMoved: TaskError = {
  code: 'conflict',
  message:
    'The server was changed, so the key or password that was entered for the place it had was deleted, and the task ended.',
  hint: 'Check where the server is now, then start the task again, and enter the key or password again.',
};

function noSuchTask(): AppError {
  return new AppError('not_found', 'There is no such task.');
}

function checkedInput(kind: TaskKind, input: unknown): unknown {
  const parsed = kind.inputSchema.safeParse(input);
  if (parsed.success) return input;
  throw new AppError('invalid_request', 'The input of this task is not valid.', {
    details: parsed.error.issues.map(({ path, message }) => ({ path: path.join('.'), message })),
  });
}
