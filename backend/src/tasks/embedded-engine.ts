// Runs tasks inside this process: the engine for one Buoy on SQLite, where whatever is unfinished at a start is ours.
import { AppError } from '../lib/app-error.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import type { TaskEngine } from './task-engine.ts';

/** Tasks at once. They mostly wait for remote machines; one that waits for an unreachable server keeps its place. */
const defaultConcurrency = 32;
/** Milliseconds for running steps to let go: a stop has 10 s in all. */
const defaultDrainMs = 7_000;
/** Milliseconds before a task is run again whose journal could not be written; doubled each time up to the second. */
const retryMs = { first: 1_000, most: 60_000 };

/**
 * @param activeIds the queued and running tasks in the store, oldest first
 */
export function createEmbeddedEngine(options: {
  activeIds: () => Promise<string[]>;
  clock: Clock;
  logger: Logger;
  concurrency?: number;
  drainMs?: number;
}): TaskEngine {
  const { activeIds, clock, logger, concurrency = defaultConcurrency, drainMs = defaultDrainMs } = options;
  const waiting = new Set<string>();
  const running = new Map<string, { controller: AbortController; done: Promise<void> }>();
  /** Failed runs in a row by task. */
  const failures = new Map<string, number>();
  const retryTimers = new Set<() => void>();
  let run: ((taskId: string, signal: AbortSignal) => Promise<void>) | null = null;
  let stopping = false;

  const add = (taskId: string): void => {
    if (stopping || running.has(taskId)) return;
    waiting.add(taskId);
    fill();
  };

  const fill = (): void => {
    if (run === null || stopping) return;
    for (const taskId of waiting) {
      if (running.size >= concurrency) return;
      waiting.delete(taskId);
      begin(taskId, run);
    }
  };

  const begin = (taskId: string, runTask: NonNullable<typeof run>): void => {
    const controller = new AbortController();
    const done = runTask(taskId, controller.signal)
      .then(
        () => void failures.delete(taskId),
        (error: unknown) => retryLater(taskId, error),
      )
      .finally(() => {
        running.delete(taskId);
        fill();
      });
    running.set(taskId, { controller, done });
  };

  const retryLater = (taskId: string, error: unknown): void => {
    const count = (failures.get(taskId) ?? 0) + 1;
    failures.set(taskId, count);
    const delayMs = Math.min(retryMs.most, retryMs.first * 2 ** (count - 1));
    logger.error(
      { err: error, taskId, delayMs },
      'the journal of a task could not be written; it is run again',
    );
    const cancelTimer = clock.after(delayMs, () => {
      retryTimers.delete(cancelTimer);
      add(taskId);
    });
    retryTimers.add(cancelTimer);
  };

  return {
    async start(runTask) {
      const left = await activeIds();
      run = runTask;
      const early = [...waiting];
      waiting.clear();
      for (const taskId of [...left, ...early]) waiting.add(taskId);
      fill();
    },

    async enqueue(taskId) {
      add(taskId);
    },

    cancel(taskId) {
      waiting.delete(taskId);
      running.get(taskId)?.controller.abort(new AppError('cancelled', 'This task was cancelled.'));
    },

    async stop() {
      stopping = true;
      waiting.clear();
      for (const cancelTimer of retryTimers) cancelTimer();
      const reason = new AppError('shutting_down', 'Buoy is stopping.');
      for (const { controller } of running.values()) controller.abort(reason);
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
