// A step that is one command on the server: started once, its output in the task, killed on cancel, cleaned up at the end.
import { z } from 'zod';
import { isAppError } from '../lib/app-error.ts';
import { createTextSearch } from '../lib/text-search.ts';
import { wholeLines } from './output-text.ts';
import { type RemoteRuns, type RemoteScript, runName } from './remote-run.ts';
import type { RetryLimits } from './retry-while-unreachable.ts';
import { isShuttingDown, type StepContext } from './task-kind.ts';

/** What a step keeps of each of its commands, as a field of its state: `command: remoteStepState.prefault({})`. */
export const remoteStepState = z.object({
  /** Bytes of the remote output that are in the task's output already. */
  offset: z.number().int().min(0).default(0),
  /** It is on the server: from then on it goes on, whoever may start it. */
  hasBegun: z.boolean().default(false),
  /** Set once it has ended, before its traces are removed: without them it would be started again. */
  exitCode: z.number().int().nullable().default(null),
});
type RemoteStepState = z.output<typeof remoteStepState>;

/** Milliseconds to kill and clean up; within what the runner waits for a step that was told to stop. */
const ABORT_GRACE_MS = 40_000;
/** UTF-16 units of a secret that is looked for in the output: a shorter one is part of other words, and a longer one no key or password. */
const SECRET_LENGTH = { min: 6, max: 1_000 };
const MASK = '[redacted]';
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
  const { script, hidden } = withHiddenSecrets(command);
  let hasStarted = false;
  /** An attempt to start it may have reached the server, though no answer came. */
  let mayRun = context.resumed || state.offset > 0;
  const beforeStart = async () => {
    if (state.hasBegun || state.offset > 0 || (mayRun && command.onGivenUp === 'leave')) return;
    await context.expectAllowed();
    mayRun = true;
  };
  /** A line whose end has not come yet. */
  let held = '';
  const show = (text: string) => {
    const shown = hidden(text);
    context.output(shown);
    command.onOutput?.(shown);
  };
  const showHeld = () => {
    show(held);
    state.offset += Buffer.byteLength(held);
    held = '';
  };
  try {
    if (state.exitCode === null) {
      await remoteRuns.start(serverId, run, { ...script, beforeStart }, patience());
      hasStarted = true;
      state.hasBegun = true;
      await context.saveState();
      const { exitCode } = await remoteRuns.follow(serverId, run, {
        ...patience(),
        offset: state.offset,
        async onOutput(text, nextOffset) {
          const all = held + text;
          const whole = wholeLines(all);
          held = all.slice(whole.length);
          if (whole === '') return;
          show(whole);
          state.offset = nextOffset - Buffer.byteLength(held);
          await context.saveState();
        },
      });
      if (held !== '') showHeld();
      state.exitCode = exitCode;
      await context.saveState();
    }
    await remoteRuns.remove(serverId, run, abortGrace()).catch(() => undefined);
    return { exitCode: state.exitCode };
  } catch (error) {
    // Buoy that goes on with it reads the whole line again.
    if (held !== '' && !isShuttingDown(signal)) showHeld();
    const isRefused = mayRun && isAppError(error, 'forbidden');
    if (command.onGivenUp === 'kill' && (isRefused || mustEnd(signal, error))) {
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

/** The script, and what hides those of its secrets that it was given: one that prints what it runs prints them too. */
function withHiddenSecrets({ script, secrets }: RemoteScript): {
  script: RemoteScript;
  hidden(text: string): string;
} {
  if (secrets === undefined) return { script: { script }, hidden: (text) => text };
  let given: ReturnType<typeof createTextSearch>[] = [];
  return {
    script: {
      script,
      async secrets() {
        const values = await secrets();
        given = Object.values(values)
          .filter(({ length }) => length >= SECRET_LENGTH.min && length <= SECRET_LENGTH.max)
          .map(createTextSearch);
        return values;
      },
    },
    hidden: (text) => given.reduce((shown, secret) => secret.replacedIn(shown, MASK), text),
  };
}

/** Stops the command of a cancelled task; when Buoy only shuts down, the command must continue. */
function mustEnd(signal: AbortSignal, error: unknown): boolean {
  if (signal.aborted) return isAppError(signal.reason, 'cancelled', 'deadline');
  return isAppError(error, 'deadline');
}

function abortGrace(): RetryLimits {
  return { deadlineMs: ABORT_GRACE_MS, signal: AbortSignal.timeout(ABORT_GRACE_MS) };
}
