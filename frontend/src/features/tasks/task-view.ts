// A task as it is shown: its state, and the output that has come so far.
import type { StreamEventOf, Task, tasks } from '@buoy/contract';

export type TaskEvent = StreamEventOf<(typeof tasks)['GET /tasks/:id/events']>;

export type TaskView = {
  task: Task;
  /** Step id → the end of its output. Steps without an entry show the task's own tail. */
  output: Readonly<Record<string, string>>;
};

/** Characters of output kept of one step: what a person reads on a page. */
const MAX_OUTPUT = 16_384;

/** The view after one event. Events come in order; output that starts again at 0 replaces what there was. */
export function applyTaskEvent(view: TaskView, { event, data }: TaskEvent): TaskView {
  if (event === 'task') return { ...view, task: data };
  if (event === 'step')
    return {
      ...view,
      task: { ...view.task, steps: view.task.steps.map((step) => (step.id === data.id ? data : step)) },
    };
  const before = data.offset === 0 ? {} : view.output;
  return {
    ...view,
    output: { ...before, [data.stepId]: `${before[data.stepId] ?? ''}${data.text}`.slice(-MAX_OUTPUT) },
  };
}
