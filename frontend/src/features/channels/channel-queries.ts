// What the channels section asks of a server.
import { queryOptions } from '@tanstack/react-query';
import type { Api } from '../../api.ts';

export function channelsQuery(api: Api, serverId: string) {
  return queryOptions({
    queryKey: ['channels', serverId],
    queryFn: ({ signal }) =>
      api.call('GET /servers/:id/openclaw/channels', { params: { id: serverId }, signal }),
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
