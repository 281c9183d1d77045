// The last hours of all servers, for the rows of the list.
import type { ServerHours } from '@buoy/contract';
import { queryOptions, useQuery } from '@tanstack/react-query';
import type { Api } from '../../api.ts';
import { useServices } from '../../services.ts';

/** Milliseconds; an hour is one bar, and the state of a row is newer than its strip anyway. */
const INTERVAL_MS = 300_000;
/** The largest page that the API gives. */
const PAGE_SIZE = 200;

export type KnownHours = Pick<ServerHours, 'upShare' | 'hours'>;
/** By the ids of the servers. */
export type ListHours = Readonly<Record<string, KnownHours>>;

function listHoursQuery(api: Api) {
  return queryOptions({
    queryKey: ['list-hours'],
    queryFn: async ({ signal }) => {
      // A plain object: what is the same in the next answer stays the same object, and its row is not drawn again.
      const all: Record<string, KnownHours> = {};
      let cursor: string | undefined;
      do {
        const page = await api.call('GET /history/hours', { query: { limit: PAGE_SIZE, cursor }, signal });
        for (const { serverId, upShare, hours } of page.servers) all[serverId] = { upShare, hours };
        cursor = page.nextCursor ?? undefined;
      } while (cursor !== undefined);
      return all;
    },
    refetchInterval: INTERVAL_MS,
    staleTime: INTERVAL_MS,
  });
}

const none: ListHours = {};

/** @param isWanted false until there is a list to show them in */
export function useListHours(isWanted: boolean): ListHours {
  const { api } = useServices();
  return useQuery({ ...listHoursQuery(api), enabled: isWanted }).data ?? none;
}
