// Follows a task until it ends, and shows its steps, and their output with --output.
import type { Task, TaskStep } from '@buoy/contract';
import { hasEnded } from '@buoy/contract/constants';
import { CommandError, type Context } from './command.ts';
import { followStream, isFinal } from './follow-stream.ts';
import { commandLine } from './output/command-line.ts';
import { createStepList } from './output/step-list.ts';

/**
 * Shows the steps as they run, and returns the ended task. Ctrl-C stops the display, not the task.
 * @param showOutput also prints the output of the steps
 */
export function followTask(context: Context, task: Task, showOutput: boolean): Promise<Task> {
  const { terminal, output } = context;
  const list = createStepList(output, terminal.isErrTty && !showOutput);
  return untilEnded(context, task, {
    onTask(current) {
      if (!output.json) list.show(current.steps);
    },
    onOutput(text) {
      if (showOutput && !output.json) output.errorText(text);
    },
  });
}

/**
 * Returns the ended task.
 * @param reader is called with the task at once and after each change, and with each piece of output
 * @throws CommandError on Ctrl-C, which does not stop the task
 */
export async function untilEnded(
  context: Context,
  task: Task,
  { onTask, onOutput }: { onTask(current: Task): void; onOutput?(text: string): void },
): Promise<Task> {
  const api = context.api();
  const { signal } = context.terminal;
  let current = task;

  const show = (): boolean => {
    onTask(current);
    return hasEnded(current);
  };
  const ask = async (): Promise<void> => {
    try {
      current = (await api('GET /tasks/:id', { params: { id: task.id }, signal })).task;
    } catch (error) {
      if (isFinal(error)) throw error;
    }
  };

  if (show()) return current;
  await followStream(context, `/tasks/${encodeURIComponent(task.id)}/events`, {
    onEvent(event, data) {
      if (event === 'task') current = data as Task;
      else if (event === 'step') current = withStep(current, data as TaskStep);
      else if (event === 'output') onOutput?.((data as { text: string }).text);
      return show();
    },
    async onBreak() {
      await ask();
      return show();
    },
  });
  if (!hasEnded(current))
    throw new CommandError(
      'Stopped watching; the task continues.',
      `Watch it again: ${commandLine('buoy', 'tasks', 'watch', task.id)}`,
    );
  return current;
}

/** Prints the result of the task and returns the exit code. */
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

/** Follows the started task, or with --no-wait prints how to. Returns the exit code. */
export async function followStarted(
  context: Context,
  task: Task,
  { wait, showOutput }: { wait: boolean; showOutput: boolean },
): Promise<number | undefined> {
  if (wait) return taskResult(context, await followTask(context, task, showOutput));
  context.output.result({ task }, () =>
    context.output.line(`Started. Follow it: ${commandLine('buoy', 'tasks', 'watch', task.id)}`),
  );
  return undefined;
}

function withStep(task: Task, step: TaskStep): Task {
  return { ...task, steps: task.steps.map((one) => (one.id === step.id ? step : one)) };
}
