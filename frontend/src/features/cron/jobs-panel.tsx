// All scheduled jobs of a server, failed ones first; OpenClaw's own jobs apart.
import type { Contract, CronJob, ResponseOf, Server } from '@buoy/contract';
import type { UseQueryResult } from '@tanstack/react-query';
import { useTexts } from '../../i18n/use-texts.ts';
import { linkTo } from '../../navigation.ts';
import { serverPath } from '../../paths.ts';
import { buttonClass } from '../../ui/button.tsx';
import { EmptyNote } from '../../ui/empty-note.tsx';
import { ReadPanel } from '../../ui/read-panel.tsx';
import { failuresFirst, hasFailed } from './job-order.ts';
import { JobRow } from './job-row.tsx';
import { cronTexts } from './texts.ts';

type Answer = ResponseOf<Contract['GET /servers/:id/openclaw/cron']>;

export function JobsPanel({ server, query }: { server: Server; query: UseQueryResult<Answer> }) {
  const t = useTexts(cronTexts);
  const mayAct = server.role !== 'viewer';
  const newJob = (
    <a {...linkTo(serverPath(server.id, 'cron', 'new'))} className={buttonClass('primary')}>
      {t.newJob}
    </a>
  );
  return (
    <ReadPanel title={t.jobs} loading={t.loadingJobs} rows={3} query={query}>
      {({ jobs }) => {
        const own = failuresFirst(jobs.filter(({ system }) => !system));
        const kept = failuresFirst(jobs.filter(({ system }) => system));
        const failed = jobs.filter(hasFailed).length;
        return (
          <>
            {own.length === 0 ? (
              <EmptyNote title={t.noJobs}>
                <p>{t.noJobsHint}</p>
                {mayAct ? <p className="mt-3">{newJob}</p> : <p className="mt-1">{t.viewer}</p>}
              </EmptyNote>
            ) : (
              <>
                <div className="flex flex-wrap items-center justify-between gap-2">
                  <p className={`text-sm ${failed > 0 ? 'font-medium text-down' : 'text-muted'}`}>
                    {failed > 0 ? t.failed(failed) : t.noneFailed(own.length)}
                  </p>
                  {mayAct ? newJob : <p className="text-sm text-muted">{t.viewer}</p>}
                </div>
                <JobList label={t.jobs} server={server} jobs={own} />
              </>
            )}
            {kept.length > 0 && (
              <section className="border-t border-line pt-4">
                <h3 className="text-sm font-semibold">{t.keptByOpenclaw}</h3>
                <p className="text-sm text-muted">{t.keptByOpenclawHint}</p>
                <div className="mt-2">
                  <JobList label={t.keptByOpenclaw} server={server} jobs={kept} />
                </div>
              </section>
            )}
          </>
        );
      }}
    </ReadPanel>
  );
}

function JobList({ label, server, jobs }: { label: string; server: Server; jobs: readonly CronJob[] }) {
  return (
    <ul aria-label={label} className="divide-y divide-line">
      {jobs.map((job) => (
        <JobRow key={job.id} server={server} job={job} />
      ))}
    </ul>
  );
}
