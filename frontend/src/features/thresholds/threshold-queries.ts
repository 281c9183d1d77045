// The query of the thresholds of a server, or of a tag, and its cache key.
import { queryOptions } from '@tanstack/react-query';
import type { Api } from '../../api.ts';
import type { Held } from './threshold-draft.ts';

/** A server, or the servers with a tag that the reader is an admin of. */
export type ThresholdScope = { serverId: string } | { tag: string };
type Answer = { thresholds: Held; servers: number };

export const THRESHOLDS = 'thresholds';

export function thresholdsQuery(api: Api, scope: ThresholdScope) {
  return queryOptions({
    queryKey: [THRESHOLDS, scope],
    queryFn: async ({ signal }): Promise<Answer> =>
      'tag' in scope
        ? api.call('GET /thresholds', { query: { tag: scope.tag }, signal })
        : {
            ...(await api.call('GET /servers/:id/thresholds', { params: { id: scope.serverId }, signal })),
            servers: 1,
          },
  });
}
