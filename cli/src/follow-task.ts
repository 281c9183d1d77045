// Shows a task until it ends: a line for each step as it goes, its output with --output. A stream that breaks is taken up where it was.
import type { Task, TaskStep } from '@buoy/contract';
import { ApiError } from '@buoy/contract/client';
import { readEventStream } from '@buoy/contract/event-stream';
import { CommandError, type Context } from './command.ts';

/** Milliseconds; the server sends a heartbeat every 15 s. */
const SILENCE_MS = 40_000;
const RETRY_MS = 1_000;
/** Breaks in a row after which the server counts as away. */
const MAX_FAILURES = 30;

export const hasEnded = ({ status }: Task): boolean => status !== 'queued' && status !== 'running';

/**
 * Answers the task as it ended. Ctrl-C stops the watching, not the task.
 * @param showOutput also what the steps print
 */
export async function followTask(context: Context, task: Task, showOutput: boolean): Promise<Task> {
  const { terminal, output, openStream } = context;
  const api = context.api();
  const { signal } = terminal;
  const said = new Map<string, string>();
  let current = task;
  let lastEventId: string | null = null;
  let failures = 0;

  const show = (): void => {
    if (output.json) return;
    for (const step of current.steps) {
      const line = stepLine(context, step);
      if (step.status === 'pending' || said.get(step.id) === line) continue;
      said.set(step.id, line);
      output.note(line);
    }
  };

  show();
  while (!hasEnded(current)) {
    try {
      const response = await openStream(`/tasks/${encodeURIComponent(task.id)}/events`, {
        lastEventId,
        signal,
      });
      if (response.body !== null)
        for await (const { event, data, id } of readEventStream(response.body, SILENCE_MS)) {
          failures = 0;
          lastEventId = id;
          const value: unknown = JSON.parse(data);
          if (event === 'task') current = value as Task;
          else if (event === 'step') current = withStep(current, value as TaskStep);
          else if (event === 'output' && showOutput && !output.json)
            terminal.err((value as { text: string }).text);
          show();
        }
    } catch (error) {
      if (signal.aborted)
        throw new CommandError(
          'Not watched any more; the task goes on.',
          `Again: buoy tasks watch ${task.id}`,
        );
      if (error instanceof ApiError && error.status < 500 && error.status !== 429) throw error;
      failures += 1;
      if (failures > MAX_FAILURES) throw error;
    }
    if (hasEnded(current)) break;
    await terminal.pause(RETRY_MS, signal);
    current = await api('GET /tasks/:id', { params: { id: task.id }, signal }).then(
      (answer) => answer.task,
      (error: unknown) => {
        if (error instanceof ApiError && error.status < 500 && error.status !== 429) throw error;
        return current;
      },
    );
    show();
  }
  return current;
}

/** Shows how the task ended and answers the exit code. */
export function taskResult({ output }: Context, task: Task): number | undefined {
  output.result({ task }, () => {
    if (task.status === 'succeeded') output.line(output.colour('green', `${task.type} succeeded.`));
    else {
      output.line(
        output.colour(
          'red',
          `${task.type} ${task.status}${task.error === null ? '.' : `: ${task.error.message}`}`,
        ),
      );
      if (task.error?.hint) output.line(task.error.hint);
    }
  });
  return task.status === 'succeeded' ? undefined : 1;
}

function withStep(task: Task, step: TaskStep): Task {
  return { ...task, steps: task.steps.map((one) => (one.id === step.id ? step : one)) };
}

const marks: Record<TaskStep['status'], string> = {
  pending: ' ',
  running: '…',
  succeeded: '✓',
  failed: '✗',
  skipped: '-',
  cancelled: '-',
};

function stepLine({ output }: Context, { status, title, detail, startedAt, finishedAt }: TaskStep): string {
  const took =
    startedAt !== null && finishedAt !== null
      ? output.colour('dim', ` ${((Date.parse(finishedAt) - Date.parse(startedAt)) / 1000).toFixed(1)} s`)
      : '';
  const mark = status === 'failed' ? output.colour('red', marks.failed) : marks[status];
  return `${mark} ${title}${detail === null ? '' : `: ${detail}`}${took}`;
}
