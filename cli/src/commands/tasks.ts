// Tasks: what takes longer than a moment.
import type { Task, TaskStatus } from '@buoy/contract';
import {
  arg,
  type Command,
  type Context,
  choiceOption,
  isSet,
  numberOption,
  textOption,
} from '../command.ts';
import { followTask, taskResult } from '../follow-task.ts';
import { ago } from '../output/ago.ts';
import { resolveServer } from '../resolve-server.ts';

const PAGE = 50;
const statuses = [
  'queued',
  'running',
  'succeeded',
  'failed',
  'cancelled',
  'interrupted',
] as const satisfies readonly TaskStatus[];

async function list(context: Context): Promise<void> {
  const { output, terminal } = context;
  const status = choiceOption(context, 'status', statuses);
  const api = context.api();
  const server = textOption(context, 'server');
  const { tasks } = await api('GET /tasks', {
    query: {
      limit: numberOption(context, 'limit', 1, 200) ?? PAGE,
      status,
      ...(server === undefined ? {} : { serverId: (await resolveServer(api, server)).id }),
    },
  });
  output.result({ tasks }, () =>
    output.table(
      ['TASK', 'TYPE', 'STATUS', 'SERVER', 'STARTED', 'BY', 'WHY'],
      tasks.map((one) => [
        one.id,
        one.type,
        one.status,
        one.serverId,
        ago(one.startedAt ?? one.createdAt, terminal.now()),
        one.createdBy,
        one.error?.message ?? '',
      ]),
      'No tasks.',
    ),
  );
}

async function taskOf(context: Context): Promise<Task> {
  return (await context.api()('GET /tasks/:id', { params: { id: arg(context, 'task') } })).task;
}

async function show(context: Context): Promise<void> {
  const { output } = context;
  const task = await taskOf(context);
  output.result({ task }, () => {
    output.pairs([
      ['Task', task.id],
      ['Type', task.type],
      ['Status', task.status],
      ['Server', task.serverId],
      ['Started', task.startedAt],
      ['Finished', task.finishedAt],
      ['Error', task.error?.message ?? null],
    ]);
    output.table(
      ['STEP', 'STATUS', 'DETAIL'],
      task.steps.map((step) => [step.title, step.status, step.detail]),
    );
  });
}

async function watch(context: Context): Promise<number | undefined> {
  return taskResult(context, await followTask(context, await taskOf(context), isSet(context, 'output')));
}

async function cancel(context: Context): Promise<void> {
  const { task } = await context.api()('POST /tasks/:id/cancel', { params: { id: arg(context, 'task') } });
  context.output.result({ task }, () => context.output.line(`The task is ${task.status}.`));
}

async function retry(context: Context): Promise<number | undefined> {
  const { task } = await context.api()('POST /tasks/:id/retry', { params: { id: arg(context, 'task') } });
  return taskResult(context, await followTask(context, task, false));
}

export const outputOption = { type: 'boolean', summary: 'Show what the steps print' } as const;
export const waitOption = { type: 'boolean', summary: 'Do not wait for the end' } as const;

export const taskCommands: readonly Command[] = [
  {
    name: 'tasks list',
    summary: 'Tasks, the newest first',
    options: {
      server: { type: 'string', value: 'SERVER', summary: 'Only of this server' },
      status: { type: 'string', value: 'STATUS', summary: `Only in this state: ${statuses.join(', ')}` },
      limit: { type: 'string', value: 'NUMBER', summary: 'At most so many; 50 unless told' },
    },
    run: list,
  },
  { name: 'tasks show', summary: 'One task with its steps', args: ['task'], run: show },
  {
    name: 'tasks watch',
    summary: 'Follow a task until it ends',
    args: ['task'],
    options: { output: outputOption },
    run: watch,
  },
  { name: 'tasks cancel', summary: 'Stop a task', args: ['task'], run: cancel },
  { name: 'tasks retry', summary: 'Run a failed task again, and follow it', args: ['task'], run: retry },
];
