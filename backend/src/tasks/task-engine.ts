// The port of the task engine, which decides when and where a task runs. The journal of steps is the same for every engine.

/** A stored task as the engine sees it. `owner`: the person who started it; null: for the whole Buoy, outside all shares. */
export type QueuedTask = { id: string; owner: string | null };

export type TaskEngine = {
  /**
   * Begins to work, with the tasks that an earlier process left behind first. `run` resolves when the task has ended or was left
   * for the next start; when it rejects, the task is run again later.
   */
  start(run: (taskId: string, signal: AbortSignal) => Promise<void>): Promise<void>;
  /** Hands over a stored task. Before `start` it waits for it, after `stop` for the next process. */
  enqueue(task: QueuedTask): Promise<void>;
  /** Aborts the run of a task with the reason `cancelled`, where it runs in this process. */
  cancel(taskId: string): void;
  /** Aborts all runs with the reason `shutting_down` and waits for them to let go, for some seconds at most. */
  stop(): Promise<void>;
};
