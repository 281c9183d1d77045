// Tasks: longer work on servers, with steps.
import type { Task, TaskStatus } from '@buoy/contract';
import type { Client } from '@buoy/contract/client';
import { taskStatuses } from '@buoy/contract/constants';
import {
  type Args,
  arg,
  type Command,
  type Context,
  choiceOption,
  command,
  type Flags,
  isSet,
  numberOption,
  type Texts,
  textOption,
  UsageError,
} from '../command.ts';
import { followStarted, followTask, taskResult } from '../follow-task.ts';
import { withList } from '../list-hint.ts';
import { ago } from '../output/ago.ts';
import { fixedColumn, wrappedColumn } from '../output/table.ts';
import { personNames } from '../person-names.ts';
import { rawOption } from '../raw-option.ts';
import { resolveServer, serverNames } from '../resolve-server.ts';
import { sinceIn, sinceOption, wantedItems } from '../since.ts';
import { watched, watchOption } from '../watch.ts';

const PAGE = 50;

async function list(
  context: Context & Texts<'server' | 'limit' | 'since' | 'status'> & Flags<'watch'>,
): Promise<void> {
  const { output, terminal } = context;
  const status = choiceOption(context, 'status', taskStatuses);
  const api = context.api();
  const server = textOption(context, 'server');
  const since = sinceIn(context);
  const query = {
    limit: numberOption(context, 'limit', 1, 200) ?? PAGE,
    status,
    ...(server === undefined ? {} : { serverId: (await resolveServer(api, server)).id }),
  };
  await watched(context, async () => {
    const tasks = await tasksIn(api, query, since);
    const nameOf = await serverNames(context, api);
    const personOf = await personNames(context, api, tasks.map(actOf));
    output.result({ tasks }, () =>
      output.table(
        ['TASK', 'TYPE', fixedColumn('STATUS'), 'SERVER', 'STARTED', 'BY', wrappedColumn('WHY')],
        tasks.map((one) => [
          one.id,
          one.type,
          one.status,
          nameOf(one.serverId),
          ago(one.startedAt ?? one.createdAt, terminal.now()),
          personOf(one.createdBy),
          one.error?.message ?? '',
        ]),
        'No tasks.',
      ),
    );
  });
}

type TaskQuery = { limit: number; status: TaskStatus | undefined; serverId?: string };

/** Tasks come newest first, so reading stops at the first that is too old. */
async function tasksIn(api: Client, query: TaskQuery, since = 0): Promise<Task[]> {
  const isOver = (task: Task) => Date.parse(task.createdAt) < since;
  return wantedItems(
    async (cursor) => {
      const { tasks, nextCursor } = await api('GET /tasks', { query: { ...query, cursor } });
      return { items: tasks, nextCursor };
    },
    { limit: query.limit, isWanted: (task) => !isOver(task), isOver },
  );
}

const actOf = ({ createdBy, serverId }: Task) => ({ userId: createdBy, serverId });

/** Calls the API for the task in the argument TASK. @throws CommandError when the task does not exist */
async function ofTask<T>(
  context: Context & Args<'task'>,
  ask: (api: Client, params: { id: string }) => Promise<T>,
): Promise<T> {
  const id = arg(context, 'task');
  if (id.trim() === '') throw new UsageError('Which task? The id is empty.', 'List them: buoy tasks list');
  return withList(ask(context.api(), { id }), 'buoy tasks list');
}

const taskOf = async (context: Context & Args<'task'>): Promise<Task> =>
  (await ofTask(context, (api, params) => api('GET /tasks/:id', { params }))).task;

async function show(context: Context & Args<'task'>): Promise<void> {
  const { output } = context;
  const task = await taskOf(context);
  const nameOf = await serverNames(context, context.api());
  const personOf = await personNames(context, context.api(), [actOf(task)]);
  output.result({ task }, () => {
    output.pairs([
      ['Task', task.id],
      ['Type', task.type],
      ['Status', task.status],
      ['Server', nameOf(task.serverId)],
      ['By', personOf(task.createdBy)],
      ['Started', task.startedAt],
      ['Finished', task.finishedAt],
      ['Error', task.error?.message ?? null],
    ]);
    output.table(
      ['STEP', fixedColumn('STATUS'), wrappedColumn('DETAIL')],
      task.steps.map((step) => [step.title, step.status, step.detail]),
    );
  });
}

async function watch(context: Context & Args<'task'> & Flags<'output'>): Promise<number | undefined> {
  return taskResult(context, await followTask(context, await taskOf(context), isSet(context, 'output')));
}

async function cancel(context: Context & Args<'task'>): Promise<void> {
  const { task } = await ofTask(context, (api, params) => api('POST /tasks/:id/cancel', { params }));
  context.output.result({ task }, () => context.output.line(`The task is ${task.status}.`));
}

async function retry(
  context: Context & Args<'task'> & Flags<'no-wait' | 'output'>,
): Promise<number | undefined> {
  const { task } = await ofTask(context, (api, params) => api('POST /tasks/:id/retry', { params }));
  return followStarted(context, task, {
    wait: !isSet(context, 'no-wait'),
    showOutput: isSet(context, 'output'),
  });
}

/** Prints everything the steps have printed so far. */
async function printed(context: Context & Args<'task'>): Promise<void> {
  const { output } = context;
  let taskOutput = '';
  for (let offset = 0; ; ) {
    const query = { offset };
    const { output: page } = await ofTask(context, (api, params) =>
      api('GET /tasks/:id/output', { params, query }),
    );
    taskOutput += page.text;
    const isEnd = page.nextOffset === offset;
    offset = page.nextOffset;
    if (!isEnd && !page.complete) continue;
    return output.result({ output: { text: taskOutput, complete: page.complete } }, () => {
      if (taskOutput === '') output.note('The task has printed nothing.');
      else output.text(taskOutput);
    });
  }
}

export const outputOption = { type: 'boolean', summary: 'Show the output of the steps' } as const;
export const waitOption = { type: 'boolean', summary: 'Do not wait for the task to end' } as const;

export const taskCommands: readonly Command[] = [
  command({
    name: 'tasks list',
    summary: 'List tasks, newest first',
    options: {
      server: { type: 'string', value: 'SERVER', summary: 'Only this server' },
      status: {
        type: 'string',
        value: 'STATUS',
        choices: taskStatuses,
        summary: `Only in this state: ${taskStatuses.join(', ')}`,
      },
      since: sinceOption,
      limit: { type: 'string', value: 'NUMBER', summary: 'Maximum number of results (default 50)' },
      watch: watchOption,
    },
    run: list,
  }),
  command({ name: 'tasks show', summary: 'Show a task and its steps', args: ['task'], run: show }),
  command({
    name: 'tasks watch',
    summary: 'Follow a task until it ends',
    args: ['task'],
    options: { output: outputOption, raw: rawOption },
    run: watch,
  }),
  command({ name: 'tasks cancel', summary: 'Cancel a task', args: ['task'], run: cancel }),
  command({
    name: 'tasks retry',
    summary: 'Run a failed task again, and follow it',
    args: ['task'],
    options: { 'no-wait': waitOption, output: outputOption, raw: rawOption },
    run: retry,
  }),
  command({
    name: 'tasks output',
    summary: 'Print everything the steps of a task printed',
    args: ['task'],
    options: { raw: rawOption },
    run: printed,
  }),
];
