// A new rollout: servers and options first, then the plan, from which it is started.
import type { Rollout } from '@buoy/contract';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { linkTo, navigate } from '../../navigation.ts';
import { useServices } from '../../services.ts';
import { buttonClass } from '../../ui/button.tsx';
import { EmptyNote } from '../../ui/empty-note.tsx';
import { PageHeading } from '../../ui/page-heading.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { useUnsaved } from '../../ui/use-unsaved.ts';
import { useDecisionKey } from '../../use-decision-key.ts';
import { byName } from '../servers/server-order.ts';
import { serversQuery } from '../servers/server-queries.ts';
import {
  dryRunOf,
  emptyRolloutDraft,
  type RolloutDraft,
  type RolloutRequest,
  startOf,
} from './rollout-draft.ts';
import { RolloutForm } from './rollout-form.tsx';
import { RolloutPlan } from './rollout-plan.tsx';
import { ROLLOUTS } from './rollout-queries.ts';
import { rolloutTexts } from './texts.ts';

/** What Buoy has planned, and for which request. */
type Planned = { plan: Rollout; body: RolloutRequest };

export function NewRollout() {
  const { api } = useServices();
  const queries = useQueryClient();
  const t = useTexts(rolloutTexts);
  const [draft, setDraft] = useState(emptyRolloutDraft);
  const [planned, setPlanned] = useState<Planned | null>(null);
  /** Sent again after silence, the same plan is not a second rollout. */
  const decision = useDecisionKey();
  const plan = useMutation({
    mutationFn: (body: RolloutRequest) => api.call('POST /rollouts', { body }),
    onSuccess: ({ rollout }, body) => {
      decision.renew();
      setPlanned({ plan: rollout, body });
      window.scrollTo(0, 0);
    },
  });
  const start = useMutation({
    mutationFn: (shown: Planned) =>
      api.call('POST /rollouts', { body: startOf(shown.plan, shown.body), headers: decision.headers() }),
    onSuccess: ({ rollout }) => {
      for (const queryKey of [[ROLLOUTS], ['tasks']]) void queries.invalidateQueries({ queryKey });
      navigate(`/rollouts/${rollout.id}`, { replace: true });
    },
    onError: decision.onError,
    meta: { done: t.started },
  });
  useUnsaved(draft.serverIds.length > 0 && !start.isSuccess);
  return (
    <div className="mx-auto max-w-3xl">
      <a {...linkTo('/rollouts')} className={`${buttonClass('quiet')} -ml-4`}>
        ← {t.allRollouts}
      </a>
      {planned === null ? (
        <>
          <PageHeading title={t.updateSeveral}>{t.updateSeveral}</PageHeading>
          <div className="mt-4">
            <Choice
              draft={draft}
              onChange={(next) => {
                plan.reset();
                setDraft(next);
              }}
              isBusy={plan.isPending}
              problem={plan.error}
              onSubmit={(chosen) => plan.mutate(dryRunOf(chosen))}
            />
          </div>
        </>
      ) : (
        <RolloutPlan
          plan={planned.plan}
          hasCanary={(planned.body.canary ?? 0) > 0}
          pauseS={planned.body.pauseS ?? 0}
          isStarting={start.isPending}
          problem={start.error}
          onStart={() => start.mutate(planned)}
          onBack={() => {
            start.reset();
            setPlanned(null);
          }}
        />
      )}
    </div>
  );
}

/** The form, once it is known which servers the person may update. */
function Choice(props: {
  draft: RolloutDraft;
  onChange: (draft: RolloutDraft) => void;
  isBusy: boolean;
  problem: Error | null;
  onSubmit: (draft: RolloutDraft) => void;
}) {
  const { api } = useServices();
  const t = useTexts(rolloutTexts);
  const { data, error } = useQuery(serversQuery(api));
  if (data === undefined)
    return error === null ? <Skeleton label={t.loadingServers} rows={4} /> : <ProblemNote problem={error} />;
  const servers = data
    .filter(({ role }) => role !== 'viewer')
    .sort((a, b) => byName.compare(a.name, b.name) || a.id.localeCompare(b.id));
  if (servers.length === 0) return <EmptyNote title={t.nothingTitle}>{t.nothing}</EmptyNote>;
  return <RolloutForm servers={servers} {...props} />;
}
