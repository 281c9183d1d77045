// The plan of a rollout, as Buoy answers before anything is done, and its start.
import type { Rollout } from '@buoy/contract';
import { useQuery } from '@tanstack/react-query';
import { useFormats } from '../../i18n/use-formats.ts';
import { useTexts } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { MainDecisionButton } from '../../ui/decision-button.tsx';
import { PageHeading } from '../../ui/page-heading.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { SecondaryButton } from '../../ui/secondary-button.tsx';
import { serversQuery } from '../servers/server-queries.ts';
import { useOwnerWords } from '../servers/use-owner-words.ts';
import { progressOf } from './rollout-state.ts';
import { rolloutTexts } from './texts.ts';
import { PlannedServer, WaveList } from './wave-list.tsx';

/** @param pauseS seconds between two waves */
export function RolloutPlan({
  plan,
  hasCanary,
  pauseS,
  isStarting,
  problem,
  onStart,
  onBack,
}: {
  plan: Rollout;
  hasCanary: boolean;
  pauseS: number;
  isStarting: boolean;
  problem: Error | null;
  onStart: () => void;
  onBack: () => void;
}) {
  const t = useTexts(rolloutTexts);
  const formats = useFormats();
  const { api } = useServices();
  const { data: servers = [] } = useQuery(serversQuery(api));
  const ownerWords = useOwnerWords();
  const owners = new Map(servers.map((server) => [server.id, ownerWords(server)]));
  const { all, skipped } = progressOf(plan);
  const updates = all - skipped;
  const waves = plan.waves.filter((servers) => servers.some(({ status }) => status !== 'skipped')).length;
  const title = t.planOf(plan.version);
  return (
    <div className="space-y-4">
      <PageHeading title={title}>{title}</PageHeading>
      {updates === 0 ? (
        <p className="text-sm">{t.planNothing}</p>
      ) : (
        <div className="max-w-prose space-y-1 text-sm">
          <p>
            {t.planSummary(updates, waves)} {waves > 1 && pauseS > 0 && t.planPause(pauseS)}
          </p>
          {plan.nextWaveAt !== null && (
            <p className="font-medium">{t.planWindow(formats.moment(plan.nextWaveAt))}</p>
          )}
          <p className="text-muted">
            {t.planEffect_1} {t.planEffect_2}
          </p>
        </div>
      )}
      <WaveList waves={plan.waves} hasCanary={hasCanary && updates > 0}>
        {(server) => <PlannedServer server={server} owner={owners.get(server.serverId) ?? null} />}
      </WaveList>
      {problem !== null && <ProblemNote problem={problem} />}
      <div className="flex flex-wrap gap-2">
        <MainDecisionButton
          text={isStarting ? t.starting : t.start}
          isEnabled={updates > 0}
          isBusy={isStarting}
          onPress={onStart}
        />
        <SecondaryButton text={t.changePlan} onPress={onBack} />
      </div>
    </div>
  );
}
