// A task as a stream of events. Nothing is queued for a slow reader: missed events are read from the store again.
import { hasEnded, type StreamEventOf, type Task, type TaskStep, type tasks } from '@buoy/contract';
import type { Clock } from '../lib/clock.ts';
import { createSignal } from '../lib/signal.ts';
import { PIECE_BYTES } from './task-output.store.ts';
import { presentTask } from './task-record.ts';
import type { TasksStore } from './tasks.store.ts';

export type TaskEvent = StreamEventOf<(typeof tasks)['GET /tasks/:id/events']> & { id: string };

/** Bytes of output in one event: a row as a whole, so that each is read once. */
const EVENT_BYTES = PIECE_BYTES;
/** Milliseconds between two polls of the store: another process may have written to it. */
const POLL_MS = 2_000;

/**
 * First the task as it is, then what changes, as `task`, `step` and `output` events; output comes from the start or, with
 * `lastEventId`, from where that event left off. Ids are `<number>.<offset>`: the number grows by one with each event, also
 * over reconnects, and the offset counts the bytes of output delivered up to there. The last event is the ended task, after all of its
 * output. Ends also when `signal` aborts or the task is gone.
 */
export async function* taskEvents(options: {
  store: Pick<TasksStore, 'find' | 'output' | 'onChange'>;
  clock: Clock;
  taskId: string;
  lastEventId?: string | undefined;
  signal: AbortSignal;
  /** A turn of the event loop for each event of output: SQLite answers within the same one. */
  myTurn: () => Promise<void>;
}): AsyncGenerator<TaskEvent, void, void> {
  const { store, clock, taskId, lastEventId, signal, myTurn } = options;
  const changed = createSignal(clock, signal);
  const unsubscribe = store.onChange((changedId) => {
    if (changedId === taskId) changed.notify();
  });
  let { number, offset } = parseEventId(lastEventId);
  const nextId = () => `${++number}.${offset}`;
  let seen: Task | null = null;
  try {
    while (!signal.aborted) {
      changed.reset();
      const record = await store.find(taskId);
      if (record === null) return;
      const task = presentTask(record);
      if (seen === null) {
        // An id of another task, or of a database restored from a backup.
        if (offset > record.outputBytes) offset = 0;
        yield { event: 'task', data: task, id: nextId() };
      }
      while (offset < record.outputBytes && !signal.aborted) {
        await myTurn();
        const page = await store.output(taskId, offset, EVENT_BYTES);
        if (page.nextOffset <= offset) break;
        for (const piece of page.pieces) {
          offset = piece.offset + Buffer.byteLength(piece.text);
          yield { event: 'output', data: piece, id: nextId() };
        }
        offset = page.nextOffset;
      }
      if (seen !== null)
        for (const step of changedSteps(seen, task)) yield { event: 'step', data: step, id: nextId() };
      if (hasEnded(task)) {
        yield { event: 'task', data: task, id: nextId() };
        return;
      }
      if (seen !== null && withoutSteps(seen) !== withoutSteps(task))
        yield { event: 'task', data: task, id: nextId() };
      seen = task;
      await changed.wait(POLL_MS);
    }
  } finally {
    unsubscribe();
    changed.dispose();
  }
}

/** Steps that differ. Output alone is not a change: it has events of its own. */
function changedSteps(before: Task, after: Task): TaskStep[] {
  const shown = (step: TaskStep | undefined) => JSON.stringify({ ...step, outputTail: '' });
  return after.steps.filter((step, position) => shown(step) !== shown(before.steps[position]));
}

function withoutSteps(task: Task): string {
  return JSON.stringify({ ...task, steps: [] });
}

function parseEventId(eventId: string | undefined): { number: number; offset: number } {
  const parts = /^(\d{1,15})\.(\d{1,15})$/.exec(eventId ?? '');
  return parts === null ? { number: 0, offset: 0 } : { number: Number(parts[1]), offset: Number(parts[2]) };
}
