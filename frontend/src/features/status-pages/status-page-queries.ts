// Queries about status pages, and their cache keys.
import type { StatusPage } from '@buoy/contract';
import { queryOptions } from '@tanstack/react-query';
import type { Api } from '../../api.ts';

/** The largest page that the API gives; a person has twenty status pages at most, and a super-admin sees the first ones of everybody. */
const PAGE_SIZE = 200;

export const STATUS_PAGES = 'status-pages';

export function statusPagesQuery(api: Api) {
  return queryOptions({
    queryKey: [STATUS_PAGES],
    queryFn: async ({ signal }): Promise<StatusPage[]> =>
      (await api.call('GET /status-pages', { query: { limit: PAGE_SIZE }, signal })).statusPages,
  });
}
