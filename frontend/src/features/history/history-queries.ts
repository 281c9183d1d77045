// The queries of a server's history.
import { queryOptions } from '@tanstack/react-query';
import type { Api } from '../../api.ts';
import { type HistoryRange, rangeSpans } from './history-range.ts';

/** Milliseconds between two polls: checks are minutes apart. */
const INTERVAL_MS = 60_000;

export function historyQuery(api: Api, id: string) {
  return queryOptions({
    queryKey: ['history', id],
    queryFn: ({ signal }) =>
      api.call('GET /servers/:id/history', { params: { id }, query: { step: 'hour' }, signal }),
    refetchInterval: INTERVAL_MS,
  });
}

/** A range up to now, with its ends in milliseconds since the epoch. */
export function historyRangeQuery(api: Api, id: string, range: HistoryRange) {
  return queryOptions({
    queryKey: ['history', id, range],
    queryFn: async ({ signal }) => {
      const { ms, step } = rangeSpans[range];
      const nowMs = Date.now();
      const fromMs = nowMs - ms;
      const answer = await api.call('GET /servers/:id/history', {
        params: { id },
        query: { from: new Date(fromMs).toISOString(), step },
        signal,
      });
      const last = answer.points.at(-1);
      // Clocks differ: the latest check stays on the chart.
      const toMs = Math.max(nowMs, last === undefined ? 0 : Date.parse(last.at) + 1);
      return { ...answer, range, fromMs, toMs };
    },
    refetchInterval: INTERVAL_MS,
  });
}
