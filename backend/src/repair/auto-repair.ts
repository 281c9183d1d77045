// Automatic repair: restarts the gateway of a server that has switched it on, once for each alert and a few times a day at most.
import {
  AUTO_REPAIRS_A_DAY,
  type AutoRepair,
  autoRepairResult,
  hasEnded,
  type Task,
  taskTypes,
} from '@buoy/contract';
import type { Audit } from '../audit/audit.ts';
import type { AuditRecorder } from '../audit/audit-recorder.ts';
import { AppError, isAppError } from '../lib/app-error.ts';
import { type Clock, isoTime } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import { createOneATurn } from '../lib/one-a-turn.ts';
import type { Maintenance } from '../maintenance/maintenance.ts';
import type { Tasks } from '../tasks/tasks.ts';
import type { Caller } from '../users/caller.ts';
import { nameOf } from '../users/user.presenter.ts';
import type { AutoRepairRow, AutoRepairStore, Candidate } from './auto-repair.store.ts';

const DAY_MS = 86_400_000;
/** Milliseconds for which restarts are remembered: as long as resolved alerts. */
const KEPT_MS = 90 * DAY_MS;
/** Milliseconds between two looks at what is down, besides those when an alert begins. */
const INTERVAL_MS = 10_000;
/** UTF-16 units of the name of a person, as it is told. */
const MAX_NAME = 100;

/** What leaves a gateway running or stopped on purpose. */
const byHand = [
  ...[taskTypes.start, taskTypes.stop, taskTypes.restart, taskTypes.doctor, taskTypes.configRollback],
  ...[taskTypes.setup, taskTypes.setupService, taskTypes.updateComponent, taskTypes.restoreSnapshot],
];

export type AutoRepairs = ReturnType<typeof createAutoRepairs>;

/** @param parts.mayRepair whether that person may restart that gateway now */
export function createAutoRepairs(parts: {
  store: AutoRepairStore;
  tasks: Pick<Tasks, 'start' | 'find' | 'activeOnServer' | 'lastEnded'>;
  maintenance: Pick<Maintenance, 'active'>;
  mayRepair: (userId: string, serverId: string) => Promise<boolean>;
  audit: Pick<Audit, 'recorder'>;
  /** Something that people are told of has been stored. */
  onEvent: () => void;
  clock: Clock;
  logger: Logger;
}) {
  const { store, tasks, maintenance, mayRepair, audit, onEvent, clock, logger } = parts;
  const now = (agoMs = 0) => isoTime(clock.now() - agoMs);
  const myTurn = createOneATurn();
  let isStarted = false;
  let isClosed = false;
  let isWoken = false;
  let working: Promise<void> | null = null;
  let stopTimer = () => {};

  const recorderOf = (action: string, userId: string, serverId: string, details: Record<string, unknown>) =>
    audit.recorder({ action, userId, serverId, target: null, ip: null, requestId: null, details });

  /** The rights of that person are gone, and with them what acts in their name. */
  const switchOff = async (serverId: string, setBy: string): Promise<void> => {
    const recorder = recorderOf('auto-repair switched off', setBy, serverId, {
      reason: 'no longer an active admin',
    });
    await store.switchOff(serverId, setBy, now(), recorder.change());
  };

  const isLeftAlone = async (serverId: string): Promise<boolean> => {
    if ((await maintenance.active(serverId)).size > 0) return true;
    if ((await tasks.activeOnServer(serverId, null)).length > 0) return true;
    // Whoever has stopped it by Buoy wants it to be so.
    const [last] = await tasks.lastEnded(serverId, byHand);
    return last !== undefined && last.type === taskTypes.stop && last.succeeded;
  };

  const repair = async ({ serverId, alertId, setBy }: Candidate): Promise<void> => {
    if (!(await mayRepair(setBy, serverId))) return switchOff(serverId, setBy);
    if (await isLeftAlone(serverId)) return;
    const name = shownName(await store.find(serverId)).slice(0, MAX_NAME);
    const times = { now: now(), dayAgo: now(DAY_MS), forgetBefore: now(KEPT_MS) };
    try {
      await tasks.start(
        taskTypes.restart,
        {
          ...{ serverId, input: {}, createdBy: setBy },
          also: (taskId) => async (trx) => {
            if (!(await store.claim(trx, { serverId, alertId, taskId, setBy, name }, times)))
              throw new AppError('stale_version', 'This alert needs no restart any more.');
          },
        },
        recorderOf('auto-repair', setBy, serverId, { alert: alertId }),
      );
      onEvent();
    } catch (error) {
      // Another Buoy, or a person, was faster.
      if (!isAppError(error, 'stale_version', 'task_already_running', 'not_found')) throw error;
    }
  };

  const storeEnd = async (run: Awaited<ReturnType<AutoRepairStore['running']>>[number]): Promise<void> => {
    const task = await tasks.find(run.taskId).catch((error: unknown) => {
      if (isAppError(error, 'not_found')) return null;
      throw error;
    });
    const result = task === null ? 'failed' : resultOf(task);
    if (result === 'running') return;
    await store.ended(run, result, now());
    onEvent();
  };

  const each = async <T extends { serverId: string }>(
    all: readonly T[],
    work: (one: T) => Promise<void>,
  ): Promise<void> => {
    for (const one of all) {
      await myTurn();
      if (isClosed) return;
      await work(one).catch((error: unknown) =>
        logger.error({ serverId: one.serverId, err: error }, 'an automatic repair could not continue'),
      );
    }
  };

  const work = async (): Promise<void> => {
    do {
      isWoken = false;
      try {
        await each(await store.running(), storeEnd);
        await each(await store.candidates({ now: now(), dayAgo: now(DAY_MS) }), repair);
      } catch (error) {
        logger.error({ err: error }, 'the automatic repairs could not be read');
      }
    } while (isWoken && !isClosed);
  };

  const wake = (): Promise<void> => {
    if (!isStarted || isClosed) return Promise.resolve();
    isWoken = true;
    if (working !== null) return working;
    stopTimer();
    working = work().finally(() => {
      working = null;
      if (!isClosed) stopTimer = clock.after(INTERVAL_MS, () => void wake());
    });
    return working;
  };

  const read = async (serverId: string): Promise<{ autoRepair: AutoRepair }> => {
    const [row, run, usedToday] = await Promise.all([
      store.find(serverId),
      store.lastRun(serverId),
      store.usedSince(serverId, now(DAY_MS)),
    ]);
    const lastResult = run === null ? null : autoRepairResult.catch('failed').parse(run.result ?? 'running');
    const isEnded = row !== null && row.endedAt !== null && row.endedAt >= (run?.at ?? '');
    return {
      autoRepair: {
        enabled: row?.enabled === 1,
        perDay: row?.perDay ?? AUTO_REPAIRS_A_DAY.usual,
        usedToday,
        setBy: row === null ? null : { userId: row.setBy, name: shownName(row) },
        lastAt: isEnded ? row.endedAt : (run?.at ?? null),
        lastResult: isEnded ? 'switched_off' : lastResult,
      },
    };
  };

  return {
    read,

    /** It acts with the rights of the caller from then on. */
    async set(
      serverId: string,
      caller: Caller,
      { enabled, perDay }: { enabled: boolean; perDay: number },
      recorder: AuditRecorder,
    ): Promise<{ autoRepair: AutoRepair }> {
      const change = { enabled, perDay, setBy: caller.user.id, now: now() };
      await store.set(serverId, change, recorder.change({ details: { enabled, perDay } }));
      void wake();
      return read(serverId);
    },

    /** What that person has switched on on this server ends, unless they may still restart its gateway. */
    async endOf(serverId: string, userId: string): Promise<void> {
      if (!(await mayRepair(userId, serverId))) await switchOff(serverId, userId);
    },

    /** The same on all servers. */
    async endOfPerson(userId: string): Promise<void> {
      for (const serverId of await store.enabledBy(userId))
        if (!(await mayRepair(userId, serverId))) await switchOff(serverId, userId);
    },

    start(): void {
      isStarted = true;
      void wake();
    },

    /** An alert has begun, or a task has ended. Resolves when all that is there was looked at; never rejects. */
    wake,

    async close(): Promise<void> {
      isClosed = true;
      stopTimer();
      await working;
    },
  };
}

function shownName(row: AutoRepairRow | null): string {
  if (row === null) return '';
  return row.setter === null ? row.setBy : nameOf(row.setter);
}

function resultOf(task: Task): (typeof autoRepairResult.options)[number] {
  if (!hasEnded(task)) return 'running';
  return task.status === 'interrupted' ? 'failed' : task.status;
}
