// Updates OpenClaw on a server: names the effect, then follows the task.
import type { EffectivePolicy, Server } from '@buoy/contract';
import { hasEnded, taskTypes } from '@buoy/contract/constants';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useFormats } from '../../i18n/use-formats.ts';
import { useTexts } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { useDecisionKey } from '../../use-decision-key.ts';
import { type GatewayTasks, isAnyRunning } from '../servers/use-gateway-tasks.ts';
import { startOrJoin } from '../tasks/start-or-join.ts';
import { updateTexts } from './update-texts.ts';

type Update = {
  server: Server;
  /** The newest one, or the one that is pinned. */
  version: string;
  policy: EffectivePolicy | undefined;
  tasks: GatewayTasks;
};

export function UpdateAction(update: Update) {
  const { version, tasks } = update;
  const t = useTexts(updateTexts);
  const [isAsked, setIsAsked] = useState(false);
  const own = tasks.update.view;
  return (
    <>
      <Button className="mt-4" disabled={isAnyRunning(tasks)} onClick={() => setIsAsked(true)}>
        {own !== null && !hasEnded(own.task) ? t.updating : t.updateTo(version)}
      </Button>
      {isAsked && <UpdateQuestion {...update} onClose={() => setIsAsked(false)} />}
    </>
  );
}

/** Each time that it is asked is another decision. */
function UpdateQuestion({ server, version, policy, tasks, onClose }: Update & { onClose: () => void }) {
  const { api } = useServices();
  const t = useTexts(updateTexts);
  const formats = useFormats();
  const decision = useDecisionKey();
  const act = useMutation({
    mutationFn: () =>
      startOrJoin(api, taskTypes.updateComponent, () =>
        api.call('POST /servers/:id/setup/update-component', {
          params: { id: server.id },
          body: { component: 'openclaw', version },
          headers: decision.headers(),
        }),
      ),
    onSuccess: ({ task }) => {
      tasks.update.watch(task);
      onClose();
    },
    onError: decision.onError,
  });
  return (
    <Confirm
      title={t.askUpdate(server.name, version)}
      action={t.updateNow}
      isPending={act.isPending}
      problem={act.error}
      onConfirm={() => act.mutate()}
      onClose={onClose}
    >
      {policy?.isOpen === false && (
        <p className="font-medium">
          {policy.opensAt === null ? t.windowNever : t.windowClosed(formats.moment(policy.opensAt))}
        </p>
      )}
      <ul className="list-disc space-y-1 pl-5 text-muted">
        <li>{t.update_1}</li>
        <li>{t.update_2}</li>
        <li>{t.update_3}</li>
      </ul>
    </Confirm>
  );
}
