// The last known OpenClaw status of listed servers: from any page, and fetched one by one for visible rows.
import type { Contract, ResponseOf, Server } from '@buoy/contract';
import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { useServices } from '../../services.ts';
import { OPENCLAW_STATUS, openclawStatusQuery } from './server-queries.ts';

export type StatusAnswer = ResponseOf<Contract['GET /servers/:id/openclaw/status']>;
export type KnownStatuses = ReadonlyMap<string, StatusAnswer>;

/** Milliseconds between two questions, and until the same server is asked again: two hundred servers must not mean two hundred calls. */
const PAUSE_MS = 1_000;
const FRESH_MS = 120_000;

/** Server id → its last answer. Changes when any page reads a status, and costs no call by itself. */
export function useKnownStatuses(): KnownStatuses {
  const queries = useQueryClient();
  const [known, setKnown] = useState<KnownStatuses>(() => readCache(queries));
  useEffect(() => {
    setKnown(readCache(queries));
    return queries.getQueryCache().subscribe(({ type, query }) => {
      const [name, id] = query.queryKey;
      const answer = query.state.data as StatusAnswer | undefined;
      if (type !== 'updated' || name !== OPENCLAW_STATUS || answer === undefined) return;
      setKnown((before) =>
        before.get(String(id)) === answer ? before : new Map(before).set(String(id), answer),
      );
    });
  }, [queries]);
  return known;
}

function readCache(queries: QueryClient): KnownStatuses {
  const known = new Map<string, StatusAnswer>();
  for (const [key, answer] of queries.getQueriesData<StatusAnswer>({ queryKey: [OPENCLAW_STATUS] }))
    if (answer !== undefined) known.set(String(key[1]), answer);
  return known;
}

/**
 * Asks the servers whose rows can be seen, one after another, while the page itself can be seen.
 * @param list what holds the rows; each row names its server in `data-server`
 */
export function useStatusReader(list: React.RefObject<HTMLElement | null>, servers: readonly Server[]): void {
  const { api } = useServices();
  const queries = useQueryClient();
  const current = useRef(servers);
  current.current = servers;
  useEffect(() => {
    const askedAt = new Map<string, number>();
    let isAsking = false;
    const askNext = async () => {
      if (isAsking || document.visibilityState !== 'visible' || !navigator.onLine) return;
      const isDue = (server: Server | undefined) =>
        server !== undefined &&
        isWorthAsking(server) &&
        Date.now() - (askedAt.get(server.id) ?? 0) > FRESH_MS;
      const byId = new Map(current.current.map((server) => [server.id, server]));
      const rows = [...(list.current?.querySelectorAll<HTMLElement>('[data-server]') ?? [])];
      const due = rows.find((row) => isDue(byId.get(row.dataset.server ?? '')) && isInSight(row))?.dataset
        .server;
      if (due === undefined) return;
      askedAt.set(due, Date.now());
      isAsking = true;
      await queries
        .fetchQuery({ ...openclawStatusQuery(api, due), staleTime: FRESH_MS, retry: false })
        // Why it cannot be asked is on the server's own page.
        .catch(() => undefined);
      isAsking = false;
    };
    const timer = setInterval(() => void askNext(), PAUSE_MS);
    return () => clearInterval(timer);
  }, [api, queries, list]);
}

function isInSight(row: HTMLElement): boolean {
  const { top, bottom } = row.getBoundingClientRect();
  return bottom > 0 && top < window.innerHeight;
}

/** Where OpenClaw is not there, or work is going on, there is nothing to read. */
function isWorthAsking({ status, openclaw }: Server): boolean {
  return openclaw.installed !== false && status.state !== 'maintenance';
}
