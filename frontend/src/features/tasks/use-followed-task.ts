// Follows one task by id with all of its output; refetches other task data when it ends.
import type { Task } from '@buoy/contract';
import { hasEnded } from '@buoy/contract/constants';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { isGone } from '../../api.ts';
import { useServices } from '../../services.ts';
import { followTask } from './follow-task.ts';
import { taskQuery } from './task-queries.ts';
import type { TaskView } from './task-view.ts';

/** `view` is null while it is not known; `problem`: why it cannot be read, or not be followed just now or any more. */
type FollowedTask = { view: TaskView | null; problem: Error | null };

/** @param first the task before anything is followed; null: not read yet */
export function followedTask(view: TaskView | null, first: Task | null, problem: Error | null): FollowedTask {
  if (isGone(problem)) return { view: null, problem };
  return { view: view ?? (first === null ? null : { task: first, output: {} }), problem };
}

export function useFollowedTask(id: string): FollowedTask {
  const { api, telegram } = useServices();
  const queries = useQueryClient();
  const first = useQuery(taskQuery(api, id));
  const [view, setView] = useState<TaskView | null>(null);
  const [problem, setProblem] = useState<Error | null>(null);
  const isKnown = first.data !== undefined;

  useEffect(() => {
    const task = queries.getQueryData(taskQuery(api, id).queryKey);
    if (!isKnown || task === undefined) return;
    const leave = new AbortController();
    setProblem(null);
    let last: TaskView = { task, output: {} };
    const wasRunning = !hasEnded(task);
    const onView = (next: TaskView) => {
      last = next;
      setView(next);
    };
    followTask(api, last, { onView, onTrouble: setProblem, signal: leave.signal }).then(
      () => {
        if (leave.signal.aborted) return;
        if (wasRunning) telegram?.taskEnded(last.task);
        for (const queryKey of [['task', id], ['tasks'], ['servers']])
          void queries.invalidateQueries({ queryKey });
      },
      (error: unknown) => setProblem(error instanceof Error ? error : new Error(String(error))),
    );
    return () => leave.abort();
  }, [api, telegram, queries, id, isKnown]);

  return followedTask(view, first.data ?? null, problem ?? first.error);
}
