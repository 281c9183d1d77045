// A step that is one command on the server: started once, its output in the task, killed on cancel, cleaned up at the end.
import { z } from 'zod';
import { isAppError } from '../lib/app-error.ts';
import { type RemoteRuns, type RemoteScript, runName } from './remote-run.ts';
import type { RetryLimits } from './retry-while-unreachable.ts';
import type { StepContext } from './task-kind.ts';

/** What a step keeps of each of its commands, as a field of its state: `command: remoteStepState.prefault({})`. */
export const remoteStepState = z.object({
  /** Bytes of the remote output that are in the task's output already. */
  offset: z.number().int().min(0).default(0),
  /** Set once it has ended, before its traces are removed: without them it would be started again. */
  exitCode: z.number().int().nullable().default(null),
});
type RemoteStepState = z.output<typeof remoteStepState>;

/** Milliseconds to kill and clean up; within what the runner waits for a step that was told to stop. */
const ABORT_GRACE_MS = 40_000;
/** What a shell says of a command that TERM has ended. */
const ENDED_EXIT_CODE = 143;

export type RemoteStep = RemoteScript & {
  /** The field of the step's own state that belongs to this command. */
  state: RemoteStepState;
  /** Milliseconds for the whole command as seen from here. */
  deadlineMs: number;
  /** What becomes of the command when its task is cancelled or its deadline passes. */
  onGivenUp: 'kill' | 'leave';
  /** Distinguishes the commands of a step with several. */
  part?: string;
  /** Called with each piece of output once: what it sets in the step's state is stored together with the offset. */
  onOutput?: (text: string) => void;
};

/**
 * Runs a script to its end, over lost connections and restarts of Buoy. Each piece of output is stored together with the offset
 * it reaches to: none is lost or shown twice.
 * @returns the exit code; throws what `RemoteRuns` throws
 */
export async function remoteStep(
  context: StepContext<unknown, unknown>,
  remoteRuns: RemoteRuns,
  command: RemoteStep,
): Promise<{ exitCode: number }> {
  const { serverId, signal, clock } = context;
  const { state } = command;
  if (serverId === null) throw new Error('A remote step needs a server.');
  const run = runName(context, command.part);
  const endsAt = clock.now() + command.deadlineMs;
  const patience = () => ({
    deadlineMs: endsAt - clock.now(),
    signal,
    onReach: (reachable: boolean) =>
      context.detail(
        reachable ? 'The server is back.' : 'The server is unreachable; the command on it continues.',
      ),
  });
  let hasStarted = false;
  try {
    if (state.exitCode === null) {
      await remoteRuns.start(serverId, run, command, patience());
      hasStarted = true;
      const { exitCode } = await remoteRuns.follow(serverId, run, {
        ...patience(),
        offset: state.offset,
        async onOutput(text, nextOffset) {
          context.output(text);
          command.onOutput?.(text);
          state.offset = nextOffset;
          await context.saveState();
        },
      });
      state.exitCode = exitCode;
      await context.saveState();
    }
    await remoteRuns.remove(serverId, run, abortGrace()).catch(() => undefined);
    return { exitCode: state.exitCode };
  } catch (error) {
    if (command.onGivenUp === 'kill' && mustEnd(signal, error)) {
      context.detail('Stopping the command on the server.');
      await end(serverId, abortGrace()).catch((failure) => {
        context.logger.warn({ err: failure, run }, 'could not stop a command on its server');
      });
    }
    throw error;
  }

  /** Its text may have keys of a person in it, so it does not stay. */
  async function end(server: string, grace: RetryLimits): Promise<void> {
    await remoteRuns.cancel(server, run, grace);
    // A start that may still be under way finds the mark of the cancel there.
    if (!hasStarted) return;
    state.exitCode = ENDED_EXIT_CODE;
    await context.saveState();
    await remoteRuns.remove(server, run, grace);
  }
}

/** Stops the command of a cancelled task; when Buoy only shuts down, the command must continue. */
function mustEnd(signal: AbortSignal, error: unknown): boolean {
  if (signal.aborted) return isAppError(signal.reason, 'cancelled', 'deadline');
  return isAppError(error, 'deadline');
}

function abortGrace(): RetryLimits {
  return { deadlineMs: ABORT_GRACE_MS, signal: AbortSignal.timeout(ABORT_GRACE_MS) };
}
