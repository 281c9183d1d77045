// Tasks by pages, newest first.
import type { Task } from '@buoy/contract';
import { useInfiniteQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useFormats } from '../../i18n/use-formats.ts';
import { useTexts } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { Button } from '../../ui/button.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { uiTexts } from '../../ui/texts.ts';
import { useNow } from '../../ui/use-now.ts';
import { type TaskFilter, tasksQuery } from './task-queries.ts';
import { TaskRow } from './task-row.tsx';
import { taskTexts } from './texts.ts';

/**
 * @param label what a screen reader calls the list
 * @param placeOf the name of a task's server; null where it goes without saying
 * @param shows which of the tasks are wanted here
 * @param empty what stands there when there is none
 */
export function TaskList({
  filter,
  label,
  placeOf,
  shows = () => true,
  empty,
}: {
  filter: TaskFilter;
  label: string;
  placeOf: (task: Task) => string | null;
  shows?: (task: Task) => boolean;
  empty: ReactNode;
}) {
  const { api } = useServices();
  const t = useTexts(taskTexts);
  const { loadMore } = useTexts(uiTexts);
  const formats = useFormats();
  const now = useNow();
  const { data, error, dataUpdatedAt, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery(
    tasksQuery(api, filter),
  );
  const tasks = data?.pages.flatMap((page) => page.tasks).filter(shows) ?? [];
  return (
    <div className="space-y-3">
      {error !== null && (
        <div>
          <ProblemNote problem={error} />
          {data !== undefined && (
            <p className="mt-1 text-sm text-muted">
              {t.readAt(formats.age(new Date(dataUpdatedAt).toISOString(), now))}
            </p>
          )}
        </div>
      )}
      {data === undefined && error === null && <Skeleton label={t.loading} rows={3} />}
      {data !== undefined && tasks.length === 0 && !hasNextPage && empty}
      {tasks.length > 0 && (
        <ul aria-label={label} className="overflow-hidden rounded-lg border border-line bg-surface">
          {tasks.map((task) => (
            <TaskRow key={task.id} task={task} place={placeOf(task)} now={now} />
          ))}
        </ul>
      )}
      {hasNextPage && (
        <Button disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {loadMore}
        </Button>
      )}
    </div>
  );
}
