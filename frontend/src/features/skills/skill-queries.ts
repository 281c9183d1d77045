// Queries of the skills section.
import { queryOptions } from '@tanstack/react-query';
import type { Api } from '../../api.ts';

/** Everything about the skills of a server is kept under it. */
export const skillsKey = (serverId: string) => ['skills', serverId] as const;

/** @param agentId whose eyes they are seen with; empty: the default agent's */
export function skillsQuery(api: Api, serverId: string, agentId: string) {
  return queryOptions({
    queryKey: [...skillsKey(serverId), 'list', agentId],
    queryFn: ({ signal }) =>
      api.call('GET /servers/:id/openclaw/skills', {
        params: { id: serverId },
        query: agentId === '' ? {} : { agentId },
        signal,
      }),
  });
}

/** Asked when a person searches: it goes from the server out to the internet. */
export function clawhubQuery(api: Api, serverId: string, words: string) {
  return queryOptions({
    queryKey: [...skillsKey(serverId), 'clawhub', words],
    queryFn: ({ signal }) =>
      api.call('GET /servers/:id/openclaw/skills/search', {
        params: { id: serverId },
        query: { q: words },
        signal,
      }),
    enabled: words !== '',
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
  });
}
