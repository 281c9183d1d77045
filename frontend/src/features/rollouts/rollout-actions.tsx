// Pauses, resumes and cancels a rollout.
import type { Rollout } from '@buoy/contract';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { useDecisionKey } from '../../use-decision-key.ts';
import { ROLLOUTS, rolloutQuery } from './rollout-queries.ts';
import { actsFor, type RolloutAct } from './rollout-state.ts';
import { rolloutTexts } from './texts.ts';

export function RolloutActions({ id, rollout }: { id: string; rollout: Rollout }) {
  const acts = actsFor(rollout);
  if (acts.length === 0) return null;
  return (
    <div className="flex flex-wrap items-center gap-2">
      {acts.map((act) =>
        act === 'cancel' ? (
          <Cancel key={act} id={id} version={rollout.version} />
        ) : (
          <ActButton key={act} id={id} act={act} />
        ),
      )}
    </div>
  );
}

function ActButton({ id, act }: { id: string; act: Exclude<RolloutAct, 'cancel'> }) {
  const t = useTexts(rolloutTexts);
  const { mutate, isPending, error } = useRolloutAct(id, act);
  return (
    <>
      <Button variant={act === 'resume' ? 'primary' : 'plain'} disabled={isPending} onClick={() => mutate()}>
        {t[act]}
      </Button>
      {error !== null && (
        <div className="order-last basis-full">
          <ProblemNote problem={error} />
        </div>
      )}
    </>
  );
}

function Cancel({ id, version }: { id: string; version: string }) {
  const t = useTexts(rolloutTexts);
  const [isAsking, setAsking] = useState(false);
  const { mutate, isPending, error } = useRolloutAct(id, 'cancel', () => setAsking(false));
  return (
    <>
      <Button variant="danger" onClick={() => setAsking(true)}>
        {t.cancel}
      </Button>
      {isAsking && (
        <Confirm
          title={t.cancelTitle(version)}
          action={t.cancel}
          isDestructive
          isPending={isPending}
          problem={error}
          onConfirm={() => mutate()}
          onClose={() => setAsking(false)}
        >
          <p>{t.cancelWhat}</p>
        </Confirm>
      )}
    </>
  );
}

function useRolloutAct(id: string, act: RolloutAct, onDone?: () => void) {
  const { api } = useServices();
  const queries = useQueryClient();
  const t = useTexts(rolloutTexts);
  const decision = useDecisionKey();
  return useMutation({
    mutationFn: () => {
      const request = { params: { id }, headers: decision.headers() };
      switch (act) {
        case 'pause':
          return api.call('POST /rollouts/:id/pause', request);
        case 'resume':
        case 'skipFailed':
          return api.call('POST /rollouts/:id/resume', {
            ...request,
            body: { skipFailed: act === 'skipFailed' },
          });
        case 'cancel':
          return api.call('POST /rollouts/:id/cancel', request);
      }
    },
    onSuccess: ({ rollout }) => {
      decision.renew();
      queries.setQueryData(rolloutQuery(api, id).queryKey, rollout);
      onDone?.();
    },
    onError: decision.onError,
    onSettled: () => queries.invalidateQueries({ queryKey: [ROLLOUTS] }),
    meta: { done: t[`done_${act}`] },
  });
}
