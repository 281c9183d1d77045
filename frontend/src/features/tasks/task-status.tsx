// The state of a task in a word, a mark and a colour.
import type { StepStatus, TaskStatus } from '@buoy/contract';
import { useTexts } from '../../i18n/use-texts.ts';
import { taskTexts } from './texts.ts';

type StatusStyle = { mark: string; tone: string };

export const statusStyles: Record<TaskStatus | StepStatus, StatusStyle> = {
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
  const { mark, tone } = statusStyles[status];
  return (
    <span className={`font-medium whitespace-nowrap ${tone}`}>
      <span aria-hidden="true">{mark}</span> {t[`status_${status}`]}
    </span>
  );
}
