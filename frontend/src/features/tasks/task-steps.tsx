// The steps of a task, each with its state, how long it took, and what it said.
import type { TaskStep } from '@buoy/contract';
import { useId, useState } from 'react';
import { useFormats } from '../../i18n/use-formats.ts';
import { useTexts } from '../../i18n/use-texts.ts';
import { useNow } from '../../ui/use-now.ts';
import { VisibleText } from '../../ui/visible-text.tsx';
import { statusStyles } from './task-status.tsx';
import type { TaskView } from './task-view.ts';
import { taskTexts } from './texts.ts';

export function TaskSteps({ view: { task, output } }: { view: TaskView }) {
  const t = useTexts(taskTexts);
  return (
    <ol aria-label={t.steps} className="space-y-2">
      {task.steps.map((step) => (
        <Step key={step.id} step={step} output={output[step.id] ?? step.outputTail} />
      ))}
    </ol>
  );
}

function Step({ step, output }: { step: TaskStep; output: string }) {
  const t = useTexts(taskTexts);
  const style = statusStyles[step.status];
  return (
    <li className="flex gap-2.5 text-sm">
      <span aria-hidden="true" className={`w-4 shrink-0 text-center font-semibold ${style.tone}`}>
        {style.mark}
      </span>
      <div className="min-w-0 flex-1">
        <p className={step.status === 'pending' ? 'text-muted' : ''}>
          <span lang="en">
            <VisibleText text={step.title} />
          </span>{' '}
          <span className={`text-xs ${style.tone}`}>{t[`step_${step.status}`]}</span> <Duration step={step} />
        </p>
        {step.detail !== null && (
          <p lang="en" className="text-muted">
            <VisibleText text={step.detail} />
          </p>
        )}
        {output.trim() !== '' && (
          <Output text={output} isExpected={step.status === 'running' || step.status === 'failed'} />
        )}
      </div>
    </li>
  );
}

function Duration({ step: { startedAt, finishedAt, status } }: { step: TaskStep }) {
  const formats = useFormats();
  const now = useNow();
  if (startedAt === null || (finishedAt === null && status !== 'running')) return null;
  const endMs = finishedAt === null ? now : Date.parse(finishedAt);
  return (
    <span className="text-xs whitespace-nowrap text-muted tabular-nums">
      {formats.duration((endMs - Date.parse(startedAt)) / 1000)}
    </span>
  );
}

/** Open while it is of interest, unless the person has decided otherwise. */
function Output({ text, isExpected }: { text: string; isExpected: boolean }) {
  const t = useTexts(taskTexts);
  const id = useId();
  const [chosen, choose] = useState<boolean | null>(null);
  const isOpen = chosen ?? isExpected;
  return (
    <>
      <button
        type="button"
        aria-expanded={isOpen}
        aria-controls={id}
        onClick={() => choose(!isOpen)}
        className="-ml-2 min-h-11 px-2 text-xs text-muted"
      >
        <span aria-hidden="true">{isOpen ? '▾' : '▸'}</span> {t.output}
      </button>
      <pre
        id={id}
        dir="ltr"
        hidden={!isOpen}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
        className="max-h-56 overflow-auto rounded-md border border-line bg-inset p-3 font-mono text-xs whitespace-pre-wrap"
      >
        <VisibleText text={text.trimEnd()} />
      </pre>
    </>
  );
}
