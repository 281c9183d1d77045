// Updates one component of a server: names the effect, then follows the task.
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
import { componentNames, type OfferedComponent } from './component-names.ts';
import { updateTexts } from './update-texts.ts';

type Update = {
  server: Server;
  component: OfferedComponent;
  /** The newest one, or the one that is pinned. */
  version: string;
  policy: EffectivePolicy;
  tasks: GatewayTasks;
};

export function UpdateAction(update: Update) {
  const { component, version, tasks } = update;
  const t = useTexts(updateTexts);
  const [isAsked, setIsAsked] = useState(false);
  const own = tasks.update.view;
  const words =
    component === 'openclaw' ? t.updateTo(version) : t.updateComponentTo(componentNames[component], version);
  return (
    <>
      <Button className="mt-4" disabled={isAnyRunning(tasks)} onClick={() => setIsAsked(true)}>
        {own !== null && !hasEnded(own.task) ? t.updating : words}
      </Button>
      {isAsked && <UpdateQuestion {...update} onClose={() => setIsAsked(false)} />}
    </>
  );
}

/** Each time that it is asked is another decision. */
function UpdateQuestion({
  server,
  component,
  version,
  policy,
  tasks,
  onClose,
}: Update & { onClose: () => void }) {
  const { api } = useServices();
  const t = useTexts(updateTexts);
  const formats = useFormats();
  const decision = useDecisionKey();
  const act = useMutation({
    mutationFn: () =>
      startOrJoin(api, taskTypes.updateComponent, () =>
        api.call('POST /servers/:id/setup/update-component', {
          params: { id: server.id },
          body: { component, version },
          headers: decision.headers(),
        }),
      ),
    onSuccess: ({ task }) => {
      tasks.update.watch(task);
      onClose();
    },
    onError: decision.onError,
  });
  const effects: Record<OfferedComponent, readonly string[]> = {
    openclaw: [t.update_1, t.update_2, t.update_3],
    node: [t.updateNode, t.update_2, t.updateOther],
    npm: [t.updateNpm, t.updateOther],
  };
  return (
    <Confirm
      title={t.askUpdate(componentNames[component], server.name, version)}
      action={t.updateNow}
      isPending={act.isPending}
      problem={act.error}
      onConfirm={() => act.mutate()}
      onClose={onClose}
    >
      {component === 'openclaw' && !policy.isOpen && (
        <p className="font-medium">
          {policy.opensAt === null ? t.windowNever : t.windowClosed(formats.moment(policy.opensAt))}
        </p>
      )}
      <ul className="list-disc space-y-1 pl-5 text-muted">
        {effects[component].map((effect) => (
          <li key={effect}>{effect}</li>
        ))}
      </ul>
    </Confirm>
  );
}
