// The scheduled jobs of a server: all of them, one with its runs, and the form.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useTexts } from '../../i18n/use-texts.ts';
import { linkTo } from '../../navigation.ts';
import type { SectionProps } from '../../page-props.ts';
import { serverPath } from '../../paths.ts';
import { useServices } from '../../services.ts';
import { buttonClass } from '../../ui/button.tsx';
import { EmptyNote } from '../../ui/empty-note.tsx';
import { NotFound } from '../../ui/not-found.tsx';
import { OriginNote } from '../../ui/origin-note.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { requiresRefetch, useServerEvent } from '../events/server-events.tsx';
import { ForAdmins } from '../servers/for-admins.tsx';
import { cronKey, jobsQuery } from './cron-queries.ts';
import { EditJob } from './edit-job.tsx';
import { JobPage } from './job-page.tsx';
import { JobsPanel } from './jobs-panel.tsx';
import { NewJob } from './new-job.tsx';
import { cronTexts } from './texts.ts';

export function CronSection({ server, rest }: SectionProps) {
  const { api } = useServices();
  const queries = useQueryClient();
  const t = useTexts(cronTexts);
  const query = useQuery(jobsQuery(api, server.id));
  useServerEvent((event) => {
    if (event.event === 'cron' || requiresRefetch(event))
      void queries.invalidateQueries({ queryKey: cronKey(server.id) });
  });
  const [jobId, place, ...more] = rest;
  const mayAct = server.role !== 'viewer';
  if (more.length > 0) return <NotFound />;
  if (jobId === undefined) return <JobsPanel server={server} query={query} />;
  if (jobId === 'new') {
    if (place !== undefined) return <NotFound />;
    return mayAct ? <NewJob server={server} /> : <ForAdmins server={server} />;
  }

  const job = query.data?.jobs.find(({ id }) => id === jobId);
  if (job === undefined) {
    if (query.error !== null) return <ProblemNote problem={query.error} />;
    if (query.data === undefined) return <Skeleton label={t.loadingJobs} rows={3} />;
    return (
      <EmptyNote title={t.noSuchJob}>
        <p>{t.noSuchJobHint}</p>
        <a {...linkTo(serverPath(server.id, 'cron'))} className={`${buttonClass()} mt-3`}>
          {t.allJobs}
        </a>
      </EmptyNote>
    );
  }
  if (place === 'edit') {
    if (job.system) return <NotFound />;
    return mayAct ? <EditJob key={job.id} server={server} job={job} /> : <ForAdmins server={server} />;
  }
  if (place !== undefined && place !== 'runs') return <NotFound />;
  return (
    <>
      {query.error !== null && (
        <div className="mb-4 space-y-2">
          <ProblemNote problem={query.error} />
          {query.data !== undefined && (
            <OriginNote source={query.data.source} observedAt={query.data.observedAt} />
          )}
        </div>
      )}
      <JobPage server={server} job={job} showsRuns={place === 'runs'} />
    </>
  );
}
