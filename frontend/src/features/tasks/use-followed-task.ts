// Follows one task by id with all of its output; refetches other task data when it ends.
import { hasEnded } from '@buoy/contract/constants';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useServices } from '../../services.ts';
import { followTask } from './follow-task.ts';
import { taskQuery } from './task-queries.ts';
import type { TaskView } from './task-view.ts';

/** `view` is null while it is not known; `problem`: why it cannot be read, or not be followed just now or any more. */
export function useFollowedTask(id: string): { view: TaskView | null; problem: Error | null } {
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

  return {
    view: view ?? (first.data === undefined ? null : { task: first.data, output: {} }),
    problem: problem ?? first.error,
  };
}
