// The queries of the repair steps and the automatic repair of a server.
import { queryOptions } from '@tanstack/react-query';
import type { Api } from '../../api.ts';

/** Behind it the server: refetched when a task of its gateway ends. */
export const REPAIR_STEPS = 'repair-steps';
export const AUTO_REPAIR = 'auto-repair';

/** It asks the server: once, and again when a step has ended. */
export function repairStepsQuery(api: Api, serverId: string) {
  return queryOptions({
    queryKey: [REPAIR_STEPS, serverId],
    queryFn: ({ signal }) =>
      api.call('GET /servers/:id/openclaw/repair', { params: { id: serverId }, signal }),
    gcTime: 0,
    refetchOnWindowFocus: false,
  });
}

export function autoRepairQuery(api: Api, serverId: string) {
  return queryOptions({
    queryKey: [AUTO_REPAIR, serverId],
    queryFn: async ({ signal }) =>
      (await api.call('GET /servers/:id/auto-repair', { params: { id: serverId }, signal })).autoRepair,
  });
}
