// Queries about tasks, their intervals and cache keys.
import type { Task, TaskStatus } from '@buoy/contract';
import { hasEnded } from '@buoy/contract/constants';
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { type Api, isRefusal } from '../../api.ts';

/** Milliseconds between two polls of a list with running tasks, and of one without. */
const ACTIVE_POLL_MS = 5_000;
const IDLE_POLL_MS = 20_000;
/** A task comes with the tail of each step's output: more of them would be a heavy answer. */
const PAGE_SIZE = 20;

export type TaskFilter = { serverId?: string | undefined; status?: TaskStatus | undefined };

export function tasksQuery(api: Api, filter: TaskFilter) {
  return infiniteQueryOptions({
    queryKey: ['tasks', filter.serverId ?? null, filter.status ?? null],
    queryFn: ({ pageParam, signal }) =>
      api.call('GET /tasks', { query: { ...filter, limit: PAGE_SIZE, cursor: pageParam }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    refetchInterval: ({ state }) => everyMs(state.data?.pages.flatMap(({ tasks }) => tasks) ?? []),
  });
}

export function activeTasksQuery(api: Api, serverId: string) {
  return queryOptions({
    queryKey: ['tasks', 'active', serverId],
    queryFn: async ({ signal }) =>
      (await api.call('GET /tasks/active-server', { query: { serverId }, signal })).tasks,
    refetchInterval: ({ state }) => everyMs(state.data ?? []),
  });
}

/** The newest task that runs anywhere. */
export function runningTaskQuery(api: Api) {
  return queryOptions({
    queryKey: ['tasks', 'running'],
    queryFn: async ({ signal }) => (await api.call('GET /tasks/active', { signal })).task,
    refetchInterval: IDLE_POLL_MS,
  });
}

export function taskQuery(api: Api, id: string) {
  return queryOptions({
    queryKey: ['task', id],
    queryFn: async ({ signal }) => (await api.call('GET /tasks/:id', { params: { id }, signal })).task,
    // Once it is there it is followed; until then silence is worth asking again.
    refetchInterval: ({ state }) =>
      state.error !== null && !isRefusal(state.error) ? ACTIVE_POLL_MS : false,
  });
}

function everyMs(tasks: readonly Task[]): number {
  return tasks.every(hasEnded) ? IDLE_POLL_MS : ACTIVE_POLL_MS;
}
