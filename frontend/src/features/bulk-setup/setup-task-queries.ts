// The setups of several servers: found by a few calls, however many servers there are.
import type { Task, TaskStatus } from '@buoy/contract';
import { atOnce } from '@buoy/contract/at-once';
import { activeTaskStatuses, hasEnded, taskTypes } from '@buoy/contract/constants';
import { queryOptions } from '@tanstack/react-query';
import { type Api, isGone } from '../../api.ts';

/** Milliseconds between two polls while a setup runs, and otherwise. */
const ACTIVE_POLL_MS = 4_000;
const IDLE_POLL_MS = 20_000;
/** A task comes with the tail of each step's output. */
const PAGE_SIZE = 50;
/** Ended tasks that are read at the same time. */
const MAX_AT_ONCE = 4;

/** By the id of its server, the newest setup. */
export type SetupTasks = ReadonlyMap<string, Task>;

export const SETUP_TASKS = ['tasks', 'setups'] as const;

/** @param started the setups of this page, as Buoy accepted them; called at each poll */
export function setupTasksQuery(api: Api, started: () => readonly Task[]) {
  return queryOptions({
    queryKey: SETUP_TASKS,
    queryFn: ({ client, signal }): Promise<SetupTasks> =>
      readSetupTasks(api, client.getQueryData<SetupTasks>(SETUP_TASKS) ?? null, started(), signal),
    refetchInterval: ({ state }) =>
      [...(state.data ?? new Map<string, Task>()).values()].every(hasEnded) ? IDLE_POLL_MS : ACTIVE_POLL_MS,
  });
}

/**
 * The setups that run or wait, those of `before` and `started` as they are by now, and the first time those that have failed.
 * @param before the answer of the last time; null: this is the first
 */
export async function readSetupTasks(
  api: Pick<Api, 'call'>,
  before: SetupTasks | null,
  started: readonly Task[],
  signal: AbortSignal,
): Promise<SetupTasks> {
  const list = async (status: TaskStatus): Promise<Task[]> => {
    const { tasks } = await api.call('GET /tasks', { query: { status, limit: PAGE_SIZE }, signal });
    return tasks.filter(({ type }) => type === taskTypes.setup);
  };
  const active = (await Promise.all(activeTaskStatuses.map(list))).flat();
  const known = new Map(before ?? newest(await list('failed')));
  for (const task of started) known.set(serverOf(task), newerOf(known.get(serverOf(task)) ?? task, task));
  for (const task of active) known.set(serverOf(task), task);
  const isActive = new Set(active.map(({ id }) => id));
  const ended = [...known.values()].filter((task) => !hasEnded(task) && !isActive.has(task.id));
  await atOnce(ended, MAX_AT_ONCE, async (task) => {
    const now = await taskNow(api, task, signal);
    if (now === null) known.delete(serverOf(task));
    else known.set(serverOf(task), now);
  });
  return known;
}

/** null: its server was removed, or is not visible any more. */
async function taskNow(api: Pick<Api, 'call'>, { id }: Task, signal: AbortSignal): Promise<Task | null> {
  try {
    return (await api.call('GET /tasks/:id', { params: { id }, signal })).task;
  } catch (error) {
    if (error instanceof Error && isGone(error)) return null;
    throw error;
  }
}

/** @param tasks newest first */
function newest(tasks: readonly Task[]): Map<string, Task> {
  return new Map(tasks.toReversed().map((task) => [serverOf(task), task]));
}

/** @returns `known`, which was read later, unless `started` is another try after it */
export function newerOf(known: Task, started: Task): Task {
  return known.id !== started.id && known.createdAt < started.createdAt ? started : known;
}

/** Every setup has a server. */
function serverOf({ serverId }: Task): string {
  return serverId ?? '';
}
