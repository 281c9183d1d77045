// Queries of the scheduled job pages.
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import type { Api } from '../../api.ts';

/** Runs on one page of the history. */
const PAGE_SIZE = 25;

/** Everything about the jobs of a server is kept under it. */
export const cronKey = (serverId: string) => ['cron', serverId] as const;

export function jobsQuery(api: Api, serverId: string) {
  return queryOptions({
    queryKey: [...cronKey(serverId), 'jobs'],
    queryFn: ({ signal }) => api.call('GET /servers/:id/openclaw/cron', { params: { id: serverId }, signal }),
  });
}

export function runsQuery(api: Api, serverId: string, jobId: string) {
  return infiniteQueryOptions({
    queryKey: [...cronKey(serverId), 'runs', jobId],
    queryFn: ({ signal, pageParam }) =>
      api.call('GET /servers/:id/openclaw/cron/:jobId/runs', {
        params: { id: serverId, jobId },
        query: { limit: PAGE_SIZE, ...(pageParam === null ? {} : { cursor: pageParam }) },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: ({ nextCursor }) => nextCursor,
  });
}
