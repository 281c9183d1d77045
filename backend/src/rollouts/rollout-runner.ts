// Takes rollouts forward: starts the updates of the next wave, and stores how they have ended. All of it is in the database, so that any
// Buoy may do each piece, and none is done twice.
import { hasEnded, type Task, taskTypes } from '@buoy/contract';
import type { Audit } from '../audit/audit.ts';
import { inOrder, type TransactionHook } from '../db/transaction-hook.ts';
import { AppError, isAppError } from '../lib/app-error.ts';
import { type Clock, isoTime } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import { createOneATurn } from '../lib/one-a-turn.ts';
import type { Tasks } from '../tasks/tasks.ts';
import type { ServerPolicies, UpdatePolicies } from '../update-policies/update-policies.ts';
import { cancelledBefore, endOf, nextWaveOf, outcomeOf, removedBefore } from './progress.ts';
import type { RolloutRecord, RolloutStore } from './rollouts.store.ts';
import { createFindRolloutTarget } from './update-target.ts';
import { isWithdrawn } from './withdrawal.ts';

/** Milliseconds between two reads of the rollouts that are under way. */
const INTERVAL_MS = 2_000;
/** People whose rollouts are taken forward side by side: a database has ten connections. */
const MAX_PEOPLE = 4;

type ServerRecord = RolloutRecord['servers'][number];

export type RolloutRunner = {
  /** Looks for work now, and from then on again and again. */
  start(): void;
  /** Looks at once, after a change. */
  wake(): void;
  /** Resolves when nothing is under way. */
  close(): Promise<void>;
};

/** @param parts.mayUpdate whether that person may update that server now */
export function createRolloutRunner(parts: {
  store: RolloutStore;
  tasks: Pick<Tasks, 'start' | 'find' | 'busy' | 'freeSlots' | 'cancelQueued'>;
  updatePolicies: Pick<UpdatePolicies, 'ofServers' | 'ofServer' | 'opensAt'>;
  audit: Pick<Audit, 'recorder'>;
  mayUpdate: (userId: string, serverId: string) => Promise<boolean>;
  clock: Clock;
  logger: Logger;
}): RolloutRunner {
  const { store, tasks, updatePolicies, audit, mayUpdate, clock, logger } = parts;
  const now = () => isoTime(clock.now());
  const findTarget = createFindRolloutTarget({ updatePolicies, clock });
  /** Five hundred servers are read at once, for many rollouts. */
  const myTurn = createOneATurn();
  let isClosed = false;
  let isStarted = false;
  let isWoken = false;
  let stopTimer = () => {};
  let working: Promise<void> | null = null;

  const findTask = (id: string): Promise<Task | null> =>
    tasks.find(id).catch((error: unknown) => {
      if (isAppError(error, 'not_found')) return null;
      throw error;
    });

  /** Audit entries of updates that did not begin: their starts have entries. */
  const withdrawals = (userId: string, servers: readonly ServerRecord[]): TransactionHook =>
    inOrder(
      ...servers.map(({ rolloutId, serverId, name, taskId }) =>
        audit
          .recorder({
            ...{ action: `${taskTypes.updateComponent} withdrawn`, userId, serverId, target: name },
            ...{ ip: null, requestId: null, details: { rollout: rolloutId, task: taskId } },
          })
          .change(),
      ),
    );

  const storeEnds = async (rolloutId: string, createdBy: string): Promise<void> => {
    for (const server of await store.endedUpdates(rolloutId)) {
      await myTurn(createdBy);
      const { taskId } = server;
      const task = taskId === null ? null : await findTask(taskId);
      if (task !== null && !hasEnded(task)) continue;
      if (task !== null && isWithdrawn(task))
        await store.withdraw(
          { rolloutId, taskIds: [task.id], ifCancelled: cancelledBefore(now()) },
          withdrawals(createdBy, [server]),
        );
      else await store.ended(server, outcomeOf(task, now()));
    }
  };

  /**
   * Leaves the server as it is where another task is at work on it, or its window has closed: its turn comes again. False when the rollout
   * does not continue: the update was refused, or a person or another Buoy has changed the rollout.
   */
  const startUpdate = async (rollout: RolloutRecord, server: ServerRecord): Promise<boolean> => {
    const { id, createdBy, wanted } = rollout;
    const fail = async ({ code, message, hint }: AppError): Promise<false> => {
      await store.ended(server, {
        ...{ status: 'failed', from: null, finishedAt: now() },
        error: { code, message, hint: hint ?? null },
      });
      return false;
    };
    const { serverId, name } = server;
    if (!(await mayUpdate(createdBy, serverId))) return fail(noLongerAdmin());
    try {
      const to = await findTarget(serverId, { wanted, planned: server.toVersion });
      if (to === null) return true;
      const recorder = audit.recorder({
        ...{ action: taskTypes.updateComponent, userId: createdBy, serverId, target: name },
        ...{ ip: null, requestId: null, details: { rollout: id, version: to } },
      });
      await tasks.start(
        taskTypes.updateComponent,
        {
          ...{ serverId, createdBy },
          input: { component: 'openclaw', version: to, whenBusy: 'wait' },
          also: (taskId) => async (trx) => {
            if (!(await store.started(trx, { rolloutId: id, serverId, taskId, to })))
              throw changedMeanwhile();
          },
        },
        recorder,
      );
      return true;
    } catch (error) {
      if (isAppError(error, 'task_already_running')) return true;
      if (isAppError(error, 'stale_version')) return false;
      if (isAppError(error, 'not_found')) {
        await store.ended(server, removedBefore(now()));
        return true;
      }
      // What Buoy itself lacks, such as its database, says nothing of the server: it is tried again.
      if (!isAppError(error) || error.status >= 500) throw error;
      return fail(error);
    }
  };

  /** Those whose update is tried now: where no window is closed, and where none ever opens, which is a failure. */
  const withOpenWindow = async (servers: readonly ServerRecord[], share: string): Promise<ServerRecord[]> => {
    const policiesOf = await updatePolicies.ofServers(servers.map(({ serverId }) => serverId));
    const isTried = new Map<ServerPolicies, boolean>();
    for (const policies of new Set(servers.map(({ serverId }) => policiesOf(serverId)))) {
      if (policies.windows.length > 0) await myTurn(share);
      const from = clock.now();
      const opensAt = updatePolicies.opensAt(policies, from);
      isTried.set(policies, opensAt === null || opensAt === from);
    }
    return servers.filter(({ serverId }) => isTried.get(policiesOf(serverId)));
  };

  /** Once a rollout does not continue, no update begins that waits for its slot among the tasks of its person. */
  const withdraw = async (rolloutId: string, createdBy: string): Promise<void> => {
    const queued = await store.queuedUpdates(rolloutId);
    const taskIds = queued.flatMap(({ taskId }) => taskId ?? []);
    await tasks.cancelQueued(taskIds, (cancelled) =>
      inOrder(
        (trx) => store.withdrawn(trx, { rolloutId, taskIds: cancelled, ifCancelled: cancelledBefore(now()) }),
        withdrawals(
          createdBy,
          queued.filter(({ taskId }) => taskId !== null && cancelled.includes(taskId)),
        ),
      ),
    );
  };

  const advance = async ({ id, createdBy }: { id: string; createdBy: string }): Promise<void> => {
    await storeEnds(id, createdBy);
    await myTurn(createdBy);
    // Its five hundred servers are read only where they may have to start.
    if ((await store.statusOf(id)) !== 'running') return withdraw(id, createdBy);
    const rollout = await store.find(id);
    if (rollout === null) return;
    const end = rollout.status === 'running' ? endOf(rollout) : null;
    if (end !== null) {
      const finishedAt = end === 'succeeded' ? now() : null;
      await store.changeStatus(id, { from: ['running'], to: end, finishedAt });
    }
    if (end !== null || rollout.status !== 'running') return withdraw(id, createdBy);
    const wave = nextWaveOf(rollout);
    if (wave === null || wave.dueAtMs > clock.now() || tasks.freeSlots(createdBy) === 0) return;
    const open = await withOpenWindow(wave.servers, createdBy);
    if (open.length === 0) return;
    // Asked for all at once: each refused start would be a transaction.
    const busy = await tasks.busy(
      taskTypes.updateComponent,
      open.map(({ serverId }) => serverId),
    );
    for (const server of open) {
      // No more than begin at once: a pause would withdraw what waits in the queue, and the next resume store it again.
      if (isClosed || tasks.freeSlots(createdBy) === 0) return;
      if (busy.has(server.serverId)) continue;
      await myTurn(createdBy);
      if (!(await startUpdate(rollout, server))) return;
    }
  };

  const advanceAll = async (rollouts: ReadonlyArray<{ id: string; createdBy: string }>): Promise<void> => {
    for (const rollout of rollouts) {
      if (isClosed) return;
      await advance(rollout).catch((error: unknown) =>
        logger.error({ rollout: rollout.id, err: error }, 'a rollout could not continue'),
      );
    }
  };

  const work = async (): Promise<void> => {
    do {
      isWoken = false;
      try {
        const people = [...Map.groupBy(await store.working(), ({ createdBy }) => createdBy).values()];
        // Nobody waits for the many rollouts of another person.
        const workers = people.splice(0, MAX_PEOPLE).map(async (first) => {
          for (let own: typeof first | undefined = first; own !== undefined; own = people.shift())
            await advanceAll(own);
        });
        await Promise.all(workers);
      } catch (error) {
        logger.error({ err: error }, 'the rollouts could not be read');
      }
    } while (isWoken && !isClosed);
  };

  const wake = (): void => {
    if (!isStarted || isClosed) return;
    isWoken = true;
    if (working !== null) return;
    stopTimer();
    working = work().finally(() => {
      working = null;
      if (!isClosed) stopTimer = clock.after(INTERVAL_MS, wake);
    });
  };

  return {
    start() {
      isStarted = true;
      wake();
    },
    wake,
    async close() {
      isClosed = true;
      stopTimer();
      await working;
    },
  };
}

function noLongerAdmin(): AppError {
  return new AppError('forbidden', 'Whoever started the rollout may no longer update this server.', {
    hint: 'Resume without it, or let an admin of the server update it from its page.',
  });
}

function changedMeanwhile(): AppError {
  return new AppError('stale_version', 'The rollout was changed meanwhile.');
}
