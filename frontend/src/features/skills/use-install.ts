// Starts an installation and hands its task over to be watched; one that runs already is watched instead.
import type { Contract, RequestOf } from '@buoy/contract';
import { useMutation } from '@tanstack/react-query';
import { useServices } from '../../services.ts';
import { startOrJoin } from '../tasks/start-or-join.ts';
import type { WatchedTask } from '../tasks/use-task.ts';

export type Installation = RequestOf<Contract['POST /servers/:id/openclaw/skills/install']>['body'];

/** Takes an installation with the key of the decision: a repeated request is not a second installation. */
export function useInstall(serverId: string, task: WatchedTask, onStarted: () => void) {
  const { api } = useServices();
  return useMutation({
    mutationFn: ({ installation, key }: { installation: Installation; key: string }) =>
      startOrJoin(api, () =>
        api.call('POST /servers/:id/openclaw/skills/install', {
          params: { id: serverId },
          body: installation,
          headers: { 'idempotency-key': key },
        }),
      ),
    onSuccess: (answer) => {
      task.watch(answer.task);
      onStarted();
    },
  });
}
