// Cancels a running task or repeats an unsuccessful one, after naming the effect.
import type { Task } from '@buoy/contract';
import { hasEnded, taskTypes } from '@buoy/contract/constants';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { navigate } from '../../navigation.ts';
import { useServices } from '../../services.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { useDecisionKey } from '../../use-decision-key.ts';
import { taskTexts } from './texts.ts';

/** @param place what the task works on, as text; null while unknown */
export function TaskActions({ task, title, place }: { task: Task; title: string; place: string | null }) {
  if (!hasEnded(task)) return <Cancel task={task} title={title} place={place} />;
  // A restore is asked for anew, at the snapshot, and a rollback of the config at the repair steps.
  const isAskedAnew = task.type === taskTypes.restoreSnapshot || task.type === taskTypes.configRollback;
  if (task.status === 'succeeded' || isAskedAnew) return null;
  return <Retry task={task} title={title} place={place} />;
}

function Cancel({ task, title, place }: { task: Task; title: string; place: string | null }) {
  const { api } = useServices();
  const queries = useQueryClient();
  const t = useTexts(taskTexts);
  const [isAsking, setAsking] = useState(false);
  const cancel = useMutation({
    mutationFn: () => api.call('POST /tasks/:id/cancel', { params: { id: task.id } }),
    onSuccess: () => {
      setAsking(false);
      void queries.invalidateQueries({ queryKey: ['tasks'] });
    },
  });
  if (cancel.isSuccess)
    return (
      <p role="status" className="text-sm text-muted">
        {t.cancelAsked}
      </p>
    );
  return (
    <>
      <Button variant="danger" onClick={() => setAsking(true)}>
        {t.cancelTask}
      </Button>
      {isAsking && (
        <Confirm
          title={t.cancelTitle(title)}
          action={t.cancelTask}
          isDestructive
          isPending={cancel.isPending}
          problem={cancel.error}
          onConfirm={() => cancel.mutate()}
          onClose={() => setAsking(false)}
        >
          <p>{isUndone(task) ? t.cancelUpdateWhat : t.cancelWhat}</p>
          {place !== null && <p className="text-muted">{t.onServer(place)}</p>}
        </Confirm>
      )}
    </>
  );
}

/** Whether a cancel undoes the steps that were done. */
function isUndone({ type }: Task): boolean {
  return type === taskTypes.updateComponent || type === taskTypes.restoreSnapshot;
}

function Retry({ task, title, place }: { task: Task; title: string; place: string | null }) {
  const { api } = useServices();
  const queries = useQueryClient();
  const t = useTexts(taskTexts);
  const [isAsking, setAsking] = useState(false);
  const decision = useDecisionKey();
  const retry = useMutation({
    mutationFn: () =>
      api.call('POST /tasks/:id/retry', { params: { id: task.id }, headers: decision.headers() }),
    onSuccess: (answer) => {
      void queries.invalidateQueries({ queryKey: ['tasks'] });
      navigate(`/tasks/${answer.task.id}`);
    },
    onError: decision.onError,
  });
  return (
    <>
      <Button variant="primary" onClick={() => setAsking(true)}>
        {t.retryTask}
      </Button>
      {isAsking && (
        <Confirm
          title={t.retryTitle(title)}
          action={t.retryTask}
          isPending={retry.isPending}
          problem={retry.error}
          onConfirm={() => retry.mutate()}
          onClose={() => setAsking(false)}
        >
          <p>{t.retryWhat}</p>
          {place !== null && <p className="text-muted">{t.onServer(place)}</p>}
        </Confirm>
      )}
    </>
  );
}
