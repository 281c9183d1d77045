// Queries about backups, and a backup run that continues when the page is left.
import { mutationOptions, type QueryClient, queryOptions } from '@tanstack/react-query';
import type { Api } from '../../api.ts';
import { runBackup } from './run-backup.ts';

export const runBackupKey = ['run-backup'];

export function backupsQuery(api: Api) {
  return queryOptions({
    queryKey: ['backups'],
    queryFn: async ({ signal }) => (await api.call('GET /admin/backups', { signal })).backups,
  });
}

/** Its variable is the key of one decision to back up. */
export function runBackupMutation(api: Api, queries: QueryClient) {
  return mutationOptions({
    mutationKey: runBackupKey,
    mutationFn: (key: string) =>
      runBackup(api.call, key, (ms) => new Promise((resolve) => setTimeout(resolve, ms))),
    // Also after a failure: the backup may have been made although its answer did not come through.
    onSettled: () => queries.invalidateQueries({ queryKey: ['backups'] }),
  });
}
