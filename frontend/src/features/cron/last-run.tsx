// How the last run of a job ended, and why it failed.
import type { CronJob } from '@buoy/contract';
import { useFormats } from '../../i18n/use-formats.ts';
import { useTexts } from '../../i18n/use-texts.ts';
import { useNow } from '../../ui/use-now.ts';
import { VisibleText } from '../../ui/visible-text.tsx';
import { cronTexts } from './texts.ts';

export function LastRun({ job }: { job: Pick<CronJob, 'lastRun'> }) {
  const t = useTexts(cronTexts);
  const formats = useFormats();
  const now = useNow();
  const { lastRun } = job;
  if (lastRun === null) return <p className="text-sm text-muted">{t.neverRan}</p>;
  const { at, status, error } = lastRun;
  return (
    <p className="text-sm text-muted">
      <span className={`font-medium ${toneOf(status)}`}>{t[`status_${status ?? 'unknown'}`]}</span>{' '}
      {formats.age(at, now)}
      {error !== null && (
        <span className={status === 'error' ? 'text-ink' : ''}>
          :{' '}
          <span lang="en">
            <VisibleText text={error} />
          </span>
        </span>
      )}
    </p>
  );
}

export function toneOf(status: 'ok' | 'error' | 'skipped' | null): string {
  if (status === 'ok') return 'text-up';
  return status === 'error' ? 'text-down' : 'text-muted';
}
