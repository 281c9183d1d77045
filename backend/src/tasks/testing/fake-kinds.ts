// Task kinds for tests, one line each.
import { z } from 'zod';
import { type StepContext, type TaskKind, taskStep } from '../task-kind.ts';

const input = z.strictObject({ words: z.string().default('none') });
export type FakeInput = z.output<typeof input>;

/** A kind `test.work` of these steps; its input is `{words?}`. */
export function kindOf(steps: TaskKind['steps'], changes: Partial<TaskKind> = {}): TaskKind {
  return { type: 'test.work', exclusivePerServer: true, inputSchema: input, steps, ...changes };
}
export function step(
  id: string,
  run: (context: StepContext<FakeInput>) => Promise<unknown>,
  deadlineMs = 20_000,
) {
  return taskStep<FakeInput>({ id, title: `Step ${id}`, deadlineMs, run });
}
/** Resolves only by the signal, as a step that waits for a server does. */
export function untilStopped({ signal }: { signal: AbortSignal }): Promise<never> {
  return new Promise((_, reject) => {
    const stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop);
  });
}
/** A promise and its resolver, to hold a step at a point. */
export function gate() {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { passed: promise, open: () => resolve() };
}
