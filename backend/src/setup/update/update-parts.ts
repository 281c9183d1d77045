// Shared by the steps of an update, and of a restore: their tools, what they leave for each other, and how they run their scripts.
import { readFileSync } from 'node:fs';
import { downloader, type UpdateSetup } from '@buoy/contract';
import { z } from 'zod';
import type { SetupSnapshotTable } from '../../db/schema.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Gateways } from '../../openclaw/gateway/gateways.ts';
import type { Installations } from '../../openclaw/host/installation.ts';
import { ownerPreamble } from '../../openclaw/host/scripts.ts';
import { type GatewayService, gatewayBefore, stopFirst } from '../../openclaw/service/gateway-service.ts';
import type { Ssh } from '../../ssh/ssh.ts';
import { remoteStep, remoteStepState } from '../../tasks/remote-step.ts';
import { isShuttingDown, type StepContext, serverOf } from '../../tasks/task-kind.ts';
import { type Carrier, carriedScript } from '../carry/carrier.ts';
import type { ChooseDownloader } from '../carry/choose-downloader.ts';
import type { DownloadSettings } from '../downloads.ts';
import { installFailure } from '../install-failures.ts';
import { type InstallTools, withVariables } from '../install-step.ts';
import type { NewestVersions } from '../newest-versions.ts';
import { type InventorySources, inventory } from './inventory.ts';
import { updatePlan } from './preflight.ts';

/** What is known of the archives on a server. */
type SnapshotRecords = {
  add(row: SetupSnapshotTable): Promise<void>;
  find(serverId: string, id: string): Promise<SetupSnapshotTable | null>;
  ofServer(serverId: string): Promise<ReadonlyArray<Pick<SetupSnapshotTable, 'id' | 'reason'>>>;
  remove(serverId: string, id: string): Promise<boolean>;
};

/** Which machine a server is, and as whom Buoy logs in there. */
export const machineAddress = z.object({
  host: z.string(),
  port: z.number(),
  username: z.string(),
  hostKeyFingerprint: z.string().nullable(),
});
/** null: the server was removed. */
export type AddressOf = (serverId: string) => Promise<z.output<typeof machineAddress> | null>;

export type UpdateTools = InstallTools & {
  ssh: Pick<Ssh, 'script' | 'writeFile'>;
  snapshots: SnapshotRecords;
  /** Whether this person owns the server now, and may sign in. */
  isOwner: (userId: string, serverId: string) => Promise<boolean>;
  /** Where the server is now. */
  addressOf: AddressOf;
  downloads: DownloadSettings;
  carrier: Carrier;
  chooseDownloader: ChooseDownloader;
  installations: Pick<Installations, 'find'>;
  gateways: Pick<Gateways, 'hello' | 'call' | 'probe'>;
  gatewayService: GatewayService;
  inventorySources: InventorySources;
  /**
   * The version that an update takes which was asked for `wanted`. Throws AppError `conflict` where the server must not have that one, `withdrawn`
   * where the update must not begin now.
   */
  updateTarget: (update: { taskId: string; serverId: string; wanted: string }) => Promise<string>;
  newestVersions: () => Promise<NewestVersions>;
  /** The script that installs Ollama. */
  ollamaInstallUrl: string;
  clock: Clock;
};

/** Of the input, what the steps need that updates and restores share. */
/** Of any step of an update or a restore. */
export type UpdateContext<State = unknown> = StepContext<Pick<UpdateSetup, 'whenBusy'>, State>;
/** Of a step of an update. */
export type ComponentContext<State = unknown> = StepContext<UpdateSetup, State>;
/** Of a step that stops no gateway. */
type ScriptContext = StepContext<unknown, unknown>;

export const MINUTE_MS = 60_000;
/** Milliseconds for one script: npm takes half a minute, minutes on a small server. */
export const SCRIPT_MS = 30 * MINUTE_MS;
/** Milliseconds to remove what was staged. */
const REMOVE_MS = MINUTE_MS;
/** Milliseconds for a gateway to become ready: 12 s, 30 s with a migration, minutes on a small server (OpenClaw 2026.9.6). */
export const READY_WITHIN_MS = 4 * MINUTE_MS;

/** Milliseconds for a server that is out of reach while the new version may serve people: an outage says nothing about it. */
export const AWAY_MS = 24 * 60 * MINUTE_MS;

const load = (name: string) => readFileSync(new URL(name, import.meta.url), 'utf8');
const preamble = [
  ownerPreamble,
  ...[
    '../installer.sh',
    '../npm-install.sh',
    'owned.sh',
    'rename.sh',
    'remove.sh',
    'archives.sh',
    'places.sh',
  ].map(load),
].join('\n');
type UpdateScript = {
  text: string;
  /** It works on what the gateway must not touch meanwhile; `behind` ends it before the gateway is stopped. */
  stopsFirst?: { behind: string };
};
export const scripts = {
  snapshot: { text: load('snapshot.sh') },
  stage: { text: load('stage.sh') },
  stageCarried: { text: `${carriedScript}\n${load('stage.sh')}` },
  stageSnapshot: { text: [load('open-archive.sh'), load('unpack.sh'), load('stage.sh')].join('\n') },
  stageSnapshotCarried: {
    text: [carriedScript, load('open-archive.sh'), load('unpack.sh'), load('stage.sh')].join('\n'),
  },
  // Another update may have started the gateway that runs.
  swap: { text: [load('keep-copy.sh'), load('swap.sh')].join('\n'), stopsFirst: { behind: 'expect_own' } },
  swapState: {
    text: [load('keep-whole.sh'), load('swap.sh')].join('\n'),
    stopsFirst: { behind: 'expect_own' },
  },
  migrate: { text: load('migrate.sh'), stopsFirst: { behind: 'expect_own' } },
  undo: { text: load('undo.sh'), stopsFirst: { behind: 'end_if_nothing_is_in_place' } },
  cleanUp: { text: load('clean-up.sh') },
  removeStaged: { text: load('remove-staged.sh') },
} satisfies Record<string, UpdateScript>;

/** Results of the steps, by their ids. */
export const planResult = z.object({ plan: updatePlan });
export const preflightResult = planResult.extend({
  service: gatewayBefore,
  /** Who downloads the new version. */
  via: downloader.default('server'),
});
export const stageResult = z.object({
  /** null: the gateway did not answer before the update. */
  inventory: inventory.nullable(),
});
export const snapshotResult = z.object({
  /** null: OpenClaw could not back itself up, and a restore mends that. */
  id: z.string().nullable(),
});
export const stopResult = z.object({ stoppedAtMs: z.number() });
export const startResult = z.object({ readyAtMs: z.number() });

type UpdateCommand = {
  state: z.output<typeof remoteStepState>;
  variables?: Record<string, string>;
  part?: string;
  onGivenUp?: 'kill' | 'leave';
  /** Exit code that the caller deals with. */
  expected?: number;
};

export const commandState = z.object({ command: remoteStepState.prefault({}) });

/** Of undo.sh: not all could be put back. */
export const PARTIAL_EXIT_CODE = 53;
/** Of snapshot.sh: OpenClaw could not back itself up. */
export const NO_BACKUP_EXIT_CODE = 51;

/** Behind what the scripts of an update share. */
function textOf(
  { downloads }: Pick<UpdateTools, 'downloads'>,
  context: ScriptContext,
  { text, stopsFirst }: UpdateScript,
  variables: Record<string, string> = {},
): string {
  const { plan } = context.resultOf('preflight', planResult);
  const stops =
    stopsFirst === undefined
      ? []
      : [stopsFirst.behind, stopFirst(context.resultOf('preflight', preflightResult).service)];
  return withVariables([preamble, ...stops, text].join('\n'), {
    ...{ PACKAGE: plan.package, NODE: plan.node, STATE: plan.state, FROM: plan.from, TASK: context.taskId },
    ...{ OPENCLAW_VERSION: plan.to, NPM_REGISTRY: downloads.npmRegistry, ARCHIVE: '', ...variables },
  });
}

/** Runs one script of the update to its end. Throws AppError for what it reports, unless that is expected. */
export async function runScript(
  tools: Pick<UpdateTools, 'remoteRuns' | 'downloads'>,
  context: ScriptContext,
  script: UpdateScript,
  { state, variables, part, onGivenUp = 'kill', expected }: UpdateCommand,
): Promise<{ exitCode: number }> {
  const { exitCode } = await remoteStep(context, tools.remoteRuns, {
    script: textOf(tools, context, script, variables),
    ...{ state, onGivenUp, deadlineMs: SCRIPT_MS },
    ...(part === undefined ? {} : { part }),
  });
  const failure = exitCode === expected ? null : installFailure(exitCode, 'update');
  if (failure !== null) throw failure;
  return { exitCode };
}

/**
 * Removes what a task has brought and staged that ends before it changes anything: keys of another server, and gigabytes. Best effort: what is left goes
 * with the next update, restore or snapshot. Throws AppError of the connection.
 */
export async function removeStaged(
  tools: Pick<UpdateTools, 'ssh' | 'downloads'>,
  context: ScriptContext,
): Promise<void> {
  if (context.stepId === 'preflight') return;
  const { signal } = context;
  const limits = { deadlineMs: REMOVE_MS, signal };
  const text = textOf(tools, context, scripts.removeStaged);
  const { exitCode } = await tools.ssh.script(serverOf(context), text, [], limits);
  if (exitCode !== 0) context.output('Not all of what was staged could be removed.\n');
}

/** The work is done and proved: what stays behind is no failure, and neither a cancel nor an error leads back any more. */
export async function cleanUp(
  tools: UpdateTools,
  context: UpdateContext,
  command: Pick<UpdateCommand, 'state' | 'part' | 'variables'>,
): Promise<void> {
  try {
    await runScript(tools, context, scripts.cleanUp, { ...command, onGivenUp: 'leave' });
  } catch (error) {
    if (isShuttingDown(context.signal)) throw error;
    context.output('Not all of what was kept for a way back could be removed.\n');
  }
}
