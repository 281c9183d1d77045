// The task that updates OpenClaw on a server as a transaction: whatever fails after the gateway was stopped, the old version and its state come back.
import { readFileSync } from 'node:fs';
import { type ComponentUpdated, taskTypes, updateSetup } from '@buoy/contract';
import { z } from 'zod';
import { AppError, isAppError } from '../../lib/app-error.ts';
import type { Clock } from '../../lib/clock.ts';
import { newId } from '../../lib/ids.ts';
import { pause } from '../../lib/pause.ts';
import type { Gateways } from '../../openclaw/gateway/gateways.ts';
import type { Installations } from '../../openclaw/host/installation.ts';
import {
  type GatewayBefore,
  type GatewayService,
  gatewayBefore,
  oneServiceTask,
} from '../../openclaw/service/gateway-service.ts';
import { runName } from '../../tasks/remote-run.ts';
import { remoteStep, remoteStepState } from '../../tasks/remote-step.ts';
import { reachServer } from '../../tasks/retry-while-unreachable.ts';
import {
  type StepContext,
  serverOf,
  skipped,
  type TaskKind,
  type TaskStepKind,
  taskStep,
} from '../../tasks/task-kind.ts';
import type { DownloadSettings } from '../downloads.ts';
import { installFailure } from '../install-failures.ts';
import { type InstallTools, withVariables } from '../install-step.ts';
import {
  compared,
  type Inventory,
  type InventorySources,
  inventory,
  missingFrom,
  takeInventory,
} from './inventory.ts';
import { planOf, readPreflight, updatePlan } from './preflight.ts';

export type UpdateTools = InstallTools & {
  downloads: DownloadSettings;
  installations: Pick<Installations, 'find'>;
  gateways: Pick<Gateways, 'hello' | 'call'>;
  gatewayService: GatewayService;
  inventorySources: InventorySources;
  clock: Clock;
};

const MINUTE_MS = 60_000;
/** Milliseconds for what asks the server a few questions; the rest is for a network outage. */
const ASK_MS = 10 * MINUTE_MS;
/** Milliseconds for one script: npm takes half a minute, minutes on a small server. */
const SCRIPT_MS = 30 * MINUTE_MS;
/** Milliseconds that agents may take to finish their work before the update gives up, and between two questions. */
const BUSY_MS = 30 * MINUTE_MS;
const BUSY_PAUSE_MS = 5_000;
/** Milliseconds for a gateway to become ready: 12 s, 30 s with a migration, minutes on a small server (OpenClaw 2026.9.6). */
const READY_WITHIN_MS = 4 * MINUTE_MS;
/** Milliseconds for a gateway that is ready to answer calls and to list what it has. */
const PROVE_WITHIN_MS = 2 * MINUTE_MS;
const CALL_MS = 10_000;
/** Milliseconds for a rollback, most of them for a server that is out of reach. */
const ROLLBACK_MS = 24 * 60 * MINUTE_MS;
/** A server that reboots ends the command that runs on it; what puts things back is then run again. */
const UNDO_ATTEMPTS = 3;

const load = (name: string) => readFileSync(new URL(name, import.meta.url), 'utf8');
const preamble = [load('../installer.sh'), load('../npm-install.sh'), load('places.sh')].join('\n');
const scriptOf = (name: string) => `${preamble}\n${load(name)}`;
const scripts = {
  snapshot: scriptOf('snapshot.sh'),
  stage: scriptOf('stage.sh'),
  swap: scriptOf('swap.sh'),
  migrate: scriptOf('migrate.sh'),
  undo: scriptOf('undo.sh'),
  cleanUp: scriptOf('clean-up.sh'),
};

type Input = z.output<typeof updateSetup>;
type Context<State = unknown> = StepContext<Input, State>;

const preflightResult = z.object({ plan: updatePlan, service: gatewayBefore });
const stageResult = z.object({
  /** null: the gateway did not answer before the update. */
  inventory: inventory.nullable(),
});
const snapshotResult = z.object({ id: z.string() });
const stopResult = z.object({ stoppedAtMs: z.number() });
const startResult = z.object({ readyAtMs: z.number() });

const commandState = z.object({ command: remoteStepState.prefault({}) });
const snapshotState = commandState.extend({ id: z.string().nullable().default(null) });
const stopState = commandState.extend({ stoppedAtMs: z.number().nullable().default(null) });
const proveState = commandState.extend({ isProved: z.boolean().default(false) });
const rollbackState = z.object({
  attempt: z.number().int().default(0),
  stop: remoteStepState.prefault({}),
  undo: remoteStepState.prefault({}),
  start: remoteStepState.prefault({}),
  cleanUp: remoteStepState.prefault({}),
});

const restartCheck = z.looseObject({ safe: z.boolean(), summary: z.string().max(1_000).catch('') });

/** Input: the body of its call. Result: `ComponentUpdated`, also of one that failed and was rolled back. */
export function createUpdateOpenclawKind(tools: UpdateTools): TaskKind {
  const { clock, gatewayService, gateways, remoteRuns } = tools;

  const run = async (
    context: Context,
    script: string,
    command: {
      state: z.output<typeof remoteStepState>;
      variables?: Record<string, string>;
      part?: string;
      onGivenUp?: 'kill' | 'leave';
    },
  ): Promise<void> => {
    const { plan } = context.resultOf('preflight', preflightResult);
    const { exitCode } = await remoteStep(context, remoteRuns, {
      script: withVariables(script, {
        ...{ PACKAGE: plan.package, NODE: plan.node, STATE: plan.state, OPENCLAW_VERSION: plan.to },
        ...{ NPM_REGISTRY: tools.downloads.npmRegistry, ...command.variables },
      }),
      state: command.state,
      deadlineMs: SCRIPT_MS,
      onGivenUp: command.onGivenUp ?? 'kill',
      ...(command.part === undefined ? {} : { part: command.part }),
    });
    const failure = installFailure(exitCode, 'update');
    if (failure !== null) throw failure;
  };

  /** A step that is left out where that version is installed already. */
  const step = <State>(
    kind: Omit<TaskStepKind<Input, State>, 'run'> & {
      run(context: Context<State>, before: z.output<typeof preflightResult>): Promise<unknown>;
    },
  ): TaskStepKind =>
    taskStep<Input, State>({
      ...kind,
      run: async (context) => {
        const before = context.resultOf('preflight', preflightResult);
        const { from, to } = before.plan;
        if (from !== to) return kind.run(context, before);
        const result: ComponentUpdated = { component: 'openclaw', from, to, ...untouched };
        return skipped(`OpenClaw ${to} is installed already.`, result);
      },
    });

  const prove = async (context: Context, version: string): Promise<void> => {
    const { signal } = context;
    const serverId = serverOf(context);
    const before = context.resultOf('stage', stageResult).inventory;
    const endsAtMs = clock.now() + PROVE_WITHIN_MS;
    for (;;) {
      signal.throwIfAborted();
      const doubt = await doubtOf(serverId, signal);
      if (doubt === null) return;
      context.detail(doubt.message);
      if (clock.now() > endsAtMs) throw doubt;
      await pause(clock, BUSY_PAUSE_MS, signal);
    }

    /** Why the gateway does not work as before; null when it does. */
    async function doubtOf(serverId: string, signal: AbortSignal): Promise<AppError | null> {
      try {
        const hello = await gateways.hello(serverId, { deadlineMs: CALL_MS, signal, retry: true });
        if (hello.version !== version)
          return new AppError(
            'not_ready',
            `The gateway that answers is OpenClaw ${hello.version}, not ${version}.`,
            {
              hint: 'Another gateway may run on this server, or its service starts another installation.',
            },
          );
        if (before === null) return null;
        const missing = missingFrom(before, await takeInventory(tools.inventorySources, serverId, signal));
        return missing === null
          ? null
          : new AppError('not_ready', missing, {
              hint: 'Look at the log of the gateway before you try again.',
            });
      } catch (error) {
        if (!isAppError(error) || signal.aborted) throw error;
        return error;
      }
    }
  };

  return {
    type: taskTypes.updateComponent,
    title: 'Update OpenClaw',
    exclusivePerServer: true,
    exclusiveAs: oneServiceTask,
    inputSchema: updateSetup,
    rollback: { stepId: 'rollback', from: 'stop' },
    steps: [
      taskStep<Input>({
        id: 'preflight',
        title: 'Check that an update can work',
        deadlineMs: ASK_MS,
        async run(context): Promise<z.output<typeof preflightResult>> {
          const serverId = serverOf(context);
          const service = await gatewayService.inspect(context);
          const facts = await reachServer(context, ASK_MS, (limits) =>
            readPreflight(tools, serverId, { version: context.input.version, ...limits }),
          );
          const plan = planOf(facts);
          if (context.input.whenBusy === 'refuse') await untilIdle(context, service);
          context.output(`From ${plan.from} to ${plan.to}, in ${plan.package}.\n`);
          return { plan, service };
        },
      }),
      step<z.output<typeof snapshotState>>({
        id: 'snapshot',
        title: 'Back up what is there',
        deadlineMs: SCRIPT_MS,
        stateSchema: snapshotState,
        async run(context): Promise<z.output<typeof snapshotResult>> {
          context.state.id ??= newId('snp');
          await context.saveState();
          const { id, command } = context.state;
          await run(context, scripts.snapshot, { state: command, variables: { SNAPSHOT: id } });
          return { id };
        },
      }),
      step<z.output<typeof commandState>>({
        id: 'stage',
        title: 'Install the new version beside the old one',
        deadlineMs: BUSY_MS + SCRIPT_MS,
        stateSchema: commandState,
        async run(context, { service }): Promise<z.output<typeof stageResult>> {
          await run(context, scripts.stage, { state: context.state.command });
          await untilIdle(context, service);
          // As late as may be: until then people and agents make and remove things.
          return { inventory: service.answers ? await inventoryBefore(context) : null };
        },
      }),
      step<z.output<typeof stopState>>({
        id: 'stop',
        title: 'Stop the gateway',
        deadlineMs: SCRIPT_MS,
        stateSchema: stopState,
        async run(context, { service }): Promise<z.output<typeof stopResult>> {
          context.state.stoppedAtMs ??= clock.now();
          const { stoppedAtMs, command } = context.state;
          await context.saveState();
          await gatewayService.stop(context, service, { state: command });
          return { stoppedAtMs };
        },
      }),
      step<z.output<typeof commandState>>({
        id: 'swap',
        title: 'Swap the versions',
        deadlineMs: SCRIPT_MS,
        stateSchema: commandState,
        run: (context) => run(context, scripts.swap, { state: context.state.command }),
      }),
      step<z.output<typeof commandState>>({
        id: 'migrate',
        title: 'Bring config and state up to date',
        deadlineMs: SCRIPT_MS,
        stateSchema: commandState,
        run: (context) => run(context, scripts.migrate, { state: context.state.command }),
      }),
      step<z.output<typeof commandState>>({
        id: 'start',
        title: 'Start the new version',
        deadlineMs: SCRIPT_MS,
        stateSchema: commandState,
        async run(context, { service }): Promise<z.output<typeof startResult>> {
          tools.onInstalled(serverOf(context));
          return gatewayService.start(context, service, {
            state: context.state.command,
            readyWithinMs: READY_WITHIN_MS,
          });
        },
      }),
      step<z.output<typeof proveState>>({
        id: 'prove',
        title: 'Prove that all is there and works',
        deadlineMs: SCRIPT_MS,
        stateSchema: proveState,
        async run(context, { plan: { from, to } }): Promise<ComponentUpdated> {
          if (!context.state.isProved) await prove(context, to);
          context.state.isProved = true;
          await context.saveState();
          await cleanUp(context, context.state.command);
          const { readyAtMs } = context.resultOf('start', startResult);
          return {
            ...{ component: 'openclaw', from, to, rolledBack: false },
            downtimeMs: readyAtMs - context.resultOf('stop', stopResult).stoppedAtMs,
            snapshotId: context.resultOf('snapshot', snapshotResult).id,
          };
        },
      }),
      taskStep<Input, z.output<typeof rollbackState>>({
        id: 'rollback',
        title: 'Go back to the old version if a step fails',
        deadlineMs: ROLLBACK_MS,
        stateSchema: rollbackState,
        run: rollBack,
      }),
    ],
  };

  /** Waits for the work of agents, or refuses. A gateway that is down has none. */
  async function untilIdle(context: Context, { answers }: GatewayBefore): Promise<void> {
    const { signal, input } = context;
    const serverId = serverOf(context);
    const endsAtMs = clock.now() + BUSY_MS;
    for (;;) {
      signal.throwIfAborted();
      const { safe, summary } = await gateways
        .call(serverId, 'gateway.restart.preflight', {}, restartCheck, {
          deadlineMs: CALL_MS,
          signal,
          retry: true,
        })
        .catch((error: unknown) => {
          if (!isAppError(error) || signal.aborted) throw error;
          // One that is down has no work; an old one cannot tell. One that is too busy to answer is not idle.
          if (!answers || isAppError(error, 'unsupported')) return { safe: true, summary: '' };
          if (input.whenBusy === 'refuse') throw error;
          return { safe: false, summary: '' };
        });
      if (safe) return;
      if (input.whenBusy === 'refuse' || clock.now() > endsAtMs)
        throw new AppError('busy', 'Agents on the server are at work.', {
          hint: 'Start the update again when they are done.',
          details: { openclaw: summary },
        });
      context.detail('Waiting until the agents have finished their work.');
      await pause(clock, BUSY_PAUSE_MS, signal);
    }
  }

  /** A gateway that is busy for a moment would be read from its host, which does not tell the same. */
  async function inventoryBefore(context: Context): Promise<Inventory> {
    const endsAtMs = clock.now() + PROVE_WITHIN_MS;
    for (;;) {
      context.signal.throwIfAborted();
      try {
        return compared(await takeInventory(tools.inventorySources, serverOf(context), context.signal));
      } catch (error) {
        if (!isAppError(error) || context.signal.aborted || clock.now() > endsAtMs) throw error;
        context.detail(error.message);
      }
      await pause(clock, BUSY_PAUSE_MS, context.signal);
    }
  }

  /** What an earlier step could not stop, because the server was out of reach, would write into what is put back. */
  async function endScripts(context: Context): Promise<void> {
    const { taskId, signal } = context;
    for (const stepId of ['swap', 'migrate'])
      await remoteRuns.cancel(serverOf(context), runName({ taskId, stepId }), {
        deadlineMs: SCRIPT_MS,
        signal,
      });
  }

  /** The work is done and proved: what stays behind is no failure, and neither a cancel nor an error leads back any more. */
  async function cleanUp(
    context: Context,
    state: z.output<typeof remoteStepState>,
    part?: string,
  ): Promise<void> {
    const command = { state, onGivenUp: 'leave', ...(part === undefined ? {} : { part }) } as const;
    try {
      await run(context, scripts.cleanUp, command);
    } catch (error) {
      if (context.signal.aborted && isAppError(context.signal.reason, 'shutting_down')) throw error;
      context.output('What was kept for a way back could not be removed; the next update does.\n');
    }
  }

  async function rollBack(context: Context<z.output<typeof rollbackState>>): Promise<ComponentUpdated> {
    const { state, signal } = context;
    const { plan, service } = context.resultOf('preflight', preflightResult);
    for (;;) {
      signal.throwIfAborted();
      const part = `${state.attempt}`;
      try {
        await endScripts(context);
        await gatewayService.stop(context, service, { state: state.stop, part: `stop-${part}` });
        await run(context, scripts.undo, {
          ...{ state: state.undo, part: `undo-${part}` },
          onGivenUp: 'leave',
        });
        tools.onInstalled(serverOf(context));
        await gatewayService.start(context, service, {
          ...{ state: state.start, part: `start-${part}` },
          readyWithinMs: READY_WITHIN_MS,
        });
        break;
      } catch (error) {
        if (signal.aborted) throw error;
        // A server that is away for hours is half changed until it is back.
        if (isAppError(error, 'unreachable')) continue;
        if (!isAppError(error, 'refused') || state.attempt + 1 >= UNDO_ATTEMPTS) throw error;
        context.output(`${error.message} Trying again.\n`);
        Object.assign(state, rollbackState.parse({ attempt: state.attempt + 1 }));
        await context.saveState();
      }
    }
    const readyAtMs = clock.now();
    await prove(context, plan.from);
    await cleanUp(context, state.cleanUp, 'clean-up');
    return {
      ...{ component: 'openclaw', from: plan.from, to: plan.to, rolledBack: true },
      downtimeMs: readyAtMs - stoppedAt(context, readyAtMs),
      snapshotId: context.resultOf('snapshot', snapshotResult).id,
    };
  }
}

/** Of a result: nothing was done. */
const untouched = { downtimeMs: 0, snapshotId: null, rolledBack: false } as const;

/** A gateway whose stop failed was not down until the rollback stopped it. */
function stoppedAt(context: Context, otherwise: number): number {
  try {
    return context.resultOf('stop', stopResult).stoppedAtMs;
  } catch {
    return otherwise;
  }
}
