// Follows a task until it ends: by its event stream, resumed where it broke, with polling as a fallback.
import { hasEnded } from '@buoy/contract/constants';
import { followStream } from '@buoy/contract/follow-stream';
import type { Api } from '../../api.ts';
import { isFinal, retryAfterMs } from '../events/follow-stream.ts';
import { createPause } from '../events/pause.ts';
import { applyTaskEvent, type TaskEvent, type TaskView } from './task-view.ts';

/** Milliseconds before the next try; the second figure when tries keep failing. */
const RETRY_MS = [500, 4_000] as const;

const eventNames: readonly string[] = ['task', 'step', 'output'] satisfies TaskEvent['event'][];

/**
 * Resolves when the task has ended or `signal` aborts; of a task that has ended already the whole output is read once.
 * @param onView called with each new state of the task after `view`
 * @param onTrouble called with the reason while the task cannot be followed, and with null once it can; retries continue
 * @throws ApiError when the task is not, or no longer, visible to the caller
 */
export async function followTask(
  api: Api,
  view: TaskView,
  {
    onView,
    onTrouble,
    signal,
  }: {
    onView: (view: TaskView) => void;
    onTrouble?: (problem: Error | null) => void;
    signal: AbortSignal;
  },
): Promise<void> {
  const params = { id: view.task.id };
  let current = view;
  let isTroubled = false;
  /** Milliseconds since the epoch; until then the stream is left alone and the task is only asked for. */
  let streamFrom = 0;
  const pause = createPause();
  const show = (next: TaskView): void => {
    current = next;
    if (isTroubled) onTrouble?.(null);
    isTroubled = false;
    onView(next);
  };

  const poll = async (): Promise<void> => {
    try {
      const { task } = await api.call('GET /tasks/:id', { params, signal });
      show({ ...current, task });
    } catch (error) {
      if (signal.aborted) return;
      if (isFinal(error)) throw error;
      isTroubled = true;
      onTrouble?.(error instanceof Error ? error : new Error(String(error)));
    }
  };

  await followStream({
    signal,
    open: async (from) =>
      Date.now() < streamFrom ? null : api.openStream(`/tasks/${encodeURIComponent(params.id)}/events`, from),
    onEvent({ event, data }) {
      if (eventNames.includes(event))
        show(applyTaskEvent(current, { event, data: JSON.parse(data) } as TaskEvent));
      return 'success';
    },
    async onBreak({ error, failures }) {
      if (isFinal(error)) throw error;
      if (error !== null) streamFrom = Date.now() + retryAfterMs(error);
      if (hasEnded(current.task)) return 'stop';
      await pause.wait(failures > 2 ? RETRY_MS[1] : RETRY_MS[0], signal);
      await poll();
    },
  });
}
