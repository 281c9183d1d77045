// Runs the steps of one task from its journal: ended steps are skipped, interrupted ones resume.
import { hasEnded, type TaskError, taskError } from '@buoy/contract';
import { AppError, isAppError } from '../lib/app-error.ts';
import { type Clock, isoTime } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import type { Vault } from '../vault/vault.ts';
import { noLongerAllowed, runStep, type StepFailure, type StepOutcome } from './run-step.ts';
import type { RunSignals } from './task-engine.ts';
import type { TaskKind, TaskStepKind } from './task-kind.ts';
import type { TaskObserver } from './task-observer.ts';
import type { StepRecord, TaskRecord } from './task-record.ts';
import { openTaskSecrets } from './task-secrets.ts';
import type { TasksStore } from './tasks.store.ts';

type TaskRunner = (taskId: string, signals: RunSignals) => Promise<void>;

/**
 * The run of a task resolves when the task has ended, or when it was left for the next start (`stopping` was
 * aborted). It rejects only when the journal cannot be written: the task stays `running` and may be run again.
 * @param kinds by type
 */
export function createTaskRunner(dependencies: {
  store: Pick<TasksStore, 'find' | 'write' | 'secrets'>;
  vault: Pick<Vault, 'open'>;
  kinds: ReadonlyMap<string, TaskKind>;
  mayStart: (userId: string, serverId: string) => Promise<boolean>;
  clock: Clock;
  logger: Logger;
  observe: TaskObserver;
}): TaskRunner {
  const { kinds, mayStart, clock, observe } = dependencies;

  /** Roles end while a task waits, and the process that was to cancel it may have ended just then. Without a server, it is Buoy's own work. */
  const mayBegin = async ({ createdBy, serverId }: TaskRecord): Promise<boolean> =>
    serverId === null || mayStart(createdBy, serverId);

  async function run(taskId: string, signals: RunSignals, logger: Logger): Promise<void> {
    const task = await dependencies.store.find(taskId);
    if (task === null || hasEnded(task)) return;
    const now = () => isoTime(clock.now());
    const startedAt = task.startedAt === null ? clock.now() : Date.parse(task.startedAt);
    const store: Pick<TasksStore, 'write'> = {
      async write(id, change) {
        await dependencies.store.write(id, change);
        if (change.task === undefined || !hasEnded(change.task)) return;
        const { type, serverId } = task;
        observe.ended({ type, status: change.task.status, durationMs: clock.now() - startedAt });
        if (serverId !== null) observe.endedOn?.(serverId, type);
      },
    };

    const plan = planOf(task, kinds.get(task.type));
    if ('problem' in plan) {
      logger.warn({ problem: plan.problem.message }, 'task interrupted');
      return store.write(taskId, {
        at: now(),
        unfinishedSteps: { running: 'failed', pending: 'skipped' },
        task: { status: 'interrupted', error: plan.problem },
      });
    }
    if (task.status === 'queued' && !(await mayBegin(task))) {
      logger.info('task withdrawn: its author may not start it any more');
      return store.write(taskId, { at: now(), ...notBegun });
    }
    /** The step before which the right to the task was asked for. */
    let askedAt = task.status === 'queued' ? 0 : -1;
    if (task.status === 'queued') await store.write(taskId, { at: now(), task: { status: 'running' } });
    logger.info({ resumed: task.status === 'running' }, 'task started');

    const cancelled = AbortSignal.abort(new AppError('cancelled', 'This task was cancelled.'));
    const stopSignal = AbortSignal.any([
      task.cancelRequested ? cancelled : signals.cancelled,
      signals.stopping,
    ]);
    const results = new Map<string, unknown>();
    const { steps, rollback } = plan.kind;
    /** The rollback is the last one. */
    const forward = rollback === undefined ? steps : steps.slice(0, -1);
    const undoneFrom =
      rollback === undefined ? steps.length : steps.findIndex(({ id }) => id === rollback.from);
    const continuesFrom = plan.kind.continuesFrom ?? rollback?.from;
    /** From the next one on, the task goes on in any case; where a rollback would follow, from its own beginning on. */
    const lastAsked =
      continuesFrom === undefined ? steps.length : steps.findIndex(({ id }) => id === continuesFrom);
    const perform = (position: number, undoes: StepFailure | null, givenUpFor: AppError | null = null) =>
      runStep({
        task,
        kind: plan.kind,
        kindStep: givenUpFor === null ? steps[position]! : givenUp(steps[position]!, givenUpFor),
        step: task.steps[position]!,
        position,
        isLast: undoes !== null || position === forward.length - 1,
        isGivenUp: givenUpFor !== null,
        isUndone: undoes === null && givenUpFor === null && position >= undoneFrom,
        mayContinue: async () => position > lastAsked || position >= undoneFrom || mayBegin(task),
        undoes,
        input: plan.input,
        secrets: async () =>
          openTaskSecrets(dependencies.vault, taskId, await dependencies.store.secrets(taskId)),
        results,
        signal: undoes === null ? stopSignal : signals.stopping,
        stopping: signals.stopping,
        store,
        clock,
        logger,
      });

    let failure: StepFailure | null = null;
    for (const position of forward.keys()) {
      const step: StepRecord = task.steps[position]!;
      // While a task is active, only a step that found its work done is skipped.
      if (step.status === 'succeeded' || step.status === 'skipped') {
        results.set(step.id, step.result);
        continue;
      }
      // Buoy was stopped during the rollback.
      if (step.status === 'failed' || step.status === 'cancelled') {
        failure = storedFailure(step);
        break;
      }
      if (stopSignal.aborted && step.status === 'pending') {
        if (isAppError(stopSignal.reason, 'shutting_down')) return;
        if (position > undoneFrom) {
          failure = { status: 'cancelled' };
          break;
        }
        if (plan.kind.onEndedEarly === undefined) await store.write(taskId, { at: now(), ...cancelledEnd });
        else await perform(position, null, new AppError('cancelled', 'This task was cancelled.'));
        return logger.info('task cancelled');
      }
      const isAsked = step.status === 'pending' && position <= lastAsked && position !== askedAt;
      askedAt = position;
      if (isAsked && !(await mayBegin(task))) {
        await perform(position, null, noLongerAllowed());
        return logger.info('task ended: its author may not start it any more');
      }
      const outcome = await perform(position, null);
      if (outcome.kind === 'succeeded') {
        results.set(step.id, outcome.result);
        continue;
      }
      logger.info({ step: step.id, ...loggable(outcome) }, 'task stopped');
      if (outcome.kind === 'detached' || position < undoneFrom) return;
      failure = outcome.failure;
      break;
    }
    if (failure === null) return logger.info('task succeeded');
    if (signals.stopping.aborted) return;
    const { kind: outcome } = await perform(steps.length - 1, failure);
    logger.info({ outcome }, 'task rolled back');
  }

  return async (taskId, signals) => {
    const logger = dependencies.logger.child({ taskId });
    try {
      await run(taskId, signals, logger);
    } catch (error) {
      // Cancelled in the queue by another call, or its server was deleted: the end of the task is already stored.
      if (!isAppError(error, 'conflict')) throw error;
      logger.info('task ended elsewhere');
    }
  };
}

const notBegun = {
  unfinishedSteps: { running: 'cancelled', pending: 'cancelled' },
  task: {
    status: 'cancelled',
    error: {
      code: 'forbidden',
      message: 'The person who started this task is no longer an admin of the server, so it did not begin.',
      hint: 'An admin of the server can start it again.',
    },
  },
} as const;

const cancelledEnd = {
  unfinishedSteps: { running: 'cancelled', pending: 'cancelled' },
  task: { status: 'cancelled' },
} as const;

/** A step that does not begin any more. */
function givenUp(step: TaskStepKind, reason: AppError): TaskStepKind {
  return {
    ...step,
    async run({ signal }) {
      signal.throwIfAborted();
      throw reason;
    },
  };
}

function storedFailure({ status, result }: StepRecord): StepFailure {
  return status === 'cancelled' ? { status } : { status: 'failed', error: taskError.parse(result) };
}

function loggable(outcome: StepOutcome): object {
  if (outcome.kind !== 'failed') return { outcome: outcome.kind };
  const { code, message } = outcome.failure.error;
  return { outcome: 'failed', code, message };
}

type Plan = { kind: TaskKind; input: unknown } | { problem: TaskError };

/** A task may be older than this version of Buoy: its kind, steps or input may have changed. */
function planOf(task: TaskRecord, kind: TaskKind | undefined): Plan {
  const hint = 'Start it again; completed work is not undone.';
  if (kind === undefined)
    return {
      problem: {
        code: 'unsupported',
        message: 'This version of Buoy no longer has this kind of task.',
        hint,
      },
    };
  const input = kind.inputSchema.safeParse(task.input);
  const sameSteps =
    kind.steps.length === task.steps.length && kind.steps.every((step, i) => step.id === task.steps[i]!.id);
  if (!sameSteps || !input.success)
    return {
      problem: {
        code: 'unsupported',
        message: 'This task was started by another version of Buoy, with different steps.',
        hint,
      },
    };
  return { kind, input: input.data };
}
