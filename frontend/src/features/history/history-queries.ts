// The query of a server's history.
import { queryOptions } from '@tanstack/react-query';
import type { Api } from '../../api.ts';

/** Milliseconds between two polls: checks are minutes apart. */
const INTERVAL_MS = 60_000;

export function historyQuery(api: Api, id: string) {
  return queryOptions({
    queryKey: ['history', id],
    queryFn: ({ signal }) =>
      api.call('GET /servers/:id/history', { params: { id }, query: { step: 'hour' }, signal }),
    refetchInterval: INTERVAL_MS,
  });
}
