// Starts a task, or joins the one of the same kind that already runs.
import type { Task, TaskType } from '@buoy/contract';
import { ApiError } from '@buoy/contract/client';
import type { Api } from '../../api.ts';

/** @throws what `start` throws, unless it says that a task of this type runs already */
export async function startOrJoin(
  api: Api,
  type: TaskType,
  start: () => Promise<{ task: Task }>,
): Promise<{ task: Task }> {
  try {
    return await start();
  } catch (error) {
    const runningId = runningTaskId(error);
    if (runningId === null) throw error;
    const answer = await api.call('GET /tasks/:id', { params: { id: runningId } });
    // Another one excludes it, such as an update a restart.
    if (answer.task.type !== type) throw error;
    return answer;
  }
}

function runningTaskId(error: unknown): string | null {
  if (!(error instanceof ApiError) || error.code !== 'task_already_running') return null;
  const { details } = error;
  return typeof details === 'object' &&
    details !== null &&
    'taskId' in details &&
    typeof details.taskId === 'string'
    ? details.taskId
    : null;
}
