// The next run of a job, as a countdown.
import type { CronJob } from '@buoy/contract';
import { useFormats } from '../../i18n/use-formats.ts';
import { useTexts } from '../../i18n/use-texts.ts';
import { useNow } from '../../ui/use-now.ts';
import { cronTexts } from './texts.ts';

/** Milliseconds; a minute is as fine as a schedule is read. */
const TICK_MS = 10_000;

/** @param isNamed what stands before it says already what it is */
export function NextRun({ job, isNamed = false }: { job: CronJob; isNamed?: boolean }) {
  const t = useTexts(cronTexts);
  const formats = useFormats();
  const now = useNow(TICK_MS);
  if (job.running) return <span className="font-medium text-link">{t.runsNow}</span>;
  if (!job.enabled) return t.switchedOff;
  if (job.nextRunAt === null) return t.noNextRun;
  const seconds = (Date.parse(job.nextRunAt) - now) / 1_000;
  if (seconds <= 0) return t.due;
  const words = isNamed ? t.atIn : t.nextRun;
  return words(formats.moment(job.nextRunAt), formats.duration(Math.max(60, seconds)));
}
