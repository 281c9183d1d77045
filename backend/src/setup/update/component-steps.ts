// The steps of an update of what is not OpenClaw itself: Node, npm and Ollama. Each of them brings its scripts; how the gateway is stopped, started and
// proved around them is the same for all.
import { type ComponentUpdated, downloader, type UpdateComponent, type UpdateSetup } from '@buoy/contract';
import { z } from 'zod';
import { gatewayBefore, stopFirst } from '../../openclaw/service/gateway-service.ts';
import { type RemoteStep, remoteStep, remoteStepState } from '../../tasks/remote-step.ts';
import { isShuttingDown, serverOf, skipped, type TaskStepKind, taskStep } from '../../tasks/task-kind.ts';
import { type Carried, carriedScript } from '../carry/carrier.ts';
import { installFailure } from '../install-failures.ts';
import { withVariables } from '../install-step.ts';
import type { Inventory } from './inventory.ts';
import { inventoryBefore, prove, untilIdle } from './prove.ts';
import { runCarried, STAGE_MS, stageState } from './run-carried.ts';
import { startGateway, stopGateway, stopState } from './stop-and-start.ts';
import {
  downtimeUntil,
  type RollbackContext,
  rollbackState,
  startAgain,
  untilUndone,
} from './undo-attempts.ts';
import {
  AWAY_MS,
  type ComponentContext,
  commandState,
  MINUTE_MS,
  SCRIPT_MS,
  stageResult,
  startResult,
  type UpdateContext,
  type UpdateTools,
} from './update-parts.ts';

/** Milliseconds for what asks the server a few questions; the rest is for a network outage. */
export const ASK_MS = 10 * MINUTE_MS;

/** What is going to be done: the result of the step `preflight`. */
export const componentPlan = z.object({
  from: z.string(),
  to: z.string(),
  /** Who downloads it. */
  via: downloader.default('server'),
  /** Shell variables of its scripts. */
  variables: z.record(z.string(), z.string()),
  /** The gateway that is stopped for the swap, and its version of OpenClaw; null: none is. */
  gateway: z.object({ service: gatewayBefore, openclaw: z.string() }).nullable(),
});
export type ComponentPlan = z.output<typeof componentPlan>;
/** What a component knows of it. */
export type OwnPlan = Omit<ComponentPlan, 'via'>;

/** One of them. Its scripts can each be run again after they were cut. */
export type ComponentUpdate = {
  component: Exclude<UpdateComponent, 'openclaw'>;
  /** As a sentence names it. */
  name: string;
  /** Throws AppError for whatever would stop the update later. */
  preflight(context: ComponentContext): Promise<OwnPlan>;
  /** What each of them begins with: where things are, and that nothing of another account runs. */
  preamble: string;
  scripts: Record<'stage' | 'swap' | 'undo' | 'prove' | 'cleanUp', string>;
  /** Has Buoy send what the script `stage` would download. Absent: only the server can download it. */
  bring?(context: UpdateContext, version: string): Promise<Carried>;
  /**
   * Variables of the script `swap`, from the end of what `stage` has printed: Buoy keeps them where no process of the server can change them. Absent: none.
   * Throws AppError.
   */
  staged?(printed: string): Record<string, string>;
  /** Variables of its scripts that no process but the shell gets to see. */
  secrets?(context: UpdateContext): Promise<Record<string, string>>;
  /** Why a step is left out, in a sentence each. */
  reasons: {
    snapshot: string;
    /** Where the gateway is not stopped. */
    stop: string;
    migrate: string;
  };
};

/** UTF-16 units of what `stage` has printed: it ends with a line or two of ours. */
const MAX_PRINTED = 2_000;
const componentStageState = stageState.extend({ printed: z.string().default('') });
/** Result of the step `stage`. */
const componentStageResult = stageResult.extend({
  /** Those of `staged`. */
  variables: z.record(z.string(), z.string()).default({}),
});

const proveState = z.object({
  check: remoteStepState.prefault({}),
  command: remoteStepState.prefault({}),
  isProved: z.boolean().default(false),
});

/** In the order, and by the ids, of those of an update of OpenClaw. Result: `ComponentUpdated`, also of one that failed and was rolled back. */
export function createComponentSteps(tools: UpdateTools, update: ComponentUpdate): TaskStepKind[] {
  const { component, name, scripts, reasons } = update;
  const { clock } = tools;
  const planIn = (context: UpdateContext) => context.resultOf('preflight', componentPlan);
  const untouched = ({ from, to }: ComponentPlan): ComponentUpdated => ({
    ...{ component, from, to, downtimeMs: 0, snapshotId: null, rolledBack: false },
  });
  const runScript = (context: UpdateContext, script: string, command: ComponentCommand) =>
    runComponentScript(tools, update, context, script, command);

  /** A step that is left out where that version is there already. */
  const step = <State>(
    kind: Omit<TaskStepKind<UpdateSetup, State>, 'run'> & {
      run(context: UpdateContext<State>, plan: ComponentPlan): Promise<unknown>;
    },
  ): TaskStepKind =>
    taskStep<UpdateSetup, State>({
      ...kind,
      run: async (context) => {
        const plan = planIn(context);
        if (plan.from !== plan.to) return kind.run(context, plan);
        return skipped(`${name} ${plan.to} is installed already.`, untouched(plan));
      },
    });

  return [
    taskStep<UpdateSetup>({
      id: 'preflight',
      title: 'Check that an update can work',
      deadlineMs: ASK_MS,
      async run(context): Promise<ComponentPlan> {
        const own = await update.preflight(context);
        const isCarried = update.bring !== undefined && own.from !== own.to;
        const via = isCarried ? await tools.chooseDownloader(context, context.input.via) : 'server';
        const plan = { ...own, via };
        if (plan.gateway !== null && context.input.whenBusy === 'refuse')
          await untilIdle(tools, context, plan.gateway.service);
        context.output(`${name}: from ${plan.from} to ${plan.to}.\n`);
        return plan;
      },
    }),
    step({
      id: 'snapshot',
      title: 'Back up what is there',
      deadlineMs: ASK_MS,
      run: async () => skipped(reasons.snapshot, null),
    }),
    step<z.output<typeof componentStageState>>({
      id: 'stage',
      title: 'Install the new version beside the old one',
      deadlineMs: STAGE_MS,
      stateSchema: componentStageState,
      async run(context, plan): Promise<z.output<typeof componentStageResult>> {
        const { gateway } = plan;
        await stage(context, plan);
        const variables = update.staged?.(context.state.printed) ?? {};
        if (gateway === null) return { inventory: null, variables };
        await untilIdle(tools, context, gateway.service);
        // As late as may be: until then people and agents make and remove things.
        return {
          inventory: gateway.service.answers ? await inventoryBefore(tools, context) : null,
          variables,
        };
      },
    }),
    step<z.output<typeof stopState>>({
      id: 'stop',
      title: 'Stop the gateway',
      deadlineMs: SCRIPT_MS,
      stateSchema: stopState,
      async run(context, { gateway }) {
        if (gateway === null) return skipped(reasons.stop, null);
        return stopGateway(tools, context, gateway.service);
      },
    }),
    step<z.output<typeof commandState>>({
      id: 'swap',
      title: 'Swap the versions',
      deadlineMs: SCRIPT_MS,
      stateSchema: commandState,
      run: (context) =>
        runScript(context, scripts.swap, {
          ...{ state: context.state.command, whileStopped: true },
          variables: context.resultOf('stage', componentStageResult).variables,
        }),
    }),
    step({
      id: 'migrate',
      title: 'Bring config and state up to date',
      deadlineMs: ASK_MS,
      run: async () => skipped(reasons.migrate, null),
    }),
    step<z.output<typeof commandState>>({
      id: 'start',
      title: 'Start the new version',
      deadlineMs: AWAY_MS,
      stateSchema: commandState,
      async run(context, { gateway }) {
        if (gateway !== null) return startGateway(tools, context, gateway.service);
        tools.onInstalled(serverOf(context));
        return skipped(reasons.stop, null);
      },
    }),
    step<z.output<typeof proveState>>({
      id: 'prove',
      title: 'Prove that all is there and works',
      deadlineMs: AWAY_MS,
      stateSchema: proveState,
      async run(context, plan): Promise<ComponentUpdated> {
        const { state } = context;
        if (!state.isProved) {
          await runScript(context, scripts.prove, { state: state.check, part: 'check' });
          if (plan.gateway !== null) await prove(tools, context, plan.gateway.openclaw, inventoryIn(context));
        }
        state.isProved = true;
        await context.saveState();
        await cleanUp(context, { state: state.command, part: 'clean-up' });
        if (plan.gateway === null) return untouched(plan);
        const { readyAtMs } = context.resultOf('start', startResult);
        return { ...untouched(plan), downtimeMs: downtimeUntil(readyAtMs, context) };
      },
    }),
    taskStep<UpdateSetup, RollbackContext['state']>({
      id: 'rollback',
      title: 'Go back to the old version if a step fails',
      deadlineMs: AWAY_MS,
      stateSchema: rollbackState,
      run: goBack,
    }),
  ];

  async function stage(
    context: UpdateContext<z.output<typeof componentStageState>>,
    { to, via }: ComponentPlan,
  ): Promise<void> {
    const { command } = context.state;
    const { bring } = update;
    const onOutput = (text: string) => {
      context.state.printed = (context.state.printed + text).slice(-MAX_PRINTED);
    };
    const stageCommand = { state: command, onOutput };
    if (via === 'server' || bring === undefined) return runScript(context, scripts.stage, stageCommand);
    await runCarried(tools, context, {
      bring: () => bring(context, to),
      run: (variables) =>
        runScript(context, `${carriedScript}\n${scripts.stage}`, { ...stageCommand, variables }),
    });
  }

  async function goBack(context: RollbackContext): Promise<ComponentUpdated> {
    const { state } = context;
    const plan = planIn(context);
    const { gateway } = plan;
    if (plan.from === plan.to) return untouched(plan);
    await untilUndone(tools, context, {}, async (part) => {
      await runScript(context, scripts.undo, {
        ...{ state: state.undo, part: `undo-${part}`, onGivenUp: 'leave', whileStopped: true },
      });
      tools.onInstalled(serverOf(context));
      if (gateway !== null) await startAgain(tools, context, gateway.service, part);
    });
    const downtimeMs = gateway === null ? 0 : downtimeUntil(clock.now(), context);
    if (gateway?.service.answers === true)
      await prove(tools, context, gateway.openclaw, inventoryIn(context));
    await cleanUp(context, {
      ...{ state: state.cleanUp, part: 'clean-up', variables: { ROLLED_BACK: 'yes' } },
    });
    return { ...untouched(plan), downtimeMs, rolledBack: true };
  }

  /** The work is done and proved: what stays behind is no failure, and neither a cancel nor an error leads back any more. */
  async function cleanUp(context: UpdateContext, command: ComponentCommand): Promise<void> {
    try {
      await runScript(context, scripts.cleanUp, { ...command, onGivenUp: 'leave' });
    } catch (error) {
      if (isShuttingDown(context.signal)) throw error;
      context.output('Not all of what was kept for a way back could be removed.\n');
    }
  }
}

type ComponentCommand = Pick<RemoteStep, 'state' | 'part' | 'onOutput'> & {
  variables?: Record<string, string>;
  onGivenUp?: RemoteStep['onGivenUp'];
  /** Where a gateway is stopped for the update, one that somebody has started again is stopped first. */
  whileStopped?: boolean;
};

/** Runs one script to its end. Throws AppError for what it reports. */
async function runComponentScript(
  { remoteRuns }: Pick<UpdateTools, 'remoteRuns'>,
  { preamble, secrets }: ComponentUpdate,
  context: UpdateContext,
  script: string,
  { state, part, onOutput, variables, onGivenUp = 'kill', whileStopped = false }: ComponentCommand,
): Promise<void> {
  const plan = context.resultOf('preflight', componentPlan);
  const stops = whileStopped && plan.gateway !== null ? [stopFirst(plan.gateway.service)] : [];
  const { exitCode } = await remoteStep(context, remoteRuns, {
    script: withVariables([preamble, ...stops, script].join('\n'), {
      ...{ FROM: plan.from, TO: plan.to, TASK: context.taskId, ...plan.variables, ...variables },
    }),
    ...{ state, onGivenUp, deadlineMs: SCRIPT_MS },
    ...(part === undefined ? {} : { part }),
    ...(onOutput === undefined ? {} : { onOutput }),
    ...(secrets === undefined ? {} : { secrets: () => secrets(context) }),
  });
  const failure = installFailure(exitCode, 'update');
  if (failure !== null) throw failure;
}

/** What the gateway had before; null: it did not answer then. */
function inventoryIn(context: Pick<UpdateContext, 'resultOf'>): Inventory | null {
  return context.resultOf('stage', stageResult).inventory;
}
