// Starts an installation and follows its task, or the one that already runs.

import type { Contract, RequestOf } from '@buoy/contract';
import { taskTypes } from '@buoy/contract/constants';
import { useMutation } from '@tanstack/react-query';
import { useServices } from '../../services.ts';
import { useDecisionKey } from '../../use-decision-key.ts';
import { startOrJoin } from '../tasks/start-or-join.ts';
import type { WatchedTask } from '../tasks/use-task.ts';

export type Installation = RequestOf<Contract['POST /servers/:id/openclaw/skills/install']>['body'];

/** `reset` before something else is asked for: until then the same request again is not a second installation. */
export function useInstall(serverId: string, task: WatchedTask, onStarted: () => void) {
  const { api } = useServices();
  const decision = useDecisionKey();
  const { reset, ...install } = useMutation({
    mutationFn: (installation: Installation) =>
      startOrJoin(api, taskTypes.installSkill, () =>
        api.call('POST /servers/:id/openclaw/skills/install', {
          params: { id: serverId },
          body: installation,
          headers: decision.headers(),
        }),
      ),
    onSuccess: (answer) => {
      task.watch(answer.task);
      onStarted();
    },
    onError: decision.onError,
  });
  return {
    ...install,
    reset() {
      decision.renew();
      reset();
    },
  };
}
