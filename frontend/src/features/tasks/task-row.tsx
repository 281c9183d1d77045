// One task in a list: what it is, where, how it stands, and how long ago.
import type { Task } from '@buoy/contract';
import { hasEnded } from '@buoy/contract/constants';
import { useFormats } from '../../i18n/use-formats.ts';
import { useTexts } from '../../i18n/use-texts.ts';
import { linkTo } from '../../navigation.ts';
import { VisibleText } from '../../ui/visible-text.tsx';
import { TaskStatusWord } from './task-status.tsx';
import { useTaskTitle } from './task-title.ts';
import { taskTexts } from './texts.ts';

/** @param place null on the page of its server, where it goes without saying */
export function TaskRow({ task, place, now }: { task: Task; place: string | null; now: number }) {
  const t = useTexts(taskTexts);
  const formats = useFormats();
  const title = useTaskTitle()(task);
  const running = task.steps.find(({ status }) => status === 'running');
  return (
    <li className="border-b border-line last:border-b-0">
      <a
        {...linkTo(`/tasks/${task.id}`)}
        className="grid min-h-11 grid-cols-[minmax(0,1fr)_auto] gap-x-3 gap-y-0.5 px-4 py-3 text-sm hover:bg-inset focus-visible:-outline-offset-2"
      >
        <span className="font-medium">
          <VisibleText text={title} />
        </span>
        <TaskStatusWord status={task.status} />
        <span className="min-w-0 text-xs text-muted">
          <VisibleText text={[place, running?.title ?? null].filter((part) => part !== null).join(' · ')} />
        </span>
        <span className="justify-self-end text-xs whitespace-nowrap text-muted">
          {formats.age(task.startedAt ?? task.createdAt, now)}
          {task.startedAt !== null && task.finishedAt !== null && (
            <>
              {' '}
              · {t.took(formats.duration((Date.parse(task.finishedAt) - Date.parse(task.startedAt)) / 1000))}
            </>
          )}
        </span>
        {task.error !== null && (
          <span lang="en" className="col-span-full text-muted">
            <VisibleText text={task.error.message} />
          </span>
        )}
        {!hasEnded(task) && (
          <progress
            className="meter col-span-full mt-1 block"
            aria-label={t.progress}
            max={1}
            value={task.progress}
          />
        )}
      </a>
    </li>
  );
}
