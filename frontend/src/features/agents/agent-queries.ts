// Queries of the agent pages and their cache keys.
import { queryOptions } from '@tanstack/react-query';
import type { Api } from '../../api.ts';
import { untilGatewayAnswers } from '../config/config-queries.ts';

/** The largest page that the API gives. */
const PAGE_SIZE = 200;
/** Milliseconds; the masks of keys come from OpenClaw's command, which takes seconds. */
const KEYS_FRESH_MS = 60_000;

export const agentsKey = (serverId: string) => ['agents', serverId] as const;

export function agentsQuery(api: Api, serverId: string) {
  return queryOptions({
    queryKey: [...agentsKey(serverId), 'list'],
    queryFn: ({ signal }) =>
      api.call('GET /servers/:id/openclaw/agents', { params: { id: serverId }, signal }),
    refetchInterval: untilGatewayAnswers,
  });
}

/** How many sessions each agent has; `isMore` where there are more than one page of them. */
export function sessionCountsQuery(api: Api, serverId: string) {
  return queryOptions({
    queryKey: [...agentsKey(serverId), 'session-counts'],
    queryFn: async ({ signal }) => {
      const { sessions, nextCursor } = await api.call('GET /servers/:id/openclaw/sessions', {
        params: { id: serverId },
        query: { limit: PAGE_SIZE },
        signal,
      });
      const counts: Record<string, number> = {};
      for (const { agentId } of sessions) if (agentId !== null) counts[agentId] = (counts[agentId] ?? 0) + 1;
      return { counts, isMore: nextCursor !== null };
    },
  });
}

export function agentFilesQuery(api: Api, serverId: string, agentId: string) {
  return queryOptions({
    queryKey: [...agentsKey(serverId), agentId, 'files'],
    queryFn: ({ signal }) =>
      api.call('GET /servers/:id/openclaw/agents/:agentId/files', {
        params: { id: serverId, agentId },
        signal,
      }),
  });
}

export function agentFileQuery(api: Api, serverId: string, agentId: string, name: string) {
  return queryOptions({
    queryKey: [...agentsKey(serverId), agentId, 'files', name],
    queryFn: ({ signal }) =>
      api.call('GET /servers/:id/openclaw/agents/:agentId/files/:name', {
        params: { id: serverId, agentId, name },
        signal,
      }),
  });
}

export function agentSkillsQuery(api: Api, serverId: string, agentId: string) {
  return queryOptions({
    queryKey: [...agentsKey(serverId), agentId, 'skills'],
    queryFn: ({ signal }) =>
      api.call('GET /servers/:id/openclaw/agents/:agentId/skills', {
        params: { id: serverId, agentId },
        signal,
      }),
  });
}

/** The skills that there are, as this agent sees them. */
export function knownSkillsQuery(api: Api, serverId: string, agentId: string) {
  return queryOptions({
    queryKey: [...agentsKey(serverId), agentId, 'known-skills'],
    queryFn: ({ signal }) =>
      api.call('GET /servers/:id/openclaw/skills', { params: { id: serverId }, query: { agentId }, signal }),
  });
}

export function agentBindingsQuery(api: Api, serverId: string, agentId: string) {
  return queryOptions({
    queryKey: [...agentsKey(serverId), agentId, 'bindings'],
    queryFn: ({ signal }) =>
      api.call('GET /servers/:id/openclaw/agents/:agentId/bindings', {
        params: { id: serverId, agentId },
        signal,
      }),
  });
}

/** The accounts of channels that a binding can name. */
export function boundChannelsQuery(api: Api, serverId: string) {
  return queryOptions({
    queryKey: [...agentsKey(serverId), 'channels'],
    queryFn: ({ signal }) =>
      api.call('GET /servers/:id/openclaw/channels', { params: { id: serverId }, signal }),
  });
}

export function agentKeysQuery(api: Api, serverId: string, agentId: string) {
  return queryOptions({
    queryKey: [...agentsKey(serverId), agentId, 'keys'],
    queryFn: ({ signal }) =>
      api.call('GET /servers/:id/openclaw/agents/:agentId/keys', {
        params: { id: serverId, agentId },
        signal,
      }),
    staleTime: KEYS_FRESH_MS,
  });
}
