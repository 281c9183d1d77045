// When a job runs next, in words that count down.
import type { CronJob } from '@buoy/contract';
import { useFormats } from '../../i18n/use-formats.ts';
import { useTexts } from '../../i18n/use-texts.ts';
import { useNow } from '../../ui/use-now.ts';
import { cronTexts } from './texts.ts';

/** Milliseconds; a minute is as fine as a schedule is read. */
const TICK_MS = 10_000;

export function NextRun({ job }: { job: CronJob }) {
  const t = useTexts(cronTexts);
  const formats = useFormats();
  const now = useNow(TICK_MS);
  if (job.running) return <span className="font-medium text-link">{t.runsNow}</span>;
  if (!job.enabled) return t.switchedOff;
  if (job.nextRunAt === null) return t.noNextRun;
  const seconds = (Date.parse(job.nextRunAt) - now) / 1_000;
  return seconds <= 0
    ? t.due
    : t.nextRun(formats.moment(job.nextRunAt), formats.duration(Math.max(60, seconds)));
}
