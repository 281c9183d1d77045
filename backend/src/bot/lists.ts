// Lists of the API to their end, and as many of their entries as a message holds.
import type { Alert, Server } from '@buoy/contract';
import type { Client } from '@buoy/contract/client';
import type { Language } from '../notify/sender.ts';
import { botTexts } from './bot-texts.ts';

/** The API's limit for a page, and pages that are read: one server has 200 open alerts at most. */
const PAGE = 200;
const MAX_PAGES = 5;
/** UTF-16 units of the entries of a message, below what `reply` cuts at. */
const MAX_LIST = 3_800;

/** `isAll`: false where there is more. */
export type Listed<T> = { entries: T[]; isAll: boolean };
type Page<T> = { entries: T[]; nextCursor: string | null };

async function allPages<T>(read: (page: { limit: number; cursor?: string }) => Promise<Page<T>>) {
  const entries: T[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const { entries: more, nextCursor } = await read({
      limit: PAGE,
      ...(cursor === undefined ? {} : { cursor }),
    });
    entries.push(...more);
    if (nextCursor === null) return { entries, isAll: true };
    cursor = nextCursor;
  }
  return { entries, isAll: false };
}

export function allServers(api: Client): Promise<Listed<Server>> {
  return allPages(async (page) => {
    const { servers, nextCursor } = await api('GET /servers', { query: page });
    return { entries: servers, nextCursor };
  });
}

/** Those that are not resolved, which the API names first. */
export function openAlerts(api: Client, serverId?: string): Promise<Listed<Alert>> {
  return allPages(async (page) => {
    const { alerts, nextCursor } = await api('GET /alerts', {
      query: { ...page, ...(serverId === undefined ? {} : { serverId }) },
    });
    const entries = alerts.filter(({ resolvedAt }) => resolvedAt === null);
    return { entries, nextCursor: entries.length < alerts.length ? null : nextCursor };
  });
}

/** The first `max` of them, fewer where they are long, and how many are left out. */
export function fitting({ entries, isAll }: Listed<string>, max: number, language: Language): string[] {
  const kept: string[] = [];
  let length = 0;
  for (const entry of entries.slice(0, max)) {
    length += entry.length + 1;
    if (length > MAX_LIST) break;
    kept.push(entry);
  }
  const rest = entries.length - kept.length;
  if (rest === 0 && isAll) return kept;
  return [...kept, botTexts[language].more(isAll ? `${rest}` : `${rest}+`)];
}
