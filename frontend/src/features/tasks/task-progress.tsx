// The steps of a task, live: what is done, what runs, what it said, and how it ended.
import type { StepStatus, TaskStatus, TaskStep } from '@buoy/contract';
import { Button } from '../../ui/button.tsx';
import { hasEnded, type TaskView } from './task-view.ts';

const taskWords: Record<TaskStatus, string> = {
  queued: 'Waiting to start',
  running: 'Running',
  succeeded: 'Done',
  failed: 'Failed',
  cancelled: 'Cancelled',
  interrupted: 'Interrupted',
};

const stepLooks: Record<StepStatus, { word: string; mark: string; tone: string }> = {
  pending: { word: 'to do', mark: '○', tone: 'text-muted' },
  running: { word: 'running', mark: '◐', tone: 'text-link' },
  succeeded: { word: 'done', mark: '✓', tone: 'text-up' },
  failed: { word: 'failed', mark: '✕', tone: 'text-down' },
  skipped: { word: 'skipped', mark: '–', tone: 'text-muted' },
  cancelled: { word: 'cancelled', mark: '–', tone: 'text-muted' },
};

export function TaskProgress({
  title,
  view,
  onDismiss,
}: {
  title: string;
  view: TaskView;
  onDismiss: () => void;
}) {
  const { task, output } = view;
  const ended = hasEnded(task);
  const current = task.steps.find((step) => step.status === 'running');
  return (
    <section aria-label={title} className="rounded-lg border border-line bg-surface p-4 sm:p-5">
      <div className="flex items-center justify-between gap-3">
        <h2 className="font-semibold">{title}</h2>
        {/* Only the heading line is read out: every line of output would be too much. */}
        <p role="status" className={`text-sm font-medium ${tone(task.status)}`}>
          {taskWords[task.status]}
          {current !== undefined && <span className="sr-only">: {current.title}</span>}
        </p>
      </div>
      <progress className="meter mt-3" aria-label="Progress" max={1} value={task.progress} />
      <ol className="mt-3 space-y-2">
        {task.steps.map((step) => (
          <Step key={step.id} step={step} output={output[step.id] ?? step.outputTail} />
        ))}
      </ol>
      {task.error !== null && (
        <div className="mt-4 rounded-md border border-down/40 bg-down/8 px-4 py-3 text-sm">
          <p className="font-medium">{task.error.message}</p>
          {task.error.hint !== null && <p className="mt-1 text-muted">{task.error.hint}</p>}
          <p className="mt-1 text-xs text-muted">
            Task <code className="font-mono select-all">{task.id}</code>
          </p>
        </div>
      )}
      {ended && (
        <Button className="mt-4" onClick={onDismiss}>
          Close
        </Button>
      )}
    </section>
  );
}

function Step({ step, output }: { step: TaskStep; output: string }) {
  const look = stepLooks[step.status];
  const isOpen = step.status === 'running' || step.status === 'failed';
  return (
    <li className="flex gap-2.5 text-sm">
      <span aria-hidden="true" className={`w-4 shrink-0 text-center font-semibold ${look.tone}`}>
        {look.mark}
      </span>
      <div className="min-w-0 flex-1">
        <p className={step.status === 'pending' ? 'text-muted' : ''}>
          {step.title} <span className={`text-xs ${look.tone}`}>{look.word}</span>
        </p>
        {step.detail !== null && <p className="text-muted">{step.detail}</p>}
        {output.trim() !== '' && (
          <details open={isOpen} className="mt-1">
            <summary className="min-h-8 content-center text-xs text-muted">Output</summary>
            <pre className="max-h-56 overflow-auto rounded-md border border-line bg-inset p-3 font-mono text-xs whitespace-pre-wrap">
              {output.trimEnd()}
            </pre>
          </details>
        )}
      </div>
    </li>
  );
}

function tone(status: TaskStatus): string {
  if (status === 'succeeded') return 'text-up';
  return status === 'failed' || status === 'interrupted' ? 'text-down' : 'text-muted';
}
