// The running task of a server, live.
import { useTexts } from '../../i18n/use-texts.ts';
import { linkTo } from '../../navigation.ts';
import { buttonClass } from '../../ui/button.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { TaskBar } from './task-bar.tsx';
import { TaskSteps } from './task-steps.tsx';
import { useTaskTitle } from './task-title.ts';
import { taskTexts } from './texts.ts';
import { useFollowedTask } from './use-followed-task.ts';

export function ActiveTask({ id }: { id: string }) {
  const t = useTexts(taskTexts);
  const titleOf = useTaskTitle();
  const { view, problem } = useFollowedTask(id);
  return (
    <div className="rounded-lg border border-line bg-surface p-4 sm:p-5">
      {problem !== null && <ProblemNote problem={problem} />}
      {view === null && problem === null && <Skeleton label={t.loadingTask} rows={2} />}
      {view !== null && (
        <>
          <TaskBar title={titleOf(view.task)} task={view.task} />
          <div className="mt-3">
            <TaskSteps view={view} />
          </div>
          <a {...linkTo(`/tasks/${id}`)} className={`${buttonClass('quiet')} mt-3 -ml-4`}>
            {t.openTask}
          </a>
        </>
      )}
    </div>
  );
}
