// Queries about rollouts, their intervals and cache keys.
import type { Rollout } from '@buoy/contract';
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { type Api, isRefusal } from '../../api.ts';
import { phaseOf } from './rollout-state.ts';

/** Milliseconds between two polls of a rollout that changes by itself, and of one that waits for a person. */
const MOVING_POLL_MS = 2_000;
const WAITING_POLL_MS = 15_000;
/** Milliseconds between two polls of the list while a rollout in it moves, and otherwise. */
const LIST_POLL_MS = 5_000;
const IDLE_LIST_POLL_MS = 20_000;
/** A rollout comes with all of its servers. */
const PAGE_SIZE = 20;

/** Of every question about rollouts: an act on one of them changes the answers of all. */
export const ROLLOUTS = 'rollouts';

export function rolloutsQuery(api: Api) {
  return infiniteQueryOptions({
    queryKey: [ROLLOUTS, 'list'],
    queryFn: ({ pageParam, signal }) =>
      api.call('GET /rollouts', { query: { limit: PAGE_SIZE, cursor: pageParam }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    refetchInterval: ({ state }) => {
      const known = state.data?.pages.flatMap(({ rollouts }) => rollouts) ?? [];
      return known.some((rollout) => phaseOf(rollout) === 'moving') ? LIST_POLL_MS : IDLE_LIST_POLL_MS;
    },
  });
}

export function rolloutQuery(api: Api, id: string) {
  return queryOptions({
    queryKey: [ROLLOUTS, 'one', id],
    queryFn: async ({ signal }) => (await api.call('GET /rollouts/:id', { params: { id }, signal })).rollout,
    refetchInterval: ({ state }) => {
      if (state.error !== null && isRefusal(state.error)) return false;
      return state.data === undefined ? MOVING_POLL_MS : pollMs(state.data);
    },
  });
}

function pollMs(rollout: Rollout): number | false {
  const phase = phaseOf(rollout);
  if (phase === 'ended') return false;
  return phase === 'moving' ? MOVING_POLL_MS : WAITING_POLL_MS;
}
