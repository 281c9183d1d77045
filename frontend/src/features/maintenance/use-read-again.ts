// Reads again what maintenance changes: its windows, and the state of the server.
import { useQueryClient } from '@tanstack/react-query';
import { useServices } from '../../services.ts';
import { serverQuery, serversQuery } from '../servers/server-queries.ts';
import { maintenanceQuery } from './maintenance-queries.ts';

export function useReadAgain(serverId: string): () => Promise<void> {
  const { api } = useServices();
  const queries = useQueryClient();
  return async () => {
    const changed = [maintenanceQuery(api, serverId), serverQuery(api, serverId), serversQuery(api)];
    await Promise.all(changed.map(({ queryKey }) => queries.invalidateQueries({ queryKey })));
  };
}
