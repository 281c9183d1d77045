// Queries for open requests: of all servers, and of one server.

import type { Contract, ResponseOf } from '@buoy/contract';
import { queryOptions, type UseQueryResult, useQuery } from '@tanstack/react-query';
import type { Api } from '../../api.ts';
import { useServices } from '../../services.ts';
import { serversQuery } from '../servers/server-queries.ts';
import { useUser } from '../sign-in/use-user.ts';

/** Milliseconds between two polls while the page is visible: each one queries every server. */
const POLL_MS = 20_000;
/** Milliseconds; the servers that a person administers change rarely. */
const ROLES_FRESH_MS = 60_000;

type InboxAnswer = ResponseOf<Contract['GET /inbox']>;

export function inboxQuery(api: Api) {
  return queryOptions({
    queryKey: ['inbox'],
    queryFn: ({ signal }) => api.call('GET /inbox', { signal }),
    refetchInterval: POLL_MS,
  });
}

export function pairingQuery(api: Api, serverId: string) {
  return queryOptions({
    queryKey: ['inbox', serverId, 'pairing'],
    queryFn: ({ signal }) =>
      api.call('GET /servers/:id/openclaw/pairing', { params: { id: serverId }, signal }),
  });
}

/** `mayAct` null: not known yet. Nothing is asked for people who may act nowhere. */
export function useInbox(): { mayAct: boolean | null; inbox: UseQueryResult<InboxAnswer> } {
  const { api } = useServices();
  const servers = useQuery({
    ...serversQuery(api),
    refetchInterval: false,
    staleTime: ROLES_FRESH_MS,
  });
  // Requests for access wait for super-admins, who need no server for that.
  const isSuperAdmin = useUser()?.isSuperAdmin === true;
  const mayAct = isSuperAdmin || (servers.data?.some(({ role }) => role !== 'viewer') ?? null);
  const inbox = useQuery({ ...inboxQuery(api), enabled: mayAct === true });
  return { mayAct, inbox };
}
