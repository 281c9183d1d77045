// The port of the task engine, which decides when and where a task runs. The journal of steps is the same for every engine.

/** A stored task as the engine sees it. `owner`: the person who started it; null: for the whole Buoy, outside all shares. */
export type QueuedTask = { id: string; owner: string | null };

/** Why a run has to let go. Their reasons are AppErrors: `cancelled` and `shutting_down`. */
export type RunSignals = { cancelled: AbortSignal; stopping: AbortSignal };

export type TaskEngine = {
  /**
   * Begins to work, with the tasks that an earlier process left behind first. `run` resolves when the task has ended or was left
   * for the next start; when it rejects, the task is run again later.
   */
  start(run: (taskId: string, signals: RunSignals) => Promise<void>): Promise<void>;
  /** Hands over a stored task. Before `start` it waits for it, after `stop` for the next process. */
  enqueue(task: QueuedTask): Promise<void>;
  /** How many more tasks of that person would begin at once, where they run in this process. */
  freeSlots(owner: string): number;
  /** Aborts `cancelled` of a task, where it runs in this process. */
  cancel(taskId: string): void;
  /** Aborts `stopping` of all runs and waits for them to let go, for some seconds at most. */
  stop(): Promise<void>;
};
