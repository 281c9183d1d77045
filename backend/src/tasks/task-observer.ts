// The observer of ended tasks, for metrics and for what waits for an end.
import type { EndedTaskStatus } from '@buoy/contract';

export type TaskObserver = {
  /** A task ended, and that is stored. `durationMs` counts from its start, restarts of Buoy included; null when it never started. For metrics, so without owner and server. */
  ended(task: { type: string; status: EndedTaskStatus; durationMs: number | null }): void;
  /** A task of a server that had begun ended, however, and that is stored. */
  endedOn?(serverId: string, type: string): void;
};

export const unobserved: TaskObserver = { ended: () => undefined };
