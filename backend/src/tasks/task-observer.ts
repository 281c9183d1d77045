// The observer of ended tasks, for metrics and for what waits for an end: never gets the task, its owner or its server.
import type { EndedTaskStatus } from '@buoy/contract';

export type TaskObserver = {
  /** A task ended, and that is stored. `durationMs` counts from its start, restarts of Buoy included; null when it never started. */
  ended(task: { type: string; status: EndedTaskStatus; durationMs: number | null }): void;
};

export const unobserved: TaskObserver = { ended: () => undefined };
