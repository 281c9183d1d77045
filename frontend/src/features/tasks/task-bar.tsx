// The head of a task: name, state and progress.
import type { Task } from '@buoy/contract';
import { useTexts } from '../../i18n/use-texts.ts';
import { VisibleText } from '../../ui/visible-text.tsx';
import { TaskStatusWord } from './task-status.tsx';
import { taskTexts } from './texts.ts';

export function TaskBar({ title, task }: { title: string; task: Task }) {
  const t = useTexts(taskTexts);
  const current = task.steps.find((step) => step.status === 'running');
  return (
    <>
      <div className="flex items-center justify-between gap-3">
        <h2 className="font-semibold">
          <VisibleText text={title} />
        </h2>
        {/* Only the heading line is read out: every line of output would be too much. */}
        <p role="status" className="text-sm">
          <TaskStatusWord status={task.status} />
          {current !== undefined && (
            <span className="sr-only">
              :{' '}
              <span lang="en">
                <VisibleText text={current.title} />
              </span>
            </span>
          )}
        </p>
      </div>
      <progress className="meter mt-3 block" aria-label={t.progress} max={1} value={task.progress} />
    </>
  );
}
