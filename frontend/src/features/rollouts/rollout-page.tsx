// One rollout at its own address, live while it moves.
import type { Rollout } from '@buoy/contract';
import { useQuery } from '@tanstack/react-query';
import { isGone } from '../../api.ts';
import { useFormats } from '../../i18n/use-formats.ts';
import { useTexts } from '../../i18n/use-texts.ts';
import { linkTo } from '../../navigation.ts';
import { useServices } from '../../services.ts';
import { buttonClass } from '../../ui/button.tsx';
import { Facts } from '../../ui/facts.tsx';
import { PageHeading } from '../../ui/page-heading.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { useNow } from '../../ui/use-now.ts';
import { RolloutActions } from './rollout-actions.tsx';
import { rolloutQuery } from './rollout-queries.ts';
import { phaseOf, progressOf } from './rollout-state.ts';
import { RolloutStatusWord } from './rollout-status.tsx';
import { rolloutTexts } from './texts.ts';
import { useProgressWords } from './use-progress-words.ts';
import { useStarterNames } from './use-starter-names.ts';
import { RolloutServerRow, WaveList } from './wave-list.tsx';

const HALF_A_DAY_S = 43_200;

export function RolloutPage({ id }: { id: string }) {
  const { api } = useServices();
  const t = useTexts(rolloutTexts);
  const { data, error } = useQuery(rolloutQuery(api, id));
  const rollout = isGone(error) ? undefined : data;
  const title = rollout === undefined ? t.rollout : t.titleOf(rollout.version);
  return (
    <div className="mx-auto max-w-3xl">
      <a {...linkTo('/rollouts')} className={`${buttonClass('quiet')} -ml-4`}>
        ← {t.allRollouts}
      </a>
      <PageHeading title={title}>{title}</PageHeading>
      <div className="mt-3 space-y-4">
        {error !== null && <ProblemNote problem={error} />}
        {rollout === undefined && error === null && <Skeleton label={t.loadingOne} rows={4} />}
        {rollout !== undefined && (
          <>
            <RolloutState rollout={rollout} />
            <RolloutActions id={id} rollout={rollout} />
            {rollout.waves.length === 0 && <p className="text-sm text-muted">{t.noneVisible}</p>}
            <WaveList waves={rollout.waves}>{(server) => <RolloutServerRow server={server} />}</WaveList>
          </>
        )}
      </div>
    </div>
  );
}

function RolloutState({ rollout }: { rollout: Rollout }) {
  const t = useTexts(rolloutTexts);
  const formats = useFormats();
  const progressWords = useProgressWords();
  const starter = useStarterNames([rollout])(rollout.createdBy);
  const { status, nextWaveAt, createdAt, finishedAt } = rollout;
  const { updated, skipped, failed, all } = progressOf(rollout);
  return (
    <section aria-label={t.rollout} className="rounded-lg border border-line bg-surface p-4 sm:p-5">
      <p role="status" className="flex flex-wrap justify-between gap-x-4 gap-y-1 text-sm">
        <RolloutStatusWord status={status} />
        <span className="text-muted">{progressWords(rollout)}</span>
      </p>
      {phaseOf(rollout) !== 'ended' && (
        <progress
          className="meter mt-3 block"
          aria-label={t.progress}
          max={Math.max(1, all)}
          value={updated + skipped}
        />
      )}
      {status === 'paused' && <p className="mt-3 max-w-prose text-sm">{t.pausedHint}</p>}
      {status === 'stopped' && (
        <p className="mt-3 max-w-prose text-sm">{failed > 0 ? t.stoppedHint : t.haltedHint}</p>
      )}
      {nextWaveAt !== null && <NextWave at={nextWaveAt} />}
      <Facts
        facts={[
          { term: t.startedBy, value: starter ?? t.you },
          { term: t.startedAt, value: formats.moment(createdAt) },
          { term: t.endedAt, value: finishedAt === null ? t.notYet : formats.moment(finishedAt) },
        ]}
      />
    </section>
  );
}

function NextWave({ at }: { at: string }) {
  const t = useTexts(rolloutTexts);
  const formats = useFormats();
  const now = useNow();
  const seconds = (Date.parse(at) - now) / 1_000;
  // A window may open in a few days.
  const time = seconds < HALF_A_DAY_S ? formats.timeOfDay(at) : formats.moment(at);
  return (
    <p className="mt-3 text-sm tabular-nums">
      {seconds < 1 ? t.nextWaveDue : t.nextWave(time, formats.duration(seconds))}
    </p>
  );
}
