// A task as the store keeps it, and how it becomes the task of the API.
import type { StepStatus, Task, TaskError, TaskStatus } from '@buoy/contract';
import type { z } from 'zod';
import { lastCharacters } from './output-text.ts';

/** Bytes of each step's output in a list of tasks. */
const LISTED_TAIL_BYTES = 512;

export type StepRecord = {
  id: string;
  title: string;
  status: StepStatus;
  startedAt: string | null;
  finishedAt: string | null;
  detail: string | null;
  fraction: number;
  /** Parsed JSON, null when nothing was saved. */
  state: unknown;
  /** Parsed JSON. */
  result: unknown;
  outputTail: string;
};

export type TaskRecord = {
  id: string;
  type: string;
  serverId: string | null;
  status: TaskStatus;
  /** Parsed JSON. */
  input: unknown;
  /** Parsed JSON. */
  result: z.output<ReturnType<typeof z.json>>;
  error: TaskError | null;
  cancelRequested: boolean;
  createdBy: string;
  createdAt: string;
  startedAt: string | null;
  finishedAt: string | null;
  outputBytes: number;
  steps: StepRecord[];
};

/** The task of the API. Input and the steps' state and results stay inside. */
export function presentTask(record: TaskRecord): Task {
  return {
    id: record.id,
    type: record.type,
    serverId: record.serverId,
    status: record.status,
    steps: record.steps.map(({ id, title, status, startedAt, finishedAt, detail, outputTail }) => ({
      id,
      title,
      status,
      startedAt,
      finishedAt,
      detail,
      outputTail,
    })),
    progress: progressOf(record),
    result: record.result,
    error: record.error,
    createdBy: record.createdBy,
    createdAt: record.createdAt,
    startedAt: record.startedAt,
    finishedAt: record.finishedAt,
  };
}

/** For lists: a reader of one task's output asks for that task. */
export function withShortTails(record: TaskRecord): TaskRecord {
  const steps = record.steps.map((step) => ({
    ...step,
    outputTail: lastCharacters(Buffer.from(step.outputTail), LISTED_TAIL_BYTES).toString(),
  }));
  return { ...record, steps };
}

/** Finished steps over steps; a running step counts as far as it says that it is. */
function progressOf({ status, steps }: TaskRecord): number {
  if (status === 'succeeded') return 1;
  const done = steps.reduce((sum, step) => {
    // A step that never began is skipped without an end.
    if (step.status === 'succeeded' || (step.status === 'skipped' && step.finishedAt !== null))
      return sum + 1;
    return step.status === 'running' ? sum + Math.min(step.fraction, 0.99) : sum;
  }, 0);
  return steps.length === 0 ? 0 : Math.round((done / steps.length) * 1000) / 1000;
}
