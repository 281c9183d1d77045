// Queries about update policies, and their cache keys.
import type { UpdatePolicy } from '@buoy/contract';
import { queryOptions } from '@tanstack/react-query';
import type { Api } from '../../api.ts';

/** The largest page that the API gives; a person has a hundred policies at most. */
const PAGE_SIZE = 200;
/** Milliseconds: a window opens or closes by itself. */
const INTERVAL_MS = 60_000;

export const UPDATE_POLICIES = 'update-policies';

export function policiesQuery(api: Api) {
  return queryOptions({
    queryKey: [UPDATE_POLICIES],
    queryFn: async ({ signal }): Promise<UpdatePolicy[]> =>
      (await api.call('GET /update-policies', { query: { limit: PAGE_SIZE }, signal })).policies,
    refetchInterval: INTERVAL_MS,
  });
}
