// Queries of the administration pages.
import type { Contract, RequestOf } from '@buoy/contract';
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import type { Api } from '../../api.ts';

/** Milliseconds; what is asked is cheap for Buoy. */
const HEALTH_INTERVAL_MS = 10_000;
/** The largest page that the API gives. */
const MANY = 200;

type AuditQuery = NonNullable<RequestOf<Contract['GET /admin/audit']>['query']>;
/** Which entries are wanted; times are ISO 8601 in UTC. */
export type AuditFilter = Pick<AuditQuery, 'userId' | 'serverId' | 'action' | 'from' | 'to'>;

export type PeopleFilter = Pick<
  NonNullable<RequestOf<Contract['GET /admin/users']>['query']>,
  'q' | 'status'
>;

export function healthQuery(api: Api) {
  return queryOptions({
    queryKey: ['admin', 'health'],
    queryFn: ({ signal }) => api.call('GET /admin/health/detailed', { signal }),
    refetchInterval: HEALTH_INTERVAL_MS,
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

/** @param filter which people are wanted; by default everybody */
export function usersQuery(api: Api, filter: PeopleFilter = {}) {
  return infiniteQueryOptions({
    queryKey: ['admin', 'users', filter],
    queryFn: ({ pageParam, signal }) =>
      api.call('GET /admin/users', { query: { ...filter, limit: MANY, cursor: pageParam }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
  });
}
