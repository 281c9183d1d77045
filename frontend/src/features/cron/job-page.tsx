// One job: what it does and when, how its runs went, and what can be done with it.
import type { CronJob, Server } from '@buoy/contract';
import { visibleText } from '@buoy/contract/visible-text';
import { useTexts } from '../../i18n/use-texts.ts';
import { linkTo } from '../../navigation.ts';
import { serverPath } from '../../paths.ts';
import { type Fact, Facts } from '../../ui/facts.tsx';
import { Panel } from '../../ui/panel.tsx';
import { SubNavigation } from '../../ui/sub-navigation.tsx';
import { VisibleText } from '../../ui/visible-text.tsx';
import { JobSwitch } from './job-switch.tsx';
import { LastRun } from './last-run.tsx';
import { NextRun } from './next-run.tsx';
import { RemoveJob } from './remove-job.tsx';
import { RunNow } from './run-now.tsx';
import { RunsPanel } from './runs-panel.tsx';
import { cronTexts } from './texts.ts';
import { useScheduleWords } from './use-schedule-words.ts';

export function JobPage({ server, job, showsRuns }: { server: Server; job: CronJob; showsRuns: boolean }) {
  const t = useTexts(cronTexts);
  const path = (...rest: string[]) => serverPath(server.id, 'cron', job.id, ...rest);
  const mayChange = server.role !== 'viewer' && !job.system;
  return (
    <div className="space-y-4">
      <a
        {...linkTo(serverPath(server.id, 'cron'))}
        className="inline-flex min-h-11 items-center text-sm text-link"
      >
        ← {t.allJobs}
      </a>
      <SubNavigation
        label={visibleText(job.name)}
        items={[
          { path: path(), title: t.job, isCurrent: !showsRuns },
          { path: path('runs'), title: t.runs, isCurrent: showsRuns },
          ...(mayChange ? [{ path: path('edit'), title: t.edit, isCurrent: false }] : []),
        ]}
      />
      {showsRuns ? (
        <RunsPanel server={server} job={job} />
      ) : (
        <Panel title={job.name} aside={server.role !== 'viewer' && <RunNow server={server} job={job} />}>
          <LastRun job={job} />
          <JobFacts job={job} />
          {job.message !== null && (
            <>
              <h3 className="mt-4 text-xs text-muted">{t.message}</h3>
              <p className="mt-1 max-h-64 overflow-y-auto rounded-md border border-line bg-inset p-3 text-sm whitespace-pre-wrap">
                <VisibleText text={job.message} />
              </p>
            </>
          )}
          {job.system && <p className="mt-4 text-sm text-muted">{t.keptByOpenclawHint}</p>}
          {server.role === 'viewer' && <p className="mt-4 text-sm text-muted">{t.viewer}</p>}
          {mayChange && (
            <div className="mt-4 space-y-3 border-t border-line pt-3">
              <JobSwitch server={server} job={job} />
              <RemoveJob server={server} job={job} />
            </div>
          )}
        </Panel>
      )}
    </div>
  );
}

function JobFacts({ job }: { job: CronJob }) {
  const t = useTexts(cronTexts);
  const words = useScheduleWords();
  const { schedule, delivery, sessionTarget } = job;
  const to = [delivery.channel, delivery.to].filter((part) => part !== null).join(' ');
  const facts: Fact[] = [
    { term: t.schedule, value: words(schedule), wide: true },
    ...(schedule.kind === 'cron'
      ? [
          {
            term: t.expressionTerm,
            value: (
              <code className="font-mono">
                <VisibleText text={schedule.expr} />
              </code>
            ),
          },
        ]
      : []),
    { term: t.next, value: <NextRun job={job} isNamed />, wide: true },
    { term: t.agent, value: job.agentId ?? t.defaultAgent },
    {
      term: t.session,
      value:
        sessionTarget === 'isolated' || sessionTarget === 'main'
          ? t[`target_${sessionTarget}`]
          : sessionTarget,
    },
    { term: t.delivery, value: `${t[`delivery_${delivery.mode}`]}${to === '' ? '' : `: ${to}`}`, wide: true },
  ];
  return <Facts facts={facts} />;
}
