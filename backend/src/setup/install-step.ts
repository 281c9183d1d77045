// A step that installs something by one script on the server: skipped when it is there, proved when the script has ended.
import { z } from 'zod';
import { AppError } from '../lib/app-error.ts';
import { quote } from '../ssh/quote.ts';
import type { Ssh } from '../ssh/ssh.ts';
import { isLostRun, type RemoteRuns } from '../tasks/remote-run.ts';
import { remoteStep, remoteStepState } from '../tasks/remote-step.ts';
import { reachServer } from '../tasks/retry-while-unreachable.ts';
import { type StepContext, serverOf, skipped, type TaskStepKind, taskStep } from '../tasks/task-kind.ts';
import type { TaskSecrets } from '../tasks/task-secrets.ts';
import { CARRY_MS, type Carried, type Carrier, carried, carriedNames } from './carry/carrier.ts';
import type { ChooseDownloader } from './carry/choose-downloader.ts';
import type { DownloadSettings } from './downloads.ts';
import { editedScriptIn, editedScriptOf } from './edited-script.ts';
import { installFailure } from './install-failures.ts';
import { type Installed, readInstalled } from './installed.ts';

export type InstallTools = {
  ssh: Pick<Ssh, 'script'>;
  remoteRuns: RemoteRuns;
  /** Called when something was installed: what other parts keep of the server is outdated. */
  onInstalled: (serverId: string) => void;
};

export type DownloadTools = InstallTools & {
  downloads: DownloadSettings;
  carrier: Carrier;
  chooseDownloader: ChooseDownloader;
};

/** Milliseconds for one installation: npm takes half a minute, minutes on a small server; the rest is for a network outage. */
const INSTALL_MS = 30 * 60_000;
/** Milliseconds to read what is installed, a reconnection included. */
const READ_MS = 5 * 60_000;

/** Times that a script which a reboot or a kill has ended is run again: each leaves behind only what the next one heals. */
const MAX_REPEATS = 3;

const installState = z.object({
  command: remoteStepState.prefault({}),
  /** Repeats so far. */
  repeats: z.number().int().default(0),
  /** What Buoy has sent for the script; null: the server downloads; absent: not decided yet. */
  carried: carried.nullable().optional(),
});

export function createInstallStep<Input, Result>(
  { ssh, remoteRuns, onInstalled }: InstallTools,
  step: {
    id: string;
    title: string;
    script: string;
    /** Shell variables of the script. */
    variables(input: Input): Record<string, string>;
    /** Variables that no process but the shell gets to see; a preview names them only. */
    secrets?: {
      names: readonly string[];
      of(input: Input, secrets: TaskSecrets): Record<string, string>;
    };
    /** What is there already, as a sentence and the step's result; null when it has to be installed. */
    found(input: Input, installed: Installed): { reason: string; result: Result } | null;
    /** True: it is done even where it is there already. */
    always?(input: Input, installed: Installed): boolean;
    /** For a script that downloads. */
    carry?: CarriedStep<Input>;
    /** Waits until what was installed, or was there, works. Throws AppError. */
    prove?(context: StepContext<Input, unknown>, result: Result): Promise<void>;
  },
): TaskStepKind {
  return taskStep<Input, z.output<typeof installState>>({
    id: step.id,
    title: step.title,
    deadlineMs: step.carry === undefined ? INSTALL_MS : INSTALL_MS + CARRY_MS,
    stateSchema: installState,
    preview: (input) => own(input, step.carry?.isAsked(input) === true ? step.carry.previewed : null),
    async run(context) {
      const { input, state } = context;
      const isNew =
        state.command.offset === 0 &&
        state.command.exitCode === null &&
        state.repeats === 0 &&
        !context.resumed;
      // Also where it is done always: a step that began on no server could only be cancelled by waiting for it.
      const there = isNew ? await installed(context) : null;
      const edited = editedScriptIn(input);
      // Also where it runs in any case: what is there may forbid it.
      const before = there === null ? null : step.found(input, there);
      const isDone = before !== null && there !== null && step.always?.(input, there) !== true;
      if (isDone && edited === null) {
        await step.prove?.(context, before.result);
        return skipped(before.reason, before.result);
      }
      if (isNew && edited !== null) context.output(`Running an edited script, SHA-256 ${edited}.\n`);
      const exitCode = await untilItEnds(context, edited === null ? null : await editedScriptOf(context));
      onInstalled(serverOf(context));
      const failure = installFailure(exitCode);
      if (failure !== null) {
        if (state.carried != null) await step.carry?.carrier.remove(serverOf(context), state.carried);
        throw failure;
      }
      const after = step.found(input, await installed(context));
      if (after === null)
        throw new AppError(
          'refused',
          'The installation ended, but what it should have installed does not start.',
          {
            hint: 'The output quotes its message.',
          },
        );
      await step.prove?.(context, after.result);
      return after.result;
    },
  });

  /** @param edited null: its own script, which is safe to repeat */
  async function untilItEnds(
    context: StepContext<Input, z.output<typeof installState>>,
    edited: string | null,
  ): Promise<number> {
    const { input, state } = context;
    const { secrets: secretsOf } = step;
    for (;;) {
      try {
        const { exitCode } = await remoteStep(context, remoteRuns, {
          script: edited ?? own(input, await sent(context)),
          ...(secretsOf === undefined
            ? {}
            : { secrets: async () => secretsOf.of(input, await context.secrets()) }),
          state: state.command,
          deadlineMs: INSTALL_MS,
          onGivenUp: 'kill',
          ...(state.repeats === 0 ? {} : { part: `again-${state.repeats}` }),
        });
        return exitCode;
      } catch (error) {
        if (edited !== null || !isLostRun(error) || state.repeats >= MAX_REPEATS) throw error;
        context.output(`${error.message} Running it again.\n`);
        state.repeats += 1;
        // It may have left things half done, which it heals: nobody is asked again.
        state.command = remoteStepState.parse({ hasBegun: true });
        // What was sent may be gone, or only half there.
        delete state.carried;
        await context.saveState();
      }
    }
  }

  /** What Buoy has sent for the script, sent now where that is not decided yet; null: the server downloads. */
  async function sent(context: StepContext<Input, z.output<typeof installState>>): Promise<Carried | null> {
    const { state } = context;
    if (step.carry !== undefined && state.carried === undefined && !hasBegun(state.command)) {
      state.carried = await step.carry.bring(context);
      await context.saveState();
    }
    return state.carried ?? null;
  }

  function own(input: Input, sent: Carried | null): string {
    const names = step.secrets?.names ?? [];
    // No assignments: an edited text would replace the secrets by them.
    const hidden = names.map((name) => `${name}=***`).join(', ');
    const note = names.length === 0 ? '' : `# Set before this text, and never shown: ${hidden}.\n`;
    if (sent === null || step.carry === undefined)
      return `${note}${withVariables(step.script, step.variables(input))}`;
    const later = carriedNames.filter((name) => sent[name] === undefined);
    const carriedNote =
      later.length === 0 ? '' : `# Known once Buoy has sent its downloads: ${later.join(', ')}.\n`;
    return `${note}${carriedNote}${withVariables(step.carry.script, { ...step.variables(input), ...sent })}`;
  }

  function installed(context: StepContext<Input, unknown>): Promise<Installed> {
    return reachServer(context, READ_MS, (limits) => readInstalled(ssh, serverOf(context), limits));
  }
}

/** What Buoy does in the place of a server that has no way to the downloads. */
export type CarriedStep<Input> = {
  carrier: Pick<Carrier, 'remove'>;
  /** In the place of the script that downloads. */
  script: string;
  /** Downloads and sends. Answers variables of the script; null: the server downloads by itself. */
  bring(context: StepContext<Input, unknown>): Promise<Carried | null>;
  /** Whether a preview shows that script, and with which variables. */
  isAsked(input: Input): boolean;
  previewed: Carried;
};

function hasBegun({ offset, exitCode }: z.output<typeof remoteStepState>): boolean {
  return offset > 0 || exitCode !== null;
}

/** The script behind assignments of its variables, each quoted. */
export function withVariables(script: string, variables: Record<string, string>): string {
  const lines = Object.entries(variables).map(([name, value]) => `${name}=${quote(value)}\nexport ${name}`);
  return [...lines, script].join('\n');
}
