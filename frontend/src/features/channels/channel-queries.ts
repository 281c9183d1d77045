// Queries of the channels section.
import { queryOptions } from '@tanstack/react-query';
import type { Api } from '../../api.ts';

/** Milliseconds between two polls: OpenClaw sends few channel events. The first value applies while a channel is starting. */
const POLL_MS = [2_500, 30_000] as const;

export function channelsQuery(api: Api, serverId: string) {
  return queryOptions({
    queryKey: ['channels', serverId],
    queryFn: ({ signal }) =>
      api.call('GET /servers/:id/openclaw/channels', { params: { id: serverId }, signal }),
    refetchInterval: ({ state }) =>
      state.data?.channels.some((channel) => channel.state === 'starting' || channel.state === 'disconnected')
        ? POLL_MS[0]
        : POLL_MS[1],
  });
}

/** Milliseconds for which Buoy keeps an audit. */
const AUDIT_KEPT_MS = 600_000;

export function securityAuditQuery(api: Api, serverId: string) {
  return queryOptions({
    queryKey: ['security-audit', serverId],
    queryFn: ({ signal }) =>
      api.call('GET /servers/:id/openclaw/security-audit', { params: { id: serverId }, signal }),
    staleTime: AUDIT_KEPT_MS,
  });
}
