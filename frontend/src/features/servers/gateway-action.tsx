// Starts, stops, restarts or repairs the gateway: names the effect, then follows the task.
import type { OpenclawStatus, Server } from '@buoy/contract';
import { hasEnded, taskTypes } from '@buoy/contract/constants';
import { useMutation } from '@tanstack/react-query';
import { useTexts } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { VisibleText } from '../../ui/visible-text.tsx';
import { useDecisionKey } from '../../use-decision-key.ts';
import { startOrJoin } from '../tasks/start-or-join.ts';
import { overviewTexts } from './overview-texts.ts';
import { type GatewayTasks, isAnyRunning } from './use-gateway-tasks.ts';

export type Action = 'start' | 'stop' | 'restart' | 'doctor';

const effects = {
  restart: ['restart_1', 'restart_2', 'restart_3', 'restart_4'],
  start: ['start_1', 'start_2', 'start_3'],
  stop: ['stop_1', 'stop_2'],
  doctor: ['doctor_1', 'doctor_2', 'doctor_3', 'restart_1'],
} as const;

/**
 * The button alone. Its question is asked by `GatewayQuestion`, which stays while the diagnosis, and with it the button, changes.
 * @param variant `primary` where it is the one thing to do
 */
export function GatewayAction({
  action,
  status,
  tasks,
  onAsk,
  variant = 'plain',
}: {
  action: Action;
  status: OpenclawStatus | null;
  tasks: GatewayTasks;
  onAsk: (action: Action) => void;
  variant?: 'plain' | 'primary';
}) {
  const t = useTexts(overviewTexts);
  const own = tasks[action].view;
  return (
    <Button
      variant={variant}
      disabled={isAnyRunning(tasks) || status?.installed === false}
      onClick={() => onAsk(action)}
    >
      {own !== null && !hasEnded(own.task) ? t[`doing_${action}`] : t[`action_${action}`]}
    </Button>
  );
}

export function GatewayQuestion({
  action,
  server,
  status,
  tasks,
  onClose,
}: {
  action: Action;
  server: Server;
  status: OpenclawStatus | null;
  tasks: GatewayTasks;
  onClose: () => void;
}) {
  const { api } = useServices();
  const t = useTexts(overviewTexts);
  const params = { id: server.id };
  const decision = useDecisionKey();
  const act = useMutation({
    mutationFn: () =>
      startOrJoin(api, taskTypes[action], () => {
        const call = { params, headers: decision.headers() };
        return action === 'doctor'
          ? api.call('POST /servers/:id/openclaw/repair', { ...call, body: { step: action } })
          : api.call(`POST /servers/:id/openclaw/${action}`, call);
      }),
    onSuccess: ({ task }) => {
      tasks[action].watch(task);
      onClose();
    },
    onError: decision.onError,
  });
  return (
    <Confirm
      title={t[`ask_${action}`](server.name)}
      action={act.isPending ? t[`doing_${action}`] : t[`confirm_${action}`]}
      isDestructive={action === 'stop'}
      isPending={act.isPending}
      problem={act.error}
      onConfirm={() => act.mutate()}
      onClose={onClose}
    >
      <p>
        {t[`target_${action}`]}{' '}
        <code className="font-mono">
          <VisibleText text={status?.service.unit ?? t.unit} />
        </code>{' '}
        {t.on}{' '}
        <span className="font-mono">
          {server.username}@{server.host}
        </span>
        .
      </p>
      <ul className="list-disc space-y-1 pl-5 text-muted">
        {effects[action].map((effect) => (
          <li key={effect}>{t[effect]}</li>
        ))}
      </ul>
    </Confirm>
  );
}
