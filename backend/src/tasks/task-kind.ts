// A task kind: a name, an input, and a list of steps that can be resumed after a crash.
import type { TaskError } from '@buoy/contract';
import { z } from 'zod';
import { isAppError } from '../lib/app-error.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import type { TaskSecrets } from './task-secrets.ts';

/**
 * The rule for `run`: it may be called again with the state that it saved last, after Buoy was killed or stopped in its
 * middle. It then continues, and does not repeat what must happen once. In practice: put the effect behind something that
 * happens at most once (a remote run), store in `state` what is about to happen, and check before doing it.
 * A step that has ended is never called again.
 */
export type TaskStepKind<Input = unknown, State = unknown> = {
  /** Letters, digits, dashes; unique in the kind. A renamed step makes stored tasks of the older version `interrupted`. */
  id: string;
  title: string;
  /** Milliseconds for one call of `run`; a call after a restart of Buoy gets all of them again. */
  deadlineMs: number;
  /** Parses the saved state; `{}` is parsed at the first call, so every field needs a default. */
  stateSchema?: z.ZodType<State>;
  /**
   * Its value is stored as the step's result (JSON; undefined becomes null); `skipped(…)` when there was nothing to do.
   * Throws AppError to fail with a message; `withdrawn` where nothing was changed yet and the task is no longer wanted: it ends as cancelled,
   * with that message.
   */
  run(context: StepContext<Input, State>): Promise<unknown>;
  /** The script that it runs on the server, without its secrets; absent where it runs none. */
  preview?(input: Input): string;
};

export type TaskKind = {
  /** Dotted, stable: `openclaw.restart`. It is stored and shown in the API. */
  type: string;
  /** What people see where the type is too terse. */
  title?: string;
  /** At most one queued or running task of this type on one server (one at all for tasks without a server). */
  exclusivePerServer: boolean;
  /** Kinds that share this word exclude each other as well, such as start and stop. Default: the type. */
  exclusiveAs?: string;
  /** Why it is not run again as it is: `POST /tasks/:id/retry` asks for less than the call that starts it. Absent: it is. */
  noRetry?: string;
  /** Input is stored as it is: it must hold no secret. */
  inputSchema: z.ZodType;
  /** Run one after the other; the result of the last one is the task's result. */
  steps: readonly TaskStepKind[];
  /**
   * Called once a step has failed or was cancelled, or the task between two, where no rollback follows; before the task ends. Removes what earlier steps
   * have prepared. Its context is that of the step, with a signal of its own and the failure (null: cancelled). Best effort, a minute; errors are only
   * logged. May be called again after a crash.
   */
  onEndedEarly?(context: StepContext): Promise<void>;
  /**
   * The last step of `steps` runs only when one from `from` on has failed or was cancelled, and undoes them; a cancel does not stop it. The task
   * then ends as that step did, with the result of the rollback.
   */
  rollback?: { stepId: string; from: string };
  /**
   * Once this step has begun, the task goes on also where its author has lost the right to start it: to stop it then would leave the server half
   * changed. Default: that of `rollback`; without both, the right is asked for before each step.
   */
  continuesFrom?: string;
};

export type StepContext<Input = unknown, State = unknown> = {
  readonly taskId: string;
  readonly stepId: string;
  /** null for tasks that concern no single server. */
  readonly serverId: string | null;
  /** Who started it; of a task that was run again, who did so. Their rights may have ended since. */
  readonly createdBy: string;
  readonly input: Input;
  /** Those that the task was started with; none in a task that was started again. Read where they are used, and never kept in state or output. */
  secrets(): Promise<TaskSecrets>;
  /**
   * Aborted with an AppError as reason: `cancelled` (clean up, then throw), `shutting_down` (just stop, `run` is called again
   * at the next start) or `deadline`. Already aborted when a cancelled step is taken up after a crash.
   */
  readonly signal: AbortSignal;
  /** In a rollback: why it is needed; in `onEndedEarly`: why the task ends; null where the task was cancelled, and in every other step. */
  readonly failure: TaskError | null;
  /** True when an earlier call of this step was cut short. */
  readonly resumed: boolean;
  /** Changed in place. Stored at `saveState`, and together with each piece of output: both in one transaction. */
  readonly state: State;
  /** Stores state, output and detail; resolves when they are safe. Call it before an effect that must not happen twice. */
  saveState(): Promise<void>;
  /** One line about the current progress, shown beside the step. */
  detail(text: string): void;
  /** Appends to the task's output, stored within a moment. What is set in `state` in the same tick is stored with it. */
  output(text: string): void;
  /** 0 to 1: how much of this step is done. */
  progress(fraction: number): void;
  /** Throws `forbidden` where who started the task may not start it any more, as long as the task need not go on. For what has waited for the server. */
  expectAllowed(): Promise<void>;
  /** The result of an earlier step, parsed. */
  resultOf<T>(stepId: string, schema: z.ZodType<T>): T;
  readonly clock: Clock;
  readonly logger: Logger;
};

/** Checks a step's types (`run` names its input and state) and forgets them, so that steps fit into one list. */
export function taskStep<Input, State = Record<string, never>>(
  step: TaskStepKind<Input, State>,
): TaskStepKind {
  return step as TaskStepKind;
}

/** Finds kinds by type. Throws when two kinds share a type, or two steps of a kind an id: a mistake in the wiring. */
export function indexKinds(kinds: readonly TaskKind[]): ReadonlyMap<string, TaskKind> {
  const byType = new Map<string, TaskKind>();
  for (const kind of kinds) {
    if (byType.has(kind.type)) throw new Error(`Two task kinds are called "${kind.type}".`);
    const ids = kind.steps.map((step) => step.id);
    if (ids.length === 0 || new Set(ids).size !== ids.length)
      throw new Error(`The steps of "${kind.type}" need ids that differ.`);
    const { rollback } = kind;
    if (
      rollback !== undefined &&
      (ids.at(-1) !== rollback.stepId || !ids.slice(0, -1).includes(rollback.from))
    )
      throw new Error(`The rollback of "${kind.type}" must be its last step, and undo an earlier one.`);
    if (kind.continuesFrom !== undefined && !ids.includes(kind.continuesFrom))
      throw new Error(`"${kind.type}" has no step "${kind.continuesFrom}".`);
    byType.set(kind.type, kind);
  }
  return byType;
}

const skippedMark = Symbol('skipped step');

type Skipped = { [skippedMark]: true; reason: string; result: unknown };

/** What a step returns that finds its work done: it ends as `skipped`, with the reason beside it. */
export function skipped(reason: string, result: unknown): Skipped {
  return { [skippedMark]: true, reason, result };
}

export function isSkipped(value: unknown): value is Skipped {
  return typeof value === 'object' && value !== null && skippedMark in value;
}

/** The state of a step that keeps none. */
export const noState = z.object({});

/** Whether the step goes on after the next start of Buoy, so that nothing of it is given up now. */
export function isShuttingDown(signal: AbortSignal): boolean {
  return signal.aborted && isAppError(signal.reason, 'shutting_down');
}

/** The server of a task that is about one. */
export function serverOf({ serverId }: Pick<StepContext<unknown, unknown>, 'serverId'>): string {
  if (serverId === null) throw new Error('This kind of task needs a server.');
  return serverId;
}
