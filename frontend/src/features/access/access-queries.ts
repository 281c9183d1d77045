// Queries about who has access to a server.
import { queryOptions } from '@tanstack/react-query';
import type { Api } from '../../api.ts';

/** Milliseconds between two polls, so that an accepted invite shows up soon. */
const POLL_MS = 10_000;

export function membersQuery(api: Api, serverId: string) {
  return queryOptions({
    queryKey: ['access', serverId, 'members'],
    queryFn: async ({ signal }) =>
      (await api.call('GET /servers/:id/access', { params: { id: serverId }, signal })).members,
    refetchInterval: POLL_MS,
  });
}

/** Owners alone may ask. */
export function invitesQuery(api: Api, serverId: string) {
  return queryOptions({
    queryKey: ['access', serverId, 'invites'],
    queryFn: async ({ signal }) =>
      (await api.call('GET /servers/:id/invites', { params: { id: serverId }, signal })).invites,
    refetchInterval: POLL_MS,
  });
}
