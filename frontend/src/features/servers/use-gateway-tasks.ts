// Finds and follows the gateway tasks of a server; refetches the server's data when one ends.
import { taskTypes } from '@buoy/contract/constants';
import { useQueryClient } from '@tanstack/react-query';
import { useTask, type WatchedTask } from '../tasks/use-task.ts';
import { OPENCLAW_STATUS } from './server-queries.ts';

export type GatewayTasks = Record<'start' | 'stop' | 'restart', WatchedTask>;

export function useGatewayTasks(serverId: string): GatewayTasks {
  const queries = useQueryClient();
  const refetch = () => {
    for (const queryKey of [[OPENCLAW_STATUS, serverId], ['server', serverId], ['servers']])
      void queries.invalidateQueries({ queryKey });
  };
  return {
    restart: useTask(taskTypes.restart, serverId, refetch),
    start: useTask(taskTypes.start, serverId, refetch),
    stop: useTask(taskTypes.stop, serverId, refetch),
  };
}
