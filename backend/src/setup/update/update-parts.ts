// Shared by the steps of an update: their tools, what they leave for each other, and how they run their scripts.
import { readFileSync } from 'node:fs';
import type { UpdateSetup } from '@buoy/contract';
import { z } from 'zod';
import { AppError, isAppError } from '../../lib/app-error.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Gateways } from '../../openclaw/gateway/gateways.ts';
import type { Installations } from '../../openclaw/host/installation.ts';
import { type GatewayService, gatewayBefore } from '../../openclaw/service/gateway-service.ts';
import { remoteStep, remoteStepState } from '../../tasks/remote-step.ts';
import { reachServer } from '../../tasks/retry-while-unreachable.ts';
import { type StepContext, serverOf } from '../../tasks/task-kind.ts';
import type { DownloadSettings } from '../downloads.ts';
import { installFailure } from '../install-failures.ts';
import { type InstallTools, withVariables } from '../install-step.ts';
import { type InventorySources, inventory } from './inventory.ts';
import { updatePlan } from './preflight.ts';

export type UpdateTools = InstallTools & {
  downloads: DownloadSettings;
  installations: Pick<Installations, 'find'>;
  gateways: Pick<Gateways, 'hello' | 'call'>;
  gatewayService: GatewayService;
  inventorySources: InventorySources;
  clock: Clock;
};

export type UpdateContext<State = unknown> = StepContext<UpdateSetup, State>;

export const MINUTE_MS = 60_000;
/** Milliseconds for one script: npm takes half a minute, minutes on a small server. */
export const SCRIPT_MS = 30 * MINUTE_MS;
/** Milliseconds for a gateway to become ready: 12 s, 30 s with a migration, minutes on a small server (OpenClaw 2026.9.6). */
export const READY_WITHIN_MS = 4 * MINUTE_MS;

const load = (name: string) => readFileSync(new URL(name, import.meta.url), 'utf8');
const preamble = [load('../installer.sh'), load('../npm-install.sh'), load('places.sh')].join('\n');
const scriptOf = (name: string) => `${preamble}\n${load(name)}`;
export const scripts = {
  snapshot: scriptOf('snapshot.sh'),
  stage: scriptOf('stage.sh'),
  swap: scriptOf('swap.sh'),
  migrate: scriptOf('migrate.sh'),
  undo: scriptOf('undo.sh'),
  cleanUp: scriptOf('clean-up.sh'),
};

/** Results of the steps, by their ids. */
export const preflightResult = z.object({ plan: updatePlan, service: gatewayBefore });
export const stageResult = z.object({
  /** null: the gateway did not answer before the update. */
  inventory: inventory.nullable(),
});
export const snapshotResult = z.object({ id: z.string() });
export const stopResult = z.object({ stoppedAtMs: z.number(), boot: z.string() });
export const startResult = z.object({ readyAtMs: z.number() });

type UpdateCommand = {
  state: z.output<typeof remoteStepState>;
  variables?: Record<string, string>;
  part?: string;
  onGivenUp?: 'kill' | 'leave';
};

export const commandState = z.object({ command: remoteStepState.prefault({}) });

/** Of undo.sh: not all could be put back. */
const PARTIAL_EXIT_CODE = 53;

/** Runs one script of the update to its end. Throws AppError for what it reports. */
export async function runScript(
  { remoteRuns, downloads }: Pick<UpdateTools, 'remoteRuns' | 'downloads'>,
  context: UpdateContext,
  script: string,
  { state, variables, part, onGivenUp = 'kill' }: UpdateCommand,
): Promise<{ isPartial: boolean }> {
  const { plan } = context.resultOf('preflight', preflightResult);
  const { exitCode } = await remoteStep(context, remoteRuns, {
    script: withVariables(script, {
      ...{ PACKAGE: plan.package, NODE: plan.node, STATE: plan.state, FROM: plan.from },
      ...{ OPENCLAW_VERSION: plan.to, NPM_REGISTRY: downloads.npmRegistry, ...variables },
    }),
    ...{ state, onGivenUp, deadlineMs: SCRIPT_MS },
    ...(part === undefined ? {} : { part }),
  });
  const isPartial = exitCode === PARTIAL_EXIT_CODE;
  const failure = isPartial ? null : installFailure(exitCode, 'update');
  if (failure !== null) throw failure;
  return { isPartial };
}

const bootId = z.string().regex(/^[0-9a-f-]{36}$/);

/** Which boot of the server this is: a later one starts a gateway that was stopped before. Throws AppError. */
export function readBoot({ ssh }: Pick<UpdateTools, 'ssh'>, context: UpdateContext): Promise<string> {
  return reachServer(context, SCRIPT_MS, async (limits) => {
    const { stdout } = await ssh.script(serverOf(context), 'cat /proc/sys/kernel/random/boot_id', [], limits);
    const parsed = bootId.safeParse(stdout.trim());
    if (!parsed.success) throw new AppError('bad_gateway', 'The server did not say which boot this is.');
    return parsed.data;
  });
}

/** The work is done and proved: what stays behind is no failure, and neither a cancel nor an error leads back any more. */
export async function cleanUp(
  tools: UpdateTools,
  context: UpdateContext,
  command: Pick<UpdateCommand, 'state' | 'part'>,
): Promise<void> {
  try {
    await runScript(tools, context, scripts.cleanUp, { ...command, onGivenUp: 'leave' });
  } catch (error) {
    if (context.signal.aborted && isAppError(context.signal.reason, 'shutting_down')) throw error;
    context.output('Not all of what was kept for a way back could be removed.\n');
  }
}
