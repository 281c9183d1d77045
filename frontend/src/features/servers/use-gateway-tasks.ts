// Finds and follows the gateway tasks of a server; refetches the server's data when one ends.
import { hasEnded, taskTypes } from '@buoy/contract/constants';
import { useQueryClient } from '@tanstack/react-query';
import { REPAIR_STEPS } from '../repair/repair-queries.ts';
import { CHECK_PREREQS, SNAPSHOTS, UPDATES } from '../setup/setup-queries.ts';
import { useTask, type WatchedTask } from '../tasks/use-task.ts';
import { CONNECTION_TEST, OPENCLAW_STATUS } from './server-queries.ts';

export type GatewayTasks = Record<
  'start' | 'stop' | 'restart' | 'doctor' | 'configRollback' | 'update' | 'snapshot' | 'restore',
  WatchedTask
>;

export function isAnyRunning(tasks: GatewayTasks): boolean {
  return Object.values(tasks).some(({ view }) => view !== null && !hasEnded(view.task));
}

export function useGatewayTasks(serverId: string): GatewayTasks {
  const queries = useQueryClient();
  const refetch = useRefetch(serverId);
  const refetchVersions = () => {
    for (const queryKey of [
      [UPDATES, serverId],
      [SNAPSHOTS, serverId],
    ])
      void queries.invalidateQueries({ queryKey });
    refetch();
  };
  return {
    update: useTask(taskTypes.updateComponent, serverId, refetchVersions),
    snapshot: useTask(taskTypes.makeSnapshot, serverId, refetchVersions),
    restore: useTask(taskTypes.restoreSnapshot, serverId, refetchVersions),
    restart: useTask(taskTypes.restart, serverId, refetch),
    doctor: useTask(taskTypes.doctor, serverId, refetch),
    configRollback: useTask(taskTypes.configRollback, serverId, refetch),
    start: useTask(taskTypes.start, serverId, refetch),
    stop: useTask(taskTypes.stop, serverId, refetch),
  };
}

/** The setup of a server: what it has installed is checked and read again. */
export function useSetupTask(serverId: string): WatchedTask {
  const queries = useQueryClient();
  const refetch = useRefetch(serverId);
  return useTask(taskTypes.setup, serverId, () => {
    void queries.resetQueries({ queryKey: [CONNECTION_TEST, serverId] });
    void queries.invalidateQueries({ queryKey: [CHECK_PREREQS, serverId] });
    refetch();
  });
}

function useRefetch(serverId: string): () => void {
  const queries = useQueryClient();
  return () => {
    for (const queryKey of [
      [OPENCLAW_STATUS, serverId],
      [REPAIR_STEPS, serverId],
      ['server', serverId],
      ['servers'],
    ])
      void queries.invalidateQueries({ queryKey });
  };
}
