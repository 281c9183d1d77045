// The last step of an update that failed or was cancelled: the old version and its state come back, and are proved.
import type { ComponentUpdated } from '@buoy/contract';
import { z } from 'zod';
import { AppError, isAppError } from '../../lib/app-error.ts';
import { pause } from '../../lib/pause.ts';
import { runName } from '../../tasks/remote-run.ts';
import { remoteStepState } from '../../tasks/remote-step.ts';
import { serverOf, type TaskStepKind, taskStep } from '../../tasks/task-kind.ts';
import { shown } from '../prerequisite-facts.ts';
import { prove } from './prove.ts';
import {
  AWAY_MS,
  cleanUp,
  preflightResult,
  READY_WITHIN_MS,
  runScript,
  SCRIPT_MS,
  scripts,
  snapshotResult,
  stopResult,
  type UpdateContext,
  type UpdateTools,
} from './update-parts.ts';

/** A server that reboots ends the command that runs on it; what puts things back is then run again. */
const UNDO_ATTEMPTS = 20;
/** Milliseconds before the next attempt: a reboot takes a minute, a person who frees a disk longer. */
const PAUSES_MS = [0, 1_000, 10_000, 60_000] as const;
const MAKE_ROOM_MS = 30_000;
/** Milliseconds before it is tried again after the server did not answer, or not as expected. */
const PASSING_PAUSE_MS = 5_000;

/** A server that is away for hours, or lets nobody in, is half changed until that is over: its disks may be late after a reboot, or its login changed. */
function isPassing(error: unknown): boolean {
  const ofNetwork = isAppError(error, 'unreachable', 'deadline', 'bad_gateway', 'circuit_open', 'queue_full');
  return ofNetwork || isAppError(error, 'ssh_auth', 'host_key_changed');
}

/** What a reboot, a person or the end of another update mends. A power cut can lose all that is known of a command. */
function mayPass(error: unknown): error is AppError {
  return isAppError(error, 'refused', 'not_found', 'conflict');
}

const rollbackState = z.object({
  attempt: z.number().int().default(0),
  isPartial: z.boolean().default(false),
  undo: remoteStepState.prefault({}),
  start: remoteStepState.prefault({}),
  cleanUp: remoteStepState.prefault({}),
});

export function createRollbackStep(tools: UpdateTools): TaskStepKind {
  return taskStep({
    id: 'rollback',
    title: 'Go back to the old version if a step fails',
    deadlineMs: AWAY_MS,
    stateSchema: rollbackState,
    run: (context: UpdateContext<z.output<typeof rollbackState>>) => rollBack(tools, context),
  });
}

async function rollBack(
  tools: UpdateTools,
  context: UpdateContext<z.output<typeof rollbackState>>,
): Promise<ComponentUpdated> {
  const { gatewayService, clock } = tools;
  const { state, signal } = context;
  const { plan, service } = context.resultOf('preflight', preflightResult);
  if (plan.from === plan.to) {
    const result = { component: 'openclaw', from: plan.from, to: plan.to, downtimeMs: 0 } as const;
    return { ...result, snapshotId: null, rolledBack: false };
  }
  for (;;) {
    signal.throwIfAborted();
    const part = `${state.attempt}`;
    try {
      await endScripts(tools, context, state.attempt);
      await makeRoom(tools, context, `${plan.state}.before-update`);
      const { isPartial } = await runScript(tools, context, scripts.undo, {
        ...{ state: state.undo, part: `undo-${part}`, onGivenUp: 'leave' },
      });
      state.isPartial = isPartial;
      tools.onInstalled(serverOf(context));
      const command = { state: state.start, part: `start-${part}` };
      await gatewayService
        .start(context, service, { ...command, readyWithinMs: READY_WITHIN_MS, awayMs: AWAY_MS })
        .catch((error: unknown) => {
          if (service.answers || signal.aborted || !isAppError(error) || isPassing(error)) throw error;
          context.output(`${error.message} It did not answer before the update either.\n`);
        });
      break;
    } catch (error) {
      if (signal.aborted) throw error;
      const passes = isPassing(error);
      if (!passes) {
        if (!mayPass(error) || state.attempt + 1 >= UNDO_ATTEMPTS) throw error;
        context.output(`${error.message} Trying again.\n`);
        const { attempt, isPartial } = state;
        Object.assign(state, rollbackState.parse({ attempt: attempt + 1, isPartial }));
        await context.saveState();
      }
      await pause(
        clock,
        passes ? PASSING_PAUSE_MS : PAUSES_MS[Math.min(state.attempt, PAUSES_MS.length - 1)]!,
        signal,
      );
    }
  }
  const readyAtMs = clock.now();
  if (service.answers) await prove(tools, context, plan.from);
  if (state.isPartial)
    throw new AppError('refused', 'Not all of what OpenClaw had could be put back.', {
      hint: `Look in ${shown(plan.state)}.before-update for what is missing, then remove that folder.`,
    });
  const variables = { ROLLED_BACK: 'yes' };
  await cleanUp(tools, context, { state: state.cleanUp, part: 'clean-up', variables });
  return {
    ...{ component: 'openclaw', from: plan.from, to: plan.to, rolledBack: true },
    downtimeMs: readyAtMs - stoppedAt(context, readyAtMs),
    snapshotId: context.resultOf('snapshot', snapshotResult).id,
  };
}

/** A command on the server needs a few kilobytes, which a full disk does not have. Throws AppError of the connection. */
async function makeRoom({ ssh }: UpdateTools, context: UpdateContext, kept: string): Promise<void> {
  const { signal, taskId } = context;
  // A folder without the mark is of a person.
  const script = '[ ! -f "$1/.buoy" ] || rm -rf -- "$1/.room"; rm -rf -- "$1.$2"';
  const limits = { deadlineMs: MAKE_ROOM_MS, signal };
  await ssh.script(serverOf(context), script, [kept, taskId], limits);
}

/** What an earlier step could not stop, because the server was out of reach, would write into what is put back. */
async function endScripts(
  { remoteRuns }: UpdateTools,
  context: UpdateContext,
  attempt: number,
): Promise<void> {
  const { taskId, signal } = context;
  const earlier = Array.from({ length: attempt }, (_, one) =>
    ['undo', 'start'].map((part) => runName(context, `${part}-${one}`)),
  );
  const forward = ['stop', 'swap', 'migrate', 'start'].map((stepId) => runName({ taskId, stepId }));
  for (const name of [...forward, ...earlier.flat()])
    await remoteRuns.cancel(serverOf(context), name, { deadlineMs: SCRIPT_MS, signal });
}

/** A gateway whose stop failed was not down until the rollback stopped it. */
function stoppedAt(context: UpdateContext, otherwise: number): number {
  try {
    return context.resultOf('stop', stopResult).stoppedAtMs;
  } catch {
    return otherwise;
  }
}
