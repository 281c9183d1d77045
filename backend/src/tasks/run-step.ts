// Runs one step of a task within its deadline and stores its outcome together with its last output.

import type { TaskError } from '@buoy/contract';
import { AppError, isAppError } from '../lib/app-error.ts';
import { type Clock, isoTime } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import { redactText } from '../lib/redact.ts';
import { createStepJournal, type StepJournal } from './step-journal.ts';
import { isSkipped, noState, type StepContext, type TaskKind, type TaskStepKind } from './task-kind.ts';
import type { StepRecord, TaskRecord } from './task-record.ts';
import type { TaskSecrets } from './task-secrets.ts';
import type { TasksStore } from './tasks.store.ts';

/** Milliseconds for a step to end by itself after a cancel or its deadline; killing a remote command takes some. */
const ABORT_GRACE_MS = 45_000;
/** Milliseconds for a kind's `onEndedEarly`. */
const ENDED_EARLY_MS = 60_000;

/** How a step ended that is undone. */
export type StepFailure = { status: 'failed'; error: TaskError } | { status: 'cancelled' };

export type StepOutcome =
  | { kind: 'succeeded'; result: unknown }
  | { kind: 'failed'; failure: StepFailure & { status: 'failed' } }
  | { kind: 'cancelled'; failure: StepFailure & { status: 'cancelled' } }
  /** Buoy stops: the step stays `running` in the journal. */
  | { kind: 'detached' };

type StepRun = {
  task: TaskRecord;
  kind: TaskKind;
  kindStep: TaskStepKind;
  step: StepRecord;
  position: number;
  /** The task ends with it, unless it fails and is undone. */
  isLast: boolean;
  /** A rollback follows when it fails or is cancelled: the task goes on. */
  isUndone: boolean;
  /** What this step, a rollback, undoes. */
  undoes: StepFailure | null;
  input: unknown;
  secrets: () => Promise<TaskSecrets>;
  /** Whether its author may still start the task, or it must go on in any case. */
  mayContinue: () => Promise<boolean>;
  /** It does not begin any more, and stays pending until its end is stored: a Buoy that is killed before that asks again. */
  isGivenUp: boolean;
  /** Results of earlier steps by step id. */
  results: ReadonlyMap<string, unknown>;
  signal: AbortSignal;
  /** Aborted when Buoy stops. */
  stopping: AbortSignal;
  store: Pick<TasksStore, 'write'>;
  clock: Clock;
  logger: Logger;
};

/** Rejects only when the journal cannot be written. */
export async function runStep(run: StepRun): Promise<StepOutcome> {
  const { task, kindStep, step, position, store, clock } = run;
  const logger = run.logger.child({ stepId: step.id });
  const resumed = step.status === 'running';
  const state = (kindStep.stateSchema ?? noState).safeParse(step.state ?? {});
  if (!resumed && !run.isGivenUp)
    await store.write(task.id, {
      at: isoTime(clock.now()),
      step: { position, id: step.id, status: 'running' },
    });

  const stop = stopSignalOf(run);
  let broken = null as { error: unknown } | null;
  const onBroken = (error: unknown) => {
    broken ??= { error };
    stop.abort(error);
  };
  const journal = createStepJournal({
    step: { position, id: step.id },
    state: state.success ? state.data : step.state,
    write: (change) => store.write(task.id, change),
    onBroken,
    clock,
  });
  const contextWith = (signal: AbortSignal) =>
    contextOf(run, { journal, onBroken, logger, resumed, state: state.success ? state.data : {}, signal });
  try {
    const work = state.success
      ? begin(() => kindStep.run(contextWith(stop.signal)))
      : Promise.reject(stateUnreadable(state.error));
    const ended = await settled(work, stop.signal, clock);
    if (broken !== null) throw broken.error;
    const endsEarly = (failure: TaskError | null) => beforeEarlyEnd(run, contextWith, failure, logger);
    return await conclude(run, journal, ended, { signal: stop.signal, logger, endsEarly });
  } finally {
    stop.dispose();
  }
}

/** A step that throws before its first await fails like any other. */
async function begin<T>(run: () => Promise<T>): Promise<T> {
  return run();
}

function stateUnreadable(cause: unknown): AppError {
  return new AppError('internal', 'This version of Buoy cannot read the saved state of this step.', {
    hint: 'Start the task again.',
    cause,
  });
}

function contextOf(
  run: StepRun,
  live: {
    journal: StepJournal;
    /** Called where the database does not answer: the step is then run again. */
    onBroken: (error: unknown) => void;
    logger: Logger;
    resumed: boolean;
    state: unknown;
    signal: AbortSignal;
  },
): StepContext {
  const { journal, onBroken, logger, resumed, state, signal } = live;
  return {
    taskId: run.task.id,
    stepId: run.step.id,
    serverId: run.task.serverId,
    createdBy: run.task.createdBy,
    input: run.input,
    secrets: run.secrets,
    clock: run.clock,
    signal,
    failure: run.undoes?.status === 'failed' ? run.undoes.error : null,
    resumed,
    state,
    logger,
    saveState: () => journal.flush(),
    detail: journal.detail,
    output: (text) => journal.output(redactText(text)),
    progress: journal.progress,
    async expectAllowed() {
      const may = await run.mayContinue().catch((error: unknown) => {
        onBroken(error);
        throw error;
      });
      if (!may) throw noLongerAllowed();
    },
    resultOf(stepId, schema) {
      if (!run.results.has(stepId)) throw new Error(`The step "${stepId}" has not run before this one.`);
      return schema.parse(run.results.get(stepId));
    },
  };
}

/** The right to start the task has ended while it waited. */
export function noLongerAllowed(): AppError {
  return new AppError(
    'forbidden',
    'The person who started this task is no longer an admin of the server, so it did not go on.',
    { hint: 'An admin of the server can start it again.' },
  );
}

/** Aborts on engine shutdown, step deadline or journal write failure. */
function stopSignalOf({ signal, kindStep, clock }: StepRun) {
  const controller = new AbortController();
  const stopTimer = clock.after(kindStep.deadlineMs, () =>
    controller.abort(
      new AppError('deadline', `"${kindStep.title}" was not done within ${inWords(kindStep.deadlineMs)}.`, {
        hint: 'Check the output, then try again.',
      }),
    ),
  );
  return {
    signal: AbortSignal.any([signal, controller.signal]),
    abort: (reason: unknown) => controller.abort(reason),
    dispose: stopTimer,
  };
}

type Ended = { ok: true; result: unknown } | { ok: false; error: unknown };

/** How `work` ended; when it does not end in time after an abort, the abort's reason counts. */
function settled(work: Promise<unknown>, signal: AbortSignal, clock: Clock): Promise<Ended> {
  return new Promise((resolve) => {
    let stopTimer = () => {};
    const giveUp = () => {
      stopTimer = clock.after(ABORT_GRACE_MS, () => resolve({ ok: false, error: signal.reason }));
    };
    if (signal.aborted) giveUp();
    else signal.addEventListener('abort', giveUp, { once: true });
    work
      .then(
        (result) => resolve({ ok: true, result }),
        (error: unknown) => resolve({ ok: false, error }),
      )
      .finally(() => {
        signal.removeEventListener('abort', giveUp);
        stopTimer();
      });
  });
}

async function conclude(
  run: StepRun,
  journal: StepJournal,
  ended: Ended,
  {
    signal,
    logger,
    endsEarly,
  }: { signal: AbortSignal; logger: Logger; endsEarly: (failure: TaskError | null) => Promise<void> },
): Promise<StepOutcome> {
  if (ended.ok) {
    const skipped = isSkipped(ended.result) ? ended.result : null;
    const result = (skipped === null ? ended.result : skipped.result) ?? null;
    const end = { ...(run.undoes === null ? { status: 'succeeded' as const } : undone(run.undoes)), result };
    await journal.close({
      step:
        skipped === null
          ? { status: 'succeeded', result }
          : { status: 'skipped', result, detail: skipped.reason },
      // A rollback that is not needed is left, and after one the steps that it made pointless.
      ...(run.isLast ? { unfinishedSteps: leftBehind, task: end } : {}),
    });
    return { kind: 'succeeded', result };
  }
  if (signal.aborted && isAppError(signal.reason, 'shutting_down')) {
    await journal.close();
    return { kind: 'detached' };
  }
  if (signal.aborted && isAppError(signal.reason, 'cancelled')) {
    const end = { status: 'cancelled' } as const;
    await endsEarly(null);
    await journal.close({
      step: end,
      ...(run.isUndone ? {} : { unfinishedSteps: cancelledSteps, task: end }),
    });
    return { kind: 'cancelled', failure: end };
  }
  if (isAppError(ended.error, 'withdrawn') && run.undoes === null && !run.isUndone) {
    const { code, message, hint = null } = ended.error;
    const end = { status: 'cancelled' } as const;
    await journal.close({
      step: { ...end, detail: message },
      unfinishedSteps: cancelledSteps,
      task: { ...end, error: { code, message, hint } },
    });
    return { kind: 'cancelled', failure: end };
  }
  const error = inWordsOf(ended.error, signal, run, logger);
  const failure = {
    status: 'failed' as const,
    error: withCauseOf(run, { code: error.code, message: error.message, hint: error.hint ?? null }),
  };
  await endsEarly(failure.error);
  await journal.close({
    step: { status: 'failed', detail: error.message, ...(run.isUndone ? { result: failure.error } : {}) },
    ...(run.isUndone ? {} : { unfinishedSteps: leftBehind, task: failure }),
  });
  return { kind: 'failed', failure };
}

function undone(failure: StepFailure): StepFailure {
  if (failure.status === 'cancelled') return failure;
  const { error } = failure;
  return { ...failure, error: { ...error, message: `${error.message} All changes were undone.` } };
}

const cancelledSteps = { running: 'cancelled', pending: 'cancelled' } as const;
const leftBehind = { running: 'failed', pending: 'skipped' } as const;

/** Of a rollback that failed: people need to know first why it was needed. */
function withCauseOf({ undoes }: StepRun, error: TaskError): TaskError {
  const message = `The rollback failed as well: ${error.message}`;
  if (undoes === null) return error;
  if (undoes.status === 'cancelled') return { ...error, message: `The task was cancelled. ${message}` };
  return { code: undoes.error.code, message: `${undoes.error.message} ${message}`, hint: error.hint };
}

function inWordsOf(error: unknown, signal: AbortSignal, run: StepRun, logger: Logger): AppError {
  // A step that was stopped by its deadline often fails with "cancelled": the deadline is the reason.
  if (signal.aborted && isAppError(error, 'cancelled') && isAppError(signal.reason)) return signal.reason;
  if (isAppError(error)) return error;
  logger.error({ err: error }, 'a step failed with an unexpected error');
  return new AppError('internal', `An unexpected error occurred in the step "${run.kindStep.title}".`, {
    hint: `The log of Buoy contains the cause; search for ${run.task.id}.`,
    cause: error,
  });
}

async function beforeEarlyEnd(
  run: StepRun,
  contextWith: (signal: AbortSignal) => StepContext,
  failure: TaskError | null,
  logger: Logger,
): Promise<void> {
  const { onEndedEarly } = run.kind;
  if (onEndedEarly === undefined || run.isUndone || run.undoes !== null) return;
  const controller = new AbortController();
  const stopTimer = run.clock.after(ENDED_EARLY_MS, () =>
    controller.abort(new AppError('deadline', 'What a task does before it ends early took too long.')),
  );
  const signal = AbortSignal.any([run.stopping, controller.signal]);
  try {
    signal.throwIfAborted();
    const stopped = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
    await Promise.race([onEndedEarly({ ...contextWith(signal), failure }), stopped]);
  } catch (cause) {
    logger.warn({ err: cause }, 'could not do what a task does before it ends early');
  } finally {
    stopTimer();
  }
}

function inWords(ms: number): string {
  if (ms < 1_000) return `${ms} ms`;
  return ms < 120_000 ? `${Math.round(ms / 1_000)} seconds` : `${Math.round(ms / 60_000)} minutes`;
}
