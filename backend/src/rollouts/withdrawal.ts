// Updates that a rollout has started, and that do not begin after all. Without imports of this folder: its stores know the word too.
import type { TaskError } from '@buoy/contract';
import { AppError } from '../lib/app-error.ts';

/** Whether a task ended before its update began, because that must not begin: its server waits again, or is skipped. */
export function isWithdrawn({ status, error }: { status: string | null; error: TaskError | null }): boolean {
  return status === 'cancelled' && error?.code === 'withdrawn';
}

/**
 * Of an update whose rollout ended or began to wait for a person while it was in the queue.
 * @param status of the rollout; one that still runs is about to stop, because another update has failed
 */
export function notContinued(status: string): AppError {
  const how = status === 'paused' || status === 'cancelled' ? status : 'stopped';
  return new AppError(
    'withdrawn',
    `The rollout was ${how} before this update began.`,
    how === 'cancelled' ? {} : { hint: 'Resume the rollout to update this server.' },
  );
}

/** Of an update that waited until the window had closed. */
export function windowClosed(): AppError {
  return new AppError('withdrawn', 'The update window closed before this update began.', {
    hint: 'The rollout updates this server when the window opens again.',
  });
}
