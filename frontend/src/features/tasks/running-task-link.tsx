// The header link to the running task.
import { useQuery } from '@tanstack/react-query';
import { useTexts } from '../../i18n/use-texts.ts';
import { linkTo } from '../../navigation.ts';
import { useServices } from '../../services.ts';
import { runningTaskQuery } from './task-queries.ts';
import { useTaskTitle } from './task-title.ts';
import { taskTexts } from './texts.ts';

export function RunningTaskLink() {
  const { api } = useServices();
  const t = useTexts(taskTexts);
  const titleOf = useTaskTitle();
  const task = useQuery(runningTaskQuery(api)).data;
  if (task === undefined || task === null) return null;
  const words = t.runningIndicator(titleOf(task));
  return (
    <a
      {...linkTo(`/tasks/${task.id}`)}
      title={words}
      className="grid size-11 shrink-0 place-items-center rounded-md text-link hover:bg-inset"
    >
      <span aria-hidden="true" className="size-2.5 rounded-full bg-accent motion-safe:animate-pulse" />
      <span className="sr-only">{words}</span>
    </a>
  );
}
