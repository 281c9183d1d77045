// The check of what a server has and lacks for OpenClaw, the versions that it could have, and its snapshots.
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { Api } from '../../api.ts';

/** Milliseconds: a person who comes back after a repair sees its effect, and a minute gives one check back. */
const FRESH_MS = 60_000;

export const CHECK_PREREQS = 'check-prereqs';
export const UPDATES = 'updates';
export const SNAPSHOTS = 'snapshots';

/** @param port on which the gateway is to listen */
export function prerequisitesQuery(api: Api, serverId: string, port: number) {
  return queryOptions({
    queryKey: [CHECK_PREREQS, serverId, port],
    queryFn: ({ signal }) =>
      api.call('GET /servers/:id/setup/check-prereqs', { params: { id: serverId }, query: { port }, signal }),
    staleTime: FRESH_MS,
    // Another port changes one check of many.
    placeholderData: keepPreviousData,
  });
}

/** All of them: five of each reason are kept. */
export function snapshotsQuery(api: Api, serverId: string) {
  return queryOptions({
    queryKey: [SNAPSHOTS, serverId],
    queryFn: async ({ signal }) =>
      (await api.call('GET /servers/:id/setup/snapshots', { params: { id: serverId }, signal })).snapshots,
  });
}

/** Buoy itself asks for new versions every ten minutes. */
export function updatesQuery(api: Api, serverId: string) {
  return queryOptions({
    queryKey: [UPDATES, serverId],
    queryFn: ({ signal }) =>
      api.call('GET /servers/:id/setup/check-updates', { params: { id: serverId }, signal }),
    staleTime: FRESH_MS,
  });
}
