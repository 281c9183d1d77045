// Which updates of a server failed and were not followed by one that succeeded, from its ended tasks.
import { taskTypes, type UpdateComponent, updateComponents } from '@buoy/contract';
import { z } from 'zod';
import type { FailedUpdate } from '../../alerts/update-failed.ts';
import type { Tasks } from '../../tasks/tasks.ts';

type EndedTask = Awaited<ReturnType<Tasks['lastEnded']>>[number];

/** What these put in place when they succeed. */
const installs: Readonly<Record<string, readonly UpdateComponent[]>> = {
  [taskTypes.setup]: ['openclaw', 'node', 'npm'],
  [taskTypes.installOpenclaw]: ['openclaw'],
  [taskTypes.installNode]: ['node', 'npm'],
  [taskTypes.restoreSnapshot]: ['openclaw'],
};
export const typesOfUpdates: readonly string[] = [taskTypes.updateComponent, ...Object.keys(installs)];

const updateInput = z.looseObject({ component: z.enum(updateComponents) });
const updateResult = z.looseObject({ rolledBack: z.boolean() });

/** @param ended newest first */
export function failedUpdatesIn(ended: readonly EndedTask[]): FailedUpdate[] {
  const decided = new Set<UpdateComponent>();
  const failed: FailedUpdate[] = [];
  for (const task of ended) {
    if (task.type !== taskTypes.updateComponent) {
      if (task.succeeded) for (const component of installs[task.type] ?? []) decided.add(component);
      continue;
    }
    const component = updateInput.safeParse(task.input).data?.component;
    if (component === undefined || decided.has(component)) continue;
    decided.add(component);
    if (!task.succeeded) failed.push(failureOf(component, task));
  }
  return failed;
}

function failureOf(component: UpdateComponent, task: EndedTask): FailedUpdate {
  const { id, result, error, rollbackFailed, finishedAt } = task;
  const isBack = updateResult.safeParse(result).data?.rolledBack === true;
  const left = isBack ? 'rolled_back' : rollbackFailed ? 'unknown' : 'unchanged';
  return { component, taskId: id, message: error.message, hint: error.hint, left, at: finishedAt };
}
