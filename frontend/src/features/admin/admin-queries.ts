// What the administration asks about the whole Buoy.
import type { Contract, RequestOf } from '@buoy/contract';
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import type { Api } from '../../api.ts';

/** Milliseconds; what is asked is cheap for Buoy. */
const HEALTH_EVERY_MS = 10_000;
/** The largest page that the API gives. */
const MANY = 200;

type AuditQuery = NonNullable<RequestOf<Contract['GET /admin/audit']>['query']>;
/** Which entries are wanted; times are ISO 8601 in UTC. */
export type AuditFilter = Pick<AuditQuery, 'userId' | 'serverId' | 'action' | 'from' | 'to'>;

export function healthQuery(api: Api) {
  return queryOptions({
    queryKey: ['admin', 'health'],
    queryFn: ({ signal }) => api.call('GET /admin/health/detailed', { signal }),
    refetchInterval: HEALTH_EVERY_MS,
  });
}

export function auditQuery(api: Api, filter: AuditFilter) {
  return infiniteQueryOptions({
    queryKey: ['admin', 'audit', filter],
    queryFn: ({ pageParam, signal }) =>
      api.call('GET /admin/audit', { query: { ...filter, cursor: pageParam }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
  });
}

export function usersQuery(api: Api) {
  return infiniteQueryOptions({
    queryKey: ['admin', 'users'],
    queryFn: ({ pageParam, signal }) =>
      api.call('GET /admin/users', { query: { limit: MANY, cursor: pageParam }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
  });
}
