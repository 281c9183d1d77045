// Puts things back on a server after an update failed or was cancelled, again and again until it is done: the server may be away, reboot, or have no room.
import { z } from 'zod';
import { type AppError, isAppError } from '../../lib/app-error.ts';
import { pause } from '../../lib/pause.ts';
import type { GatewayBefore } from '../../openclaw/service/gateway-service.ts';
import { runName } from '../../tasks/remote-run.ts';
import { remoteStepState } from '../../tasks/remote-step.ts';
import { serverOf } from '../../tasks/task-kind.ts';
import {
  AWAY_MS,
  READY_WITHIN_MS,
  SCRIPT_MS,
  stopResult,
  type UpdateContext,
  type UpdateTools,
} from './update-parts.ts';

/** A server that reboots ends the command that runs on it; what puts things back is then run again. */
const MAX_ATTEMPTS = 20;
/** Milliseconds before the next attempt: a reboot takes a minute, a person who frees a disk longer. */
const PAUSES_MS = [0, 1_000, 10_000, 60_000] as const;
/** Milliseconds before it is tried again after the server did not answer, or not as expected. */
const PASSING_PAUSE_MS = 5_000;

/** A server that is away for hours, or lets nobody in, is half changed until that is over: its disks may be late after a reboot, or its login changed. */
function isPassing(error: unknown): boolean {
  const ofNetwork = isAppError(error, 'unreachable', 'deadline', 'bad_gateway', 'circuit_open', 'queue_full');
  return ofNetwork || isAppError(error, 'ssh_auth', 'host_key_changed');
}

/** What a reboot, a person who frees the disk, or the end of another update mends. A power cut can lose all that is known of a command. */
function mayPass(error: unknown): error is AppError {
  return isAppError(error, 'refused', 'disk_full', 'not_found', 'conflict');
}

export const rollbackState = z.object({
  attempt: z.number().int().default(0),
  isPartial: z.boolean().default(false),
  undo: remoteStepState.prefault({}),
  start: remoteStepState.prefault({}),
  cleanUp: remoteStepState.prefault({}),
});
export type RollbackContext = UpdateContext<z.output<typeof rollbackState>>;

/**
 * Calls `attempt` until it has put all back. Throws AppError for what does not pass by itself.
 * @param options.begin comes before each attempt, and before what earlier steps have started is ended
 * @param attempt gets a name of its own for its commands on the server
 */
export async function untilUndone(
  tools: Pick<UpdateTools, 'remoteRuns' | 'clock'>,
  context: RollbackContext,
  { begin }: { begin?: () => Promise<void> },
  attempt: (part: string) => Promise<void>,
): Promise<void> {
  const { state, signal } = context;
  for (;;) {
    signal.throwIfAborted();
    try {
      await begin?.();
      await endScripts(tools, context, state.attempt);
      return await attempt(`${state.attempt}`);
    } catch (error) {
      if (signal.aborted) throw error;
      const passes = isPassing(error);
      if (!passes) {
        if (!mayPass(error) || state.attempt + 1 >= MAX_ATTEMPTS) throw error;
        context.output(`${error.message} Trying again.\n`);
        const { isPartial } = state;
        Object.assign(state, rollbackState.parse({ attempt: state.attempt + 1, isPartial }));
        await context.saveState();
      }
      await pause(
        tools.clock,
        passes ? PASSING_PAUSE_MS : PAUSES_MS[Math.min(state.attempt, PAUSES_MS.length - 1)]!,
        signal,
      );
    }
  }
}

/** Starts the gateway again; one that did not answer before the update need not do so after it. Throws AppError. */
export async function startAgain(
  { gatewayService }: Pick<UpdateTools, 'gatewayService'>,
  context: RollbackContext,
  service: GatewayBefore,
  part: string,
): Promise<void> {
  const command = { state: context.state.start, part: `start-${part}` };
  await gatewayService
    .start(context, service, { ...command, readyWithinMs: READY_WITHIN_MS, awayMs: AWAY_MS })
    .catch((error: unknown) => {
      if (service.answers || context.signal.aborted || !isAppError(error) || isPassing(error)) throw error;
      context.output(`${error.message} It did not answer before the update either.\n`);
    });
}

/** Milliseconds for which the gateway was down. One whose stop failed was not down until the rollback stopped it. */
export function downtimeUntil(readyAtMs: number, context: Pick<UpdateContext, 'resultOf'>): number {
  try {
    return readyAtMs - context.resultOf('stop', stopResult).stoppedAtMs;
  } catch {
    return 0;
  }
}

/** What an earlier step could not stop, because the server was out of reach, would write into what is put back. */
async function endScripts(
  { remoteRuns }: Pick<UpdateTools, 'remoteRuns'>,
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
