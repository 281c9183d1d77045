// Tasks: anything longer than a moment, as a journal of steps.
import { z } from 'zod';
import { stepStatuses, taskStatuses } from './constants.ts';
import type { Endpoints } from './endpoint.ts';
import { cursor, id, idParams, limit, line, time } from './scalars.ts';
import { taskResult } from './task-results.ts';

export const taskStatus = z.enum(taskStatuses);
export const stepStatus = z.enum(stepStatuses);

/** Why a task failed, and what to do. */
export const taskError = z.object({ code: z.string(), message: z.string(), hint: z.string().nullable() });
export type TaskError = z.output<typeof taskError>;

export const taskStep = z
  .object({
    id: z.string(),
    title: z.string(),
    status: stepStatus,
    startedAt: time.nullable(),
    finishedAt: time.nullable(),
    detail: z.string().nullable(),
    /** The last 4 KB of its output, and the last 512 bytes in a list of tasks. */
    outputTail: z.string(),
  })
  .meta({ id: 'TaskStep' });
export type TaskStep = z.output<typeof taskStep>;

export const task = z
  .object({
    id,
    type: z.string(),
    serverId: id.nullable(),
    status: taskStatus,
    steps: z.array(taskStep),
    progress: z.number().min(0).max(1),
    result: taskResult,
    error: taskError.nullable(),
    createdBy: z.string(),
    createdAt: time,
    startedAt: time.nullable(),
    finishedAt: time.nullable(),
  })
  .meta({ id: 'Task' });
export type Task = z.output<typeof task>;

/** A piece of a task's output; offsets count bytes from the start of the whole task's output. */
const outputChunk = z.object({ stepId: z.string(), offset: z.number().int(), text: z.string() });

const oneTask = z.object({ task });

export const tasks = {
  'GET /tasks': {
    summary: 'Tasks of the servers visible to the caller, newest first',
    query: z.strictObject({ serverId: id.optional(), status: taskStatus.optional(), limit, cursor }),
    status: 200,
    response: z.object({ tasks: z.array(task), nextCursor: z.string().nullable() }),
  },
  'GET /tasks/active': {
    summary: 'Find active task for reconnection',
    query: z.strictObject({ type: line(64).optional(), serverId: id.optional() }),
    status: 200,
    response: z.object({ task: task.nullable() }),
  },
  'GET /tasks/active-server': {
    summary: 'List all active tasks for a server',
    query: z.strictObject({ serverId: id }),
    status: 200,
    response: z.object({ tasks: z.array(task) }),
  },
  'GET /tasks/:id': { summary: 'Get task state + steps', params: idParams, status: 200, response: oneTask },
  'GET /tasks/:id/events': {
    summary: 'Live task: state, steps, output; Last-Event-ID resumes',
    params: idParams,
    status: 200,
    events: { task, step: taskStep, output: outputChunk },
    resumable: true,
  },
  'GET /tasks/:id/output': {
    summary: "A task's whole output from a byte offset on",
    params: idParams,
    query: z.strictObject({ offset: z.coerce.number().int().min(0).default(0) }),
    status: 200,
    response: z.object({
      output: z.object({
        offset: z.number().int(),
        nextOffset: z.number().int(),
        text: z.string(),
        /** The task has ended and nothing comes after `nextOffset`. */
        complete: z.boolean(),
      }),
    }),
  },
  'POST /tasks/:id/cancel': {
    summary: 'Cancel: the running step is stopped, later ones do not start',
    params: idParams,
    status: 200,
    response: oneTask,
  },
  'POST /tasks/:id/retry': {
    summary: 'Run a failed, cancelled or interrupted task again, as a new task',
    params: idParams,
    status: 202,
    response: oneTask,
  },
} as const satisfies Endpoints;
