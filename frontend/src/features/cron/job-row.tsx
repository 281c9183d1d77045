// One job in the list: when it runs, how it went, and the switch.
import type { CronJob, Server } from '@buoy/contract';
import { useTexts } from '../../i18n/use-texts.ts';
import { linkTo } from '../../navigation.ts';
import { serverPath } from '../../paths.ts';
import { VisibleText } from '../../ui/visible-text.tsx';
import { LastRun } from './last-run.tsx';
import { NextRun } from './next-run.tsx';
import { RunNow } from './run-now.tsx';
import { cronTexts } from './texts.ts';
import { useScheduleWords } from './use-schedule-words.ts';

export function JobRow({ server, job }: { server: Server; job: CronJob }) {
  const t = useTexts(cronTexts);
  const words = useScheduleWords();
  return (
    <li className="flex flex-wrap items-start justify-between gap-x-4 gap-y-2 py-3 first:pt-0 last:pb-0">
      <div className="min-w-0 flex-1 basis-56">
        <a
          {...linkTo(serverPath(server.id, 'cron', job.id))}
          className="inline-flex min-h-11 items-center font-medium text-link underline"
        >
          <VisibleText text={job.name} />
        </a>
        <p className="text-sm">
          <VisibleText text={words(job.schedule)} />
          {job.agentId !== null && <span className="text-muted"> · {t.agentNamed(job.agentId)}</span>}
        </p>
        <p className="text-sm text-muted">
          <NextRun job={job} />
        </p>
        <LastRun job={job} />
      </div>
      {server.role !== 'viewer' && <RunNow server={server} job={job} />}
    </li>
  );
}
