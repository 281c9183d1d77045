// Rollouts by pages, newest first.
import type { Rollout } from '@buoy/contract';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useFormats } from '../../i18n/use-formats.ts';
import { useTexts } from '../../i18n/use-texts.ts';
import { linkTo } from '../../navigation.ts';
import { useServices } from '../../services.ts';
import { Button, buttonClass } from '../../ui/button.tsx';
import { EmptyNote } from '../../ui/empty-note.tsx';
import { PageHeading } from '../../ui/page-heading.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { uiTexts } from '../../ui/texts.ts';
import { useNow } from '../../ui/use-now.ts';
import { VisibleText } from '../../ui/visible-text.tsx';
import { rolloutsQuery } from './rollout-queries.ts';
import { RolloutStatusWord } from './rollout-status.tsx';
import { rolloutTexts } from './texts.ts';
import { useProgressWords } from './use-progress-words.ts';
import { useStarterNames } from './use-starter-names.ts';

const none: readonly Rollout[] = [];

export function RolloutList() {
  const { api } = useServices();
  const t = useTexts(rolloutTexts);
  const { loadMore } = useTexts(uiTexts);
  const now = useNow();
  const { data, error, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery(
    rolloutsQuery(api),
  );
  const rollouts = data?.pages.flatMap((page) => page.rollouts) ?? none;
  const starterOf = useStarterNames(rollouts);
  return (
    <div className="mx-auto max-w-3xl space-y-3">
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <PageHeading title={t.rollouts}>{t.rollouts}</PageHeading>
        <div className="flex flex-wrap gap-2">
          <a {...linkTo('/update-policies')} className={buttonClass()}>
            {t.updatePolicies}
          </a>
          <a {...linkTo('/rollouts/new')} className={buttonClass('primary')}>
            {t.updateSeveral}
          </a>
        </div>
      </div>
      {error !== null && <ProblemNote problem={error} />}
      {data === undefined && error === null && <Skeleton label={t.loading} rows={3} />}
      {data !== undefined && rollouts.length === 0 && <EmptyNote title={t.emptyTitle}>{t.empty}</EmptyNote>}
      {rollouts.length > 0 && (
        <ul aria-label={t.rollouts} className="overflow-hidden rounded-lg border border-line bg-surface">
          {rollouts.map((rollout) => (
            <RolloutRow key={rollout.id} rollout={rollout} starter={starterOf(rollout.createdBy)} now={now} />
          ))}
        </ul>
      )}
      {hasNextPage && (
        <Button disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {loadMore}
        </Button>
      )}
    </div>
  );
}

/** @param starter what the person is called who started it; null: it is the reader */
function RolloutRow({ rollout, starter, now }: { rollout: Rollout; starter: string | null; now: number }) {
  const t = useTexts(rolloutTexts);
  const formats = useFormats();
  const progressWords = useProgressWords();
  return (
    <li className="border-b border-line last:border-b-0">
      <a
        {...linkTo(`/rollouts/${rollout.id}`)}
        className="grid min-h-11 grid-cols-[minmax(0,1fr)_auto] gap-x-3 gap-y-0.5 px-4 py-3 text-sm hover:bg-inset focus-visible:-outline-offset-2"
      >
        <span className="font-medium">
          OpenClaw <VisibleText text={rollout.version} />
        </span>
        <RolloutStatusWord status={rollout.status} />
        <span className="min-w-0 text-xs text-muted">
          {progressWords(rollout)} · {starter === null ? t.byYou : t.by(starter)}
        </span>
        <span className="justify-self-end text-xs whitespace-nowrap text-muted">
          {formats.age(rollout.createdAt, now)}
        </span>
      </a>
    </li>
  );
}
