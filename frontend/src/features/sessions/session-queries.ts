// Queries of the session pages and their cache keys.
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import type { Api } from '../../api.ts';

/** Messages of one page of a transcript: some screens full. */
const MESSAGES = 50;

export type SessionFilter = { q: string; agentId: string; isArchived: boolean };

export const sessionsKey = (serverId: string) => ['sessions', serverId] as const;
export const sessionListKey = (serverId: string) => [...sessionsKey(serverId), 'list'] as const;

export function sessionListQuery(api: Api, serverId: string, { q, agentId, isArchived }: SessionFilter) {
  return infiniteQueryOptions({
    queryKey: [...sessionListKey(serverId), { q, agentId, isArchived }],
    queryFn: ({ pageParam, signal }) =>
      api.call('GET /servers/:id/openclaw/sessions', {
        params: { id: serverId },
        query: {
          ...(q === '' ? {} : { q }),
          ...(agentId === '' ? {} : { agentId }),
          ...(isArchived ? { archived: 'true' } : {}),
          ...(pageParam === null ? {} : { cursor: pageParam }),
        },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: ({ nextCursor }) => nextCursor,
  });
}

export function sessionQuery(api: Api, serverId: string, key: string) {
  return queryOptions({
    queryKey: [...sessionsKey(serverId), 'one', key],
    queryFn: ({ signal }) =>
      api.call('GET /servers/:id/openclaw/sessions/:key', { params: { id: serverId, key }, signal }),
  });
}

/** The newest page of the transcript, with when it was asked for: what happened since may not be in it. */
export function newestMessagesQuery(api: Api, serverId: string, key: string) {
  return queryOptions({
    queryKey: [...sessionsKey(serverId), 'messages', key],
    queryFn: async ({ signal }) => {
      const askedMs = Date.now();
      const page = await api.call('GET /servers/:id/openclaw/sessions/:key/messages', {
        params: { id: serverId, key },
        query: { limit: MESSAGES },
        signal,
      });
      return { ...page, askedMs };
    },
  });
}

/** The page that `cursor` leads to. */
export function olderMessages(api: Api, serverId: string, key: string, cursor: string) {
  return api.call('GET /servers/:id/openclaw/sessions/:key/messages', {
    params: { id: serverId, key },
    query: { limit: MESSAGES, cursor },
  });
}

/** Only admins may ask which commands wait for a person. */
export function waitingApprovalsQuery(api: Api, serverId: string) {
  return queryOptions({
    queryKey: [...sessionsKey(serverId), 'approvals'],
    queryFn: ({ signal }) =>
      api.call('GET /servers/:id/openclaw/approvals', { params: { id: serverId }, signal }),
  });
}
