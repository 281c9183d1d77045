// A task on the page that started it: steps, output and result.
import { hasEnded } from '@buoy/contract/constants';
import { useTexts } from '../../i18n/use-texts.ts';
import { linkTo } from '../../navigation.ts';
import { Button, buttonClass } from '../../ui/button.tsx';
import { ProblemWords } from '../../ui/problem-words.tsx';
import { TaskBar } from './task-bar.tsx';
import { TaskSteps } from './task-steps.tsx';
import type { TaskView } from './task-view.ts';
import { taskTexts } from './texts.ts';

/** @param onDismiss puts the ended task out of sight */
export function TaskProgress({
  title,
  view,
  onDismiss,
}: {
  title: string;
  view: TaskView;
  onDismiss: () => void;
}) {
  const { task } = view;
  const t = useTexts(taskTexts);
  return (
    <section aria-label={title} className="rounded-lg border border-line bg-surface p-4 sm:p-5">
      <TaskBar title={title} task={task} />
      <div className="mt-3">
        <TaskSteps view={view} />
      </div>
      {task.error !== null && (
        <div className="mt-4">
          <ProblemWords code={task.error.code} message={task.error.message} hint={task.error.hint} />
        </div>
      )}
      <div className="mt-4 flex flex-wrap gap-2">
        {hasEnded(task) && <Button onClick={onDismiss}>{t.close}</Button>}
        <a {...linkTo(`/tasks/${task.id}`)} className={buttonClass('quiet')}>
          {t.openTask}
        </a>
      </div>
    </section>
  );
}
