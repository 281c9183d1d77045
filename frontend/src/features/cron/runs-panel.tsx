// How the runs of a job ended, newest first.
import type { CronJob, CronRun, Server } from '@buoy/contract';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useFormats } from '../../i18n/use-formats.ts';
import { useTexts } from '../../i18n/use-texts.ts';
import { linkTo } from '../../navigation.ts';
import { serverPath } from '../../paths.ts';
import { useServices } from '../../services.ts';
import { Button } from '../../ui/button.tsx';
import { EmptyNote } from '../../ui/empty-note.tsx';
import { ReadPanel } from '../../ui/read-panel.tsx';
import { uiTexts } from '../../ui/texts.ts';
import { VisibleText } from '../../ui/visible-text.tsx';
import { runsQuery } from './cron-queries.ts';
import { toneOf } from './last-run.tsx';
import { RunNow } from './run-now.tsx';
import { cronTexts } from './texts.ts';

export function RunsPanel({ server, job }: { server: Server; job: CronJob }) {
  const { api } = useServices();
  const t = useTexts(cronTexts);
  const ui = useTexts(uiTexts);
  const query = useInfiniteQuery(runsQuery(api, server.id, job.id));
  const [first] = query.data?.pages ?? [];
  return (
    <ReadPanel
      title={t.runsOf(job.name)}
      loading={t.loadingRuns}
      rows={3}
      query={{ data: first, error: query.error, isFetching: query.isFetching, refetch: query.refetch }}
    >
      {() => {
        const runs = query.data?.pages.flatMap((page) => page.runs) ?? [];
        return (
          <>
            {server.role !== 'viewer' && <RunNow server={server} job={job} />}
            {runs.length === 0 ? (
              <EmptyNote title={t.noRuns}>{t.noRunsHint}</EmptyNote>
            ) : (
              <ol aria-label={t.runsOf(job.name)} className="divide-y divide-line">
                {runs.map((run) => (
                  <Run key={`${run.id} ${run.at}`} server={server} run={run} />
                ))}
              </ol>
            )}
            {query.hasNextPage && (
              <Button disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
                {ui.loadMore}
              </Button>
            )}
          </>
        );
      }}
    </ReadPanel>
  );
}

function Run({ server, run }: { server: Server; run: CronRun }) {
  const t = useTexts(cronTexts);
  const formats = useFormats();
  const { at, status, error, summary, durationMs, sessionKey, tokens, delivered } = run;
  const more = [
    ...(durationMs === null ? [] : [t.took(formats.duration(durationMs / 1_000))]),
    ...(tokens === null ? [] : [t.tokens(tokens)]),
    ...(delivered === null ? [] : [delivered ? t.delivered : t.notDelivered]),
  ];
  return (
    <li className="py-3 text-sm first:pt-0 last:pb-0">
      <p className="flex flex-wrap items-baseline gap-x-3">
        <span className={`font-medium ${toneOf(status)}`}>{t[`status_${status ?? 'unknown'}`]}</span>
        <time dateTime={at}>{formats.moment(at)}</time>
        <span className="text-muted">{more.join(' · ')}</span>
      </p>
      {error !== null && (
        <p lang="en" className="mt-1 text-down">
          <VisibleText text={error} />
        </p>
      )}
      {summary !== null && (
        <p className="mt-1 whitespace-pre-wrap">
          <VisibleText text={summary} />
        </p>
      )}
      {sessionKey !== null && (
        <a
          {...linkTo(serverPath(server.id, 'sessions', sessionKey))}
          className="inline-flex min-h-11 items-center text-link underline"
        >
          {t.openSession}
        </a>
      )}
    </li>
  );
}
