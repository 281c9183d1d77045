// Queries of the usage page and their cache keys.
import { queryOptions } from '@tanstack/react-query';
import type { Api } from '../../api.ts';
import type { UsageRange } from './usage-range.ts';

/** Milliseconds until OpenClaw is asked again when it was still counting. */
const COUNTING_MS = 5_000;

export const usageKey = (serverId: string) => ['usage', serverId] as const;

export function usageQuery(api: Api, serverId: string, range: UsageRange) {
  return queryOptions({
    queryKey: [...usageKey(serverId), range],
    queryFn: ({ signal }) =>
      api.call('GET /servers/:id/openclaw/usage', {
        params: { id: serverId },
        ...(range === null ? {} : { query: range }),
        signal,
      }),
    refetchInterval: ({ state }) =>
      state.data?.usage.fresh === false && state.data.source === 'gateway' ? COUNTING_MS : false,
  });
}
