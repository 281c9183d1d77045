// Marks displayed alerts as read, for this person only.
import type { Alert } from '@buoy/contract';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { useServices } from '../../services.ts';
import { unreadQuery } from './alert-queries.ts';

/** Milliseconds on screen after which an alert counts as read. */
const VIEW_MS = 1_500;

/** The list keeps saying which were new until it is left: only the count in the header goes down at once. */
export function useMarkRead(alerts: readonly Alert[]): void {
  const { api } = useServices();
  const queries = useQueryClient();
  const reported = useRef(new Set<string>());
  const unread = alerts
    .filter(({ id, readAt, status }) => readAt === null && status !== 'resolved' && !reported.current.has(id))
    .map(({ id }) => id)
    .join();
  useEffect(() => {
    if (unread === '') return;
    const timer = setTimeout(async () => {
      if (document.visibilityState !== 'visible') return;
      for (const id of unread.split(',')) {
        reported.current.add(id);
        // A failed call is repeated the next time the page is opened.
        await api.call('POST /alerts/:id/read', { params: { id } }).catch(() => undefined);
      }
      await queries.invalidateQueries({ queryKey: unreadQuery(api).queryKey });
    }, VIEW_MS);
    return () => clearTimeout(timer);
  }, [unread, api, queries]);
}
