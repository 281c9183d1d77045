// Runs tasks inside this process: the engine for one Buoy on SQLite, which resumes every unfinished task at its start.
import { AppError } from '../lib/app-error.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import type { QueuedTask, RunSignals, TaskEngine } from './task-engine.ts';

/** Concurrent tasks. They mostly wait for remote machines; one that waits for an unreachable server keeps its place. */
const DEFAULT_CONCURRENCY = 32;
/** Tasks beyond these, of people who have none running: a few people with dead servers hold all other places. */
const DEFAULT_RESERVE = 96;
/** Concurrent tasks of one person: their unreachable servers must not delay the tasks of others. */
const DEFAULT_PER_OWNER = 8;
/** Milliseconds for running steps to let go: a stop has 10 s in all. */
const DEFAULT_DRAIN_MS = 7_000;
/** Milliseconds before a task is run again whose journal could not be written; doubled each time up to the second. */
const RETRY_MS = { first: 1_000, max: 60_000 };

/**
 * @param queue the queued and running tasks in the store, oldest first
 */
export function createEmbeddedEngine(options: {
  queue: () => Promise<QueuedTask[]>;
  clock: Clock;
  logger: Logger;
  concurrency?: number;
  perOwner?: number;
  reserve?: number;
  drainMs?: number;
}): TaskEngine {
  const {
    queue,
    clock,
    logger,
    concurrency = DEFAULT_CONCURRENCY,
    perOwner = DEFAULT_PER_OWNER,
    reserve = DEFAULT_RESERVE,
    drainMs = DEFAULT_DRAIN_MS,
  } = options;
  /** By id, in their order. */
  const waiting = new Map<string, QueuedTask>();
  const running = new Map<string, { task: QueuedTask; controller: AbortController; done: Promise<void> }>();
  /** Failed runs in a row by task. */
  const failures = new Map<string, number>();
  const retryTimers = new Set<() => void>();
  let run: ((taskId: string, signals: RunSignals) => Promise<void>) | null = null;
  const stopping = new AbortController();

  const add = (task: QueuedTask): void => {
    if (stopping.signal.aborted || running.has(task.id)) return;
    waiting.set(task.id, task);
    fill();
  };

  /**
   * Whether one more task may run.
   * @param count running tasks of its person; negative: it belongs to nobody, and never waits
   * @param all running tasks of all people
   */
  const hasSlot = (count: number, all: number): boolean => {
    if (count < 0) return true;
    if (count === 0) return all < concurrency + reserve;
    return count < perOwner && all < concurrency;
  };

  const fill = (): void => {
    if (run === null || stopping.signal.aborted) return;
    const held = new Map<string, number>();
    for (const { task } of running.values())
      if (task.owner !== null) held.set(task.owner, (held.get(task.owner) ?? 0) + 1);
    const holds = ({ owner }: QueuedTask): number => (owner === null ? -1 : (held.get(owner) ?? 0));
    for (;;) {
      // The person with the fewest running tasks comes next, then the oldest task, so that a few people cannot shut others out.
      const next = [...waiting.values()].reduce<QueuedTask | null>(
        (best, task) => (best === null || holds(task) < holds(best) ? task : best),
        null,
      );
      if (next === null || !hasSlot(holds(next), running.size)) return;
      if (next.owner !== null) held.set(next.owner, holds(next) + 1);
      waiting.delete(next.id);
      begin(next, run);
    }
  };

  const begin = (task: QueuedTask, runTask: NonNullable<typeof run>): void => {
    const controller = new AbortController();
    const done = runTask(task.id, { cancelled: controller.signal, stopping: stopping.signal })
      .then(
        () => void failures.delete(task.id),
        (error: unknown) => retryLater(task, error),
      )
      .finally(() => {
        running.delete(task.id);
        fill();
      });
    running.set(task.id, { task, controller, done });
  };

  const retryLater = (task: QueuedTask, error: unknown): void => {
    const taskId = task.id;
    const count = (failures.get(taskId) ?? 0) + 1;
    failures.set(taskId, count);
    const delayMs = Math.min(RETRY_MS.max, RETRY_MS.first * 2 ** (count - 1));
    logger.error(
      { err: error, taskId, delayMs },
      'the journal of a task could not be written; it is run again',
    );
    const cancelTimer = clock.after(delayMs, () => {
      retryTimers.delete(cancelTimer);
      add(task);
    });
    retryTimers.add(cancelTimer);
  };

  return {
    async start(runTask) {
      const left = await queue();
      run = runTask;
      const early = [...waiting.values()];
      waiting.clear();
      for (const task of [...left, ...early]) waiting.set(task.id, task);
      fill();
    },

    async enqueue(task) {
      add(task);
    },

    freeSlots(owner) {
      const isOwn = (task: QueuedTask) => task.owner === owner;
      const waits = [...waiting.values()].filter(isOwn).length;
      const runs = [...running.values()].filter(({ task }) => isOwn(task)).length;
      let free = 0;
      while (hasSlot(runs + waits + free, running.size + waits + free)) free += 1;
      return free;
    },

    cancel(taskId) {
      // One that waits is run as well: it may have been cut before, and have something to undo.
      running.get(taskId)?.controller.abort(new AppError('cancelled', 'This task was cancelled.'));
    },

    async stop() {
      waiting.clear();
      for (const cancelTimer of retryTimers) cancelTimer();
      stopping.abort(new AppError('shutting_down', 'Buoy is stopping.'));
      let stopTimer = () => {};
      const tooLate = new Promise<void>((resolve) => {
        stopTimer = clock.after(drainMs, resolve);
      });
      await Promise.race([Promise.all([...running.values()].map(({ done }) => done)), tooLate]);
      stopTimer();
      if (running.size > 0)
        logger.warn(
          { tasks: [...running.keys()] },
          'tasks did not let go in time; they go on at the next start',
        );
    },
  };
}
