// The state of a task in a word, a mark and a colour.
import type { StepStatus, TaskStatus } from '@buoy/contract';
import { useTexts } from '../../i18n/use-texts.ts';
import { taskTexts } from './texts.ts';

type Look = { mark: string; tone: string };

export const statusLooks: Record<TaskStatus | StepStatus, Look> = {
  queued: { mark: '○', tone: 'text-muted' },
  pending: { mark: '○', tone: 'text-muted' },
  running: { mark: '◐', tone: 'text-link' },
  succeeded: { mark: '✓', tone: 'text-up' },
  failed: { mark: '✕', tone: 'text-down' },
  interrupted: { mark: '✕', tone: 'text-down' },
  skipped: { mark: '–', tone: 'text-muted' },
  cancelled: { mark: '–', tone: 'text-muted' },
};

export function TaskStatusWord({ status }: { status: TaskStatus }) {
  const t = useTexts(taskTexts);
  const { mark, tone } = statusLooks[status];
  return (
    <span className={`font-medium whitespace-nowrap ${tone}`}>
      <span aria-hidden="true">{mark}</span> {t[`status_${status}`]}
    </span>
  );
}
