// Queries about servers, their intervals and cache keys.
import type { Server } from '@buoy/contract';
import { ApiError } from '@buoy/contract/client';
import { type QueryClient, queryOptions, skipToken } from '@tanstack/react-query';
import type { Api } from '../../api.ts';
import { fieldErrors } from '../../ui/field-errors.ts';
import type { OpenSshKeyPair } from './open-ssh-key.ts';

/** Milliseconds between two polls while the page is visible; 4 tabs stay below the default rate limit of 120 a minute. */
const LIST_INTERVAL_MS = 10_000;
/** Milliseconds; an answer that was under way when the stream told of a change may have come after it. */
const LIVE_LIST_INTERVAL_MS = 60_000;
const STATUS_INTERVAL_MS = 4_000;
/** Milliseconds; a server that cannot be asked now will hardly answer in four seconds. */
const STATUS_AFTER_ERROR_MS = 15_000;
const STATUS_KEPT_MS = 1_800_000;
/** The largest page that the API gives. */
const PAGE_SIZE = 200;

/** @param isLive whether a stream keeps the list (`useLiveList`) */
export function serversQuery(api: Api, isLive = false) {
  return queryOptions({
    queryKey: ['servers'],
    queryFn: async ({ signal }) => {
      const all: Server[] = [];
      let cursor: string | undefined;
      do {
        const page = await api.call('GET /servers', { query: { limit: PAGE_SIZE, cursor }, signal });
        all.push(...page.servers);
        cursor = page.nextCursor ?? undefined;
      } while (cursor !== undefined);
      return all;
    },
    refetchInterval: isLive ? LIVE_LIST_INTERVAL_MS : LIST_INTERVAL_MS,
    refetchOnReconnect: true,
  });
}

export function serverQuery(api: Api, id: string) {
  return queryOptions({
    queryKey: ['server', id],
    queryFn: async ({ signal }) => (await api.call('GET /servers/:id', { params: { id }, signal })).server,
    refetchInterval: LIST_INTERVAL_MS,
    refetchOnReconnect: true,
  });
}

export const OPENCLAW_STATUS = 'openclaw-status';

export function openclawStatusQuery(api: Api, id: string) {
  return queryOptions({
    queryKey: [OPENCLAW_STATUS, id],
    // The list shows what was read while its server's page was open.
    gcTime: STATUS_KEPT_MS,
    queryFn: ({ signal }) => api.call('GET /servers/:id/openclaw/status', { params: { id }, signal }),
    refetchInterval: ({ state }) => (state.status === 'error' ? STATUS_AFTER_ERROR_MS : STATUS_INTERVAL_MS),
  });
}

export type HostAddress = { host: string; port: number; jumpServerId: string | null };

/** A host key as it is shown before anything is sent, why there is none, or that Buoy refuses the address itself. */
export type SeenHostKey =
  | { kind: 'key'; algorithm: string; fingerprint: string }
  | { kind: 'silent'; message: string }
  /** `message`: why, where Buoy was asked. */
  | { kind: 'refused'; message?: string };

/** Reads the host key at an address that is not saved yet. @throws the reason of `signal` when it aborts first */
export async function readHostKey(
  api: Pick<Api, 'call'>,
  place: HostAddress,
  signal: AbortSignal,
): Promise<SeenHostKey> {
  try {
    const { hostKey } = await api.call('POST /servers/host-key', { body: place, signal });
    return { kind: 'key', ...hostKey };
  } catch (error) {
    if (signal.aborted || !(error instanceof ApiError)) throw error;
    return error.status === 400
      ? { kind: 'refused', message: fieldErrors(error).host ?? error.message }
      : { kind: 'silent', message: error.message };
  }
}

/** The host key at an address that is not saved yet. */
export function hostKeyQuery(api: Api, place: HostAddress) {
  return queryOptions({
    queryKey: ['host-key', place],
    queryFn: ({ signal }) => readHostKey(api, place, signal),
    // The key that a person has seen is the one that is sent along.
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    retry: false,
  });
}

export const CONNECTION_TEST = 'connection-test';

/** Asked only when a person wants it: it logs in afresh. The answer is kept while the app is open. */
export function connectionTestQuery(api: Api, id: string) {
  return queryOptions({
    queryKey: [CONNECTION_TEST, id],
    queryFn: async () => ({
      result: await api.call('POST /servers/:id/test', { params: { id } }),
      at: new Date().toISOString(),
    }),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: Number.POSITIVE_INFINITY,
  });
}

/** A model is asked only when a person wants it: each answer costs tokens. */
export function modelCheckQuery(api: Api, id: string) {
  return queryOptions({
    queryKey: ['model-check', id],
    queryFn: async () => ({
      ...(await api.call('POST /servers/:id/openclaw/model-check', { params: { id }, body: {} })),
      at: new Date().toISOString(),
    }),
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: Number.POSITIVE_INFINITY,
  });
}

/** The public line of a key that was made in this browser: Buoy has its private half, and shows neither. */
export function madeKeyQuery(id: string) {
  return queryOptions<string>({
    queryKey: ['made-key', id],
    queryFn: skipToken,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: Number.POSITIVE_INFINITY,
  });
}

export function keepMadeKey(queries: QueryClient, id: string, pair: OpenSshKeyPair | null): void {
  if (pair !== null) queries.setQueryData(madeKeyQuery(id).queryKey, pair.publicLine);
}
