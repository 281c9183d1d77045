// The task of a page: found again after a reload, followed until it ends.
import type { Task, TaskType } from '@buoy/contract';
import { hasEnded } from '@buoy/contract/constants';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { useServices } from '../../services.ts';
import { followTask } from './follow-task.ts';
import { activeTasksQuery } from './task-queries.ts';
import type { TaskView } from './task-view.ts';

export type WatchedTask = {
  /** null: none runs, and none was watched on this page. */
  view: TaskView | null;
  /** Why it cannot be followed any more. */
  problem: Error | null;
  watch(task: Task): void;
  /** Puts an ended task out of sight. */
  dismiss(): void;
};

/**
 * All that watch tasks of one server share one question about it.
 * @param onEnded called when a task that was followed here has ended
 */
export function useTask(type: TaskType, serverId: string, onEnded: () => void): WatchedTask {
  const { api, telegram } = useServices();
  const queries = useQueryClient();
  const [view, setView] = useState<TaskView | null>(null);
  const [problem, setProblem] = useState<Error | null>(null);
  const reportEnd = useRef(onEnded);
  reportEnd.current = onEnded;

  const running = useQuery({
    ...activeTasksQuery(api, serverId),
    select: (tasks) => tasks.find((task) => task.type === type) ?? null,
  });
  // What ran when another page asked may have ended.
  const found = (running.isFetchedAfterMount ? running.data : null) ?? null;
  useEffect(() => {
    if (found !== null)
      setView((current) =>
        current === null || (hasEnded(current.task) && current.task.id !== found.id)
          ? { task: found, output: {} }
          : current,
      );
  }, [found]);

  const taskId = view?.task.id ?? null;
  const start = useRef(view);
  start.current = view;
  useEffect(() => {
    const first = start.current;
    if (taskId === null || first === null || hasEnded(first.task)) return;
    const leave = new AbortController();
    let last = first;
    const onView = (next: TaskView) => {
      last = next;
      setView(next);
    };
    followTask(api, first, { onView, signal: leave.signal }).then(
      () => {
        if (leave.signal.aborted) return;
        telegram?.taskEnded(last.task);
        void queries.invalidateQueries({ queryKey: ['tasks'] });
        reportEnd.current();
      },
      (error: unknown) => setProblem(error instanceof Error ? error : new Error(String(error))),
    );
    return () => leave.abort();
  }, [api, telegram, queries, taskId]);

  return {
    view,
    problem,
    watch(task) {
      setProblem(null);
      setView({ task, output: {} });
      void queries.invalidateQueries({ queryKey: ['tasks'] });
    },
    dismiss() {
      setProblem(null);
      setView(null);
    },
  };
}
