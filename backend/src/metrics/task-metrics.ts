// Counts tasks that have ended.
import { Counter, Histogram, type Registry } from 'prom-client';
import type { TaskObserver } from '../tasks/task-observer.ts';

/** Seconds. A restart takes some; an installation some minutes; an update of many servers up to hours. */
const DURATION_BUCKETS = [1, 5, 15, 60, 300, 900, 3_600, 14_400];

export function createTaskMetrics(registry: Registry): TaskObserver {
  const registers = [registry];
  const finished = new Counter({
    name: 'buoy_tasks_finished_total',
    help: 'Tasks that ended, by type and how.',
    labelNames: ['type', 'status'],
    registers,
  });
  const durations = new Histogram({
    name: 'buoy_task_duration_seconds',
    help: 'Time from the start of a task to its end, restarts of Buoy included.',
    labelNames: ['type'],
    buckets: DURATION_BUCKETS,
    registers,
  });

  return {
    ended({ type, status, durationMs }) {
      finished.inc({ type, status });
      // The clock of a machine may be set back meanwhile.
      if (durationMs !== null) durations.observe({ type }, Math.max(0, durationMs) / 1000);
    },
  };
}
