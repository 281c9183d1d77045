// The query of a server's maintenance windows, and its cache key.
import { queryOptions } from '@tanstack/react-query';
import type { Api } from '../../api.ts';

/** Milliseconds: a window begins and ends by itself. */
const INTERVAL_MS = 30_000;
/** A server has twenty at most. */
const PAGE_SIZE = 50;

export const MAINTENANCE = 'maintenance';

export function maintenanceQuery(api: Api, id: string) {
  return queryOptions({
    queryKey: [MAINTENANCE, id],
    queryFn: async ({ signal }) => {
      const query = { limit: PAGE_SIZE };
      return (await api.call('GET /servers/:id/maintenance', { params: { id }, query, signal })).windows;
    },
    refetchInterval: INTERVAL_MS,
  });
}
