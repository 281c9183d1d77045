// Queries of the config pages and their cache keys.
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import type { Api } from '../../api.ts';
import { isRefusal } from '../../api.ts';

/** Revisions of one page. */
const PAGE_SIZE = 50;
/** Milliseconds; what does not come from the gateway is asked for again until it does. */
const WITHOUT_GATEWAY_MS = 15_000;

type Read = { state: { status: string; data?: { source: 'gateway' | 'cli' | 'snapshot' } | undefined } };

/** For `refetchInterval`: a gateway that restarts is back in a moment, and the page with it. */
export function untilGatewayAnswers({ state: { status, data } }: Read): number | false {
  const isFromElsewhere = data !== undefined && data.source !== 'gateway';
  return status === 'error' || isFromElsewhere ? WITHOUT_GATEWAY_MS : false;
}

export const configKey = (serverId: string) => ['config', serverId] as const;

/** Not refetched while editing: edits are compared with the config that was read, and the hash detects when it is outdated. */
export function configQuery(api: Api, serverId: string) {
  return queryOptions({
    queryKey: [...configKey(serverId), 'file'],
    queryFn: ({ signal }) =>
      api.call('GET /servers/:id/openclaw/config', { params: { id: serverId }, signal }),
    refetchOnWindowFocus: false,
    refetchInterval: untilGatewayAnswers,
  });
}

/**
 * What OpenClaw knows of one place; null where its version does not have it. It changes with the version alone.
 * @param path dotted
 */
export function schemaQuery(api: Api, serverId: string, path: string) {
  return queryOptions({
    queryKey: [...configKey(serverId), 'schema', path],
    queryFn: async ({ signal }) => {
      try {
        const params = { id: serverId };
        return await api.call('GET /servers/:id/openclaw/config/schema', { params, query: { path }, signal });
      } catch (error) {
        if (error instanceof Error && isRefusal(error)) return null;
        throw error;
      }
    },
    staleTime: Number.POSITIVE_INFINITY,
  });
}

export function modelsQuery(api: Api, serverId: string) {
  return queryOptions({
    queryKey: [...configKey(serverId), 'models'],
    queryFn: ({ signal }) =>
      api.call('GET /servers/:id/openclaw/models', { params: { id: serverId }, signal }),
    refetchInterval: untilGatewayAnswers,
  });
}

export function historyQuery(api: Api, serverId: string) {
  return infiniteQueryOptions({
    queryKey: [...configKey(serverId), 'history'],
    queryFn: ({ pageParam, signal }) =>
      api.call('GET /servers/:id/openclaw/config/history', {
        params: { id: serverId },
        query: { limit: PAGE_SIZE, cursor: pageParam },
        signal,
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
  });
}

/** A revision never changes. */
export function revisionQuery(api: Api, serverId: string, rev: number) {
  return queryOptions({
    queryKey: [...configKey(serverId), 'diff', rev],
    queryFn: ({ signal }) =>
      api.call('GET /servers/:id/openclaw/config/history/:rev/diff', {
        params: { id: serverId, rev },
        signal,
      }),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

export function execPolicyQuery(api: Api, serverId: string) {
  return queryOptions({
    queryKey: [...configKey(serverId), 'exec-policy'],
    queryFn: ({ signal }) =>
      api.call('GET /servers/:id/openclaw/exec-policy', { params: { id: serverId }, signal }),
    refetchInterval: untilGatewayAnswers,
  });
}
