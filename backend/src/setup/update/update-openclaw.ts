// The task that updates OpenClaw on a server as a transaction: whatever fails after the gateway was stopped, the old version and its state come back.
import { type ComponentUpdated, taskTypes, type UpdateSetup, updateSetup } from '@buoy/contract';
import { z } from 'zod';
import { AppError } from '../../lib/app-error.ts';
import { oneServiceTask } from '../../openclaw/service/gateway-service.ts';
import { reachServer } from '../../tasks/retry-while-unreachable.ts';
import {
  type StepContext,
  serverOf,
  skipped,
  type TaskKind,
  type TaskStepKind,
  taskStep,
} from '../../tasks/task-kind.ts';
import { shown } from '../prerequisite-facts.ts';
import { snapshotState, takeSnapshot } from '../snapshots/take-snapshot.ts';
import { chooseTarget } from './choose-target.ts';
import { planOf, readPreflight } from './preflight.ts';
import { expectSameVersion, inventoryBefore, prove, untilIdle } from './prove.ts';
import { createRollbackStep } from './rollback.ts';
import { runCarried, STAGE_MS, stageState } from './run-carried.ts';
import { startGateway, stopGateway, stopState } from './stop-and-start.ts';
import {
  AWAY_MS,
  cleanUp,
  commandState,
  MINUTE_MS,
  preflightResult,
  removeStaged,
  runScript,
  SCRIPT_MS,
  scripts,
  snapshotResult,
  stageResult,
  startResult,
  stopResult,
  type UpdateTools,
} from './update-parts.ts';

/** Milliseconds for what asks the server a few questions; the rest is for a network outage. */
const ASK_MS = 10 * MINUTE_MS;

const proveState = commandState.extend({ isProved: z.boolean().default(false) });

/** Of a result: nothing was done. */
const untouched = { downtimeMs: 0, snapshotId: null, rolledBack: false } as const;

/** Input: the body of its call. Result: `ComponentUpdated`, also of one that failed and was rolled back. */
export function createUpdateOpenclawKind(tools: UpdateTools): TaskKind {
  const { gatewayService } = tools;

  /** A step that is left out where that version is installed already. */
  const step = <State>(
    kind: Omit<TaskStepKind<UpdateSetup, State>, 'run'> & {
      run(
        context: StepContext<UpdateSetup, State>,
        before: z.output<typeof preflightResult>,
      ): Promise<unknown>;
    },
  ): TaskStepKind =>
    taskStep<UpdateSetup, State>({
      ...kind,
      run: async (context) => {
        const before = context.resultOf('preflight', preflightResult);
        const { from, to } = before.plan;
        if (from !== to) return kind.run(context, before);
        const result: ComponentUpdated = { component: 'openclaw', from, to, ...untouched };
        return skipped(`OpenClaw ${to} is installed already.`, result);
      },
    });

  return {
    type: taskTypes.updateComponent,
    title: 'Update OpenClaw',
    exclusivePerServer: true,
    exclusiveAs: oneServiceTask,
    inputSchema: updateSetup,
    rollback: { stepId: 'rollback', from: 'stop' },
    onEndedEarly: (context) => removeStaged(tools, context),
    steps: [
      taskStep<UpdateSetup>({
        id: 'preflight',
        title: 'Check that an update can work',
        deadlineMs: ASK_MS,
        async run(context): Promise<z.output<typeof preflightResult>> {
          const serverId = serverOf(context);
          // Since it was asked for, a pin may have been set, its window may have closed, and its rollout may have been paused.
          const { taskId, input } = context;
          const version = await tools.updateTarget({ taskId, serverId, wanted: input.version });
          const service = await gatewayService.inspect(context);
          const found = await reachServer(context, ASK_MS, (limits) =>
            readPreflight(tools, serverId, { version, via: context.input.via, ...limits }),
          );
          const { facts, via } = await chooseTarget(tools, context, found, version);
          const plan = planOf(facts);
          if (input.whenBusy === 'refuse') await untilIdle(tools, context, service);
          context.output(`From ${plan.from} to ${plan.to}, in ${shown(plan.package)}.\n`);
          return { plan, service, via };
        },
      }),
      step<z.output<typeof snapshotState>>({
        id: 'snapshot',
        title: 'Back up what is there',
        deadlineMs: SCRIPT_MS,
        stateSchema: snapshotState,
        run: (context): Promise<z.output<typeof snapshotResult>> =>
          takeSnapshot(tools, context, { reason: 'update' }),
      }),
      step<z.output<typeof stageState>>({
        id: 'stage',
        title: 'Install the new version beside the old one',
        deadlineMs: STAGE_MS,
        stateSchema: stageState,
        async run(context, before): Promise<z.output<typeof stageResult>> {
          const { service } = before;
          await stage(tools, context, before);
          await untilIdle(tools, context, service);
          await expectSameVersion(tools, context);
          // As late as may be: until then people and agents make and remove things.
          return { inventory: service.answers ? await inventoryBefore(tools, context) : null };
        },
      }),
      step<z.output<typeof stopState>>({
        id: 'stop',
        title: 'Stop the gateway',
        deadlineMs: SCRIPT_MS,
        stateSchema: stopState,
        run: (context, { service }) => stopGateway(tools, context, service),
      }),
      step<z.output<typeof commandState>>({
        id: 'swap',
        title: 'Swap the versions',
        deadlineMs: SCRIPT_MS,
        stateSchema: commandState,
        async run(context) {
          // Nobody watched it, and until the new version serves people, the way back loses nothing.
          if (context.resumed)
            throw new AppError('shutting_down', 'Buoy was stopped while it swapped the versions.', {
              hint: 'Start the update again.',
            });
          return runScript(tools, context, scripts.swap, { state: context.state.command });
        },
      }),
      step<z.output<typeof commandState>>({
        id: 'migrate',
        title: 'Bring config and state up to date',
        deadlineMs: SCRIPT_MS,
        stateSchema: commandState,
        run: (context) => runScript(tools, context, scripts.migrate, { state: context.state.command }),
      }),
      step<z.output<typeof commandState>>({
        id: 'start',
        title: 'Start the new version',
        deadlineMs: AWAY_MS,
        stateSchema: commandState,
        run: (context, { service }) => startGateway(tools, context, service),
      }),
      step<z.output<typeof proveState>>({
        id: 'prove',
        title: 'Prove that all is there and works',
        deadlineMs: AWAY_MS,
        stateSchema: proveState,
        async run(context, { plan: { from, to } }): Promise<ComponentUpdated> {
          const { inventory: before } = context.resultOf('stage', stageResult);
          if (!context.state.isProved) await prove(tools, context, to, before);
          context.state.isProved = true;
          await context.saveState();
          await cleanUp(tools, context, { state: context.state.command });
          const { readyAtMs } = context.resultOf('start', startResult);
          return {
            ...{ component: 'openclaw', from, to, rolledBack: false },
            downtimeMs: readyAtMs - context.resultOf('stop', stopResult).stoppedAtMs,
            snapshotId: context.resultOf('snapshot', snapshotResult).id,
          };
        },
      }),
      createRollbackStep(tools, {
        isUntouched: ({ from, to }) => from === to,
        resultOf: ({ from, to }, done) =>
          ({ component: 'openclaw', from, to, ...done }) satisfies ComponentUpdated,
      }),
    ],
  };
}

/** Installs the new version, which Buoy has sent before where the server cannot download it. */
async function stage(
  tools: UpdateTools,
  context: StepContext<UpdateSetup, z.output<typeof stageState>>,
  { plan, via }: z.output<typeof preflightResult>,
): Promise<void> {
  const { state } = context;
  if (via === 'server')
    return void (await runScript(tools, context, scripts.stage, { state: state.command }));
  await runCarried(tools, context, {
    bring: () => tools.carrier.bringOpenclaw(context, { version: plan.to, nodePath: plan.node }),
    run: (variables) => runScript(tools, context, scripts.stageCarried, { state: state.command, variables }),
  });
}
