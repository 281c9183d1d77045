// Updates OpenClaw on a server: names the effect, then follows the task.
import type { Server } from '@buoy/contract';
import { hasEnded } from '@buoy/contract/constants';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { useDecisionKey } from '../../use-decision-key.ts';
import { startOrJoin } from '../tasks/start-or-join.ts';
import { openclawTexts } from './openclaw-texts.ts';
import type { GatewayTasks } from './use-gateway-tasks.ts';

/** @param version the newest one */
export function UpdateAction({
  server,
  version,
  tasks,
}: {
  server: Server;
  version: string;
  tasks: GatewayTasks;
}) {
  const { api } = useServices();
  const t = useTexts(openclawTexts);
  const decision = useDecisionKey();
  const [isAsked, setIsAsked] = useState(false);
  const isRunning = Object.values(tasks).some(({ view }) => view !== null && !hasEnded(view.task));
  const act = useMutation({
    mutationFn: () =>
      startOrJoin(api, () =>
        api.call('POST /servers/:id/setup/update-component', {
          params: { id: server.id },
          body: { component: 'openclaw', version },
          headers: decision.headers(),
        }),
      ),
    onSuccess: ({ task }) => {
      tasks.update.watch(task);
      setIsAsked(false);
    },
    onError: decision.onError,
  });
  return (
    <>
      <Button disabled={isRunning} onClick={() => setIsAsked(true)}>
        {t.updateTo(version)}
      </Button>
      {isAsked && (
        <Confirm
          title={t.askUpdate(server.name, version)}
          action={t.updateNow}
          isPending={act.isPending}
          problem={act.error}
          onConfirm={() => act.mutate()}
          onClose={() => setIsAsked(false)}
        >
          <ul className="list-disc space-y-1 pl-5 text-muted">
            <li>{t.update_1}</li>
            <li>{t.update_2}</li>
            <li>{t.update_3}</li>
          </ul>
        </Confirm>
      )}
    </>
  );
}
