// The task that goes back to a snapshot, by the steps of an update: whatever fails after the gateway was stopped, what was there before comes back.
import { isDeepStrictEqual } from 'node:util';
import { type SnapshotRestored, snapshotRestore, taskTypes } from '@buoy/contract';
import { z } from 'zod';
import type { SetupSnapshotTable } from '../../db/schema.ts';
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
import { chooseTarget } from '../update/choose-target.ts';
import { exactVersion, planOf, readPreflight } from '../update/preflight.ts';
import { expectSameVersion, inventoryBefore, prove, untilIdle } from '../update/prove.ts';
import { createRollbackStep } from '../update/rollback.ts';
import { runCarried, STAGE_MS, stageState } from '../update/run-carried.ts';
import { startGateway, stopGateway, stopState } from '../update/stop-and-start.ts';
import {
  AWAY_MS,
  cleanUp,
  commandState,
  MINUTE_MS,
  machineAddress,
  preflightResult,
  removeStaged,
  runScript,
  SCRIPT_MS,
  scripts,
  snapshotResult,
  type stageResult,
  startResult,
  stopResult,
  type UpdateTools,
} from '../update/update-parts.ts';
import { CARRY_MS, carriedName, carryArchive, carryState } from './carry-archive.ts';
import { keepOwnProgram } from './leave-keys.ts';
import { snapshotState, takeSnapshot } from './take-snapshot.ts';

/** Milliseconds for what asks the server a few questions; the rest is for a network outage. */
const ASK_MS = 10 * MINUTE_MS;

/** Of the task. The server of the task is the one on which it is restored. */
const restoreInput = snapshotRestore.pick({ withCredentials: true, via: true }).extend({
  snapshotId: z.string(),
  /** The server that the snapshot is of. */
  sourceServerId: z.string(),
  /** Where the server was to which the snapshot was sent; null: the task is older than the question. */
  target: machineAddress.nullable().default(null),
  /** A restore waits for agents at work, as an update does. */
  whenBusy: z.literal('wait').default('wait'),
});
type RestoreInput = z.output<typeof restoreInput>;
type RestoreContext<State = unknown> = StepContext<RestoreInput, State>;

/** Of the archive that has come from another server; null: it is of this one. */
const carryResult = z.object({ sha256: z.string() }).nullable();
const proveState = commandState.extend({ isProved: z.boolean().default(false) });

/** Input: `restoreInput`. Result: `SnapshotRestored`, also of one that failed and was rolled back. */
export function createRestoreSnapshotKind(tools: UpdateTools): TaskKind {
  const { gatewayService } = tools;

  /** Its person may have lost a server since, or the right to sign in. Throws AppError `forbidden`. */
  const expectOwner = async (context: RestoreContext): Promise<void> => {
    for (const serverId of new Set([context.input.sourceServerId, serverOf(context)]))
      if (!(await tools.isOwner(context.createdBy, serverId)))
        throw new AppError('forbidden', 'The person who started this does not own the server any more.', {
          hint: 'Only the owner of a server, or of both, may restore a snapshot.',
        });
  };

  /** Its admins may move the server, and what was sent to one machine must not reach another. Throws AppError `conflict`. */
  const expectTarget = async (context: RestoreContext): Promise<void> => {
    const { target } = context.input;
    if (target === null || isDeepStrictEqual(target, await tools.addressOf(serverOf(context)))) return;
    throw new AppError(
      'conflict',
      'The server has another address, account or host key since this was started.',
      {
        hint: 'See who changed that, then restore the snapshot again.',
      },
    );
  };

  const recordOf = async ({ input }: RestoreContext): Promise<SetupSnapshotTable> => {
    const record = await tools.snapshots.find(input.sourceServerId, input.snapshotId);
    if (record !== null) return record;
    throw new AppError('not_found', 'The snapshot was deleted meanwhile.', { hint: 'Choose another one.' });
  };
  const isElsewhere = (context: RestoreContext) => context.input.sourceServerId !== serverOf(context);

  const step = <State = Record<string, never>>(kind: TaskStepKind<RestoreInput, State>): TaskStepKind =>
    taskStep<RestoreInput, State>(kind);

  return {
    type: taskTypes.restoreSnapshot,
    title: 'Restore a snapshot of OpenClaw',
    exclusivePerServer: true,
    exclusiveAs: oneServiceTask,
    noRetry: 'Restore the snapshot again.',
    inputSchema: restoreInput,
    rollback: { stepId: 'rollback', from: 'stop' },
    onEndedEarly: (context) => removeStaged(tools, context),
    steps: [
      step({
        id: 'preflight',
        title: 'Check that a restore can work',
        deadlineMs: ASK_MS,
        async run(context): Promise<z.output<typeof preflightResult>> {
          await expectOwner(context);
          const { version } = await recordOf(context);
          if (!exactVersion.safeParse(version).success)
            throw new AppError('unsupported', 'The snapshot has no version that Buoy understands.');
          const service = await gatewayService.inspect(context);
          const found = await reachServer(context, ASK_MS, (limits) =>
            readPreflight(tools, serverOf(context), { version, via: context.input.via, ...limits }),
          );
          const { facts, via } = await chooseTarget(tools, context, found, version);
          const plan = planOf(facts, 'restore');
          context.output(`From ${plan.from} to ${plan.to}, in ${shown(plan.state)}.\n`);
          return { plan, service, via };
        },
      }),
      step<z.output<typeof snapshotState>>({
        id: 'snapshot',
        title: 'Back up what is there',
        deadlineMs: SCRIPT_MS,
        stateSchema: snapshotState,
        async run(context): Promise<z.output<typeof snapshotResult>> {
          const keeps = context.input.snapshotId;
          const { id } = await takeSnapshot(tools, context, { reason: 'restore', keeps });
          if (id === null)
            context.output(
              'What is there cannot be backed up. Its folder alone is kept when the restore is done.\n',
            );
          return { id };
        },
      }),
      step<z.output<typeof carryState>>({
        id: 'carry',
        title: 'Carry the archive from its server',
        deadlineMs: CARRY_MS,
        stateSchema: carryState,
        async run(context) {
          if (!isElsewhere(context)) return skipped('The archive is on this server.', null);
          const { sourceServerId, withCredentials } = context.input;
          if (!context.resumed)
            context.output(
              'The server of the snapshot leaves out its own keys itself, so Buoy cannot compare what arrives with the checksum of the snapshot.\n',
            );
          return carryArchive(tools, context, {
            ...{ archive: await recordOf(context), sourceServerId, withCredentials },
            async expectAllowed() {
              await expectOwner(context);
              await expectTarget(context);
            },
          });
        },
      }),
      step<z.output<typeof stageState>>({
        id: 'stage',
        title: 'Unpack the snapshot, and install its version beside the present one',
        deadlineMs: STAGE_MS,
        stateSchema: stageState,
        async run(context): Promise<z.output<typeof stageResult>> {
          const { plan, service, via } = context.resultOf('preflight', preflightResult);
          const { id, sha256 } = await recordOf(context);
          const arrived = context.resultOf('carry', carryResult);
          const variables = {
            ARCHIVE: arrived === null ? `${id}.tar.gz` : carriedName(context.taskId),
            SHA256: arrived?.sha256 ?? sha256,
            KEEP_OWN: arrived === null ? '' : keepOwnProgram,
            WITH_CREDENTIALS: context.input.withCredentials ? 'yes' : 'no',
          };
          const { command } = context.state;
          await expectOwner(context);
          if (via === 'server')
            await runScript(tools, context, scripts.stageSnapshot, { state: command, variables });
          else
            await runCarried(tools, context, {
              bring: () => tools.carrier.bringOpenclaw(context, { version: plan.to, nodePath: plan.node }),
              run: (sent) =>
                runScript(tools, context, scripts.stageSnapshotCarried, {
                  ...{ state: command, variables: { ...variables, ...sent } },
                }),
            });
          await untilIdle(tools, context, service);
          await expectSameVersion(tools, context);
          const inventory = service.answers ? await inventoryBefore(tools, context) : null;
          // From here on it is done or undone.
          await expectOwner(context);
          return { inventory };
        },
      }),
      step<z.output<typeof stopState>>({
        id: 'stop',
        title: 'Stop the gateway',
        deadlineMs: SCRIPT_MS,
        stateSchema: stopState,
        run: (context) => stopGateway(tools, context, context.resultOf('preflight', preflightResult).service),
      }),
      step<z.output<typeof commandState>>({
        id: 'swap',
        title: 'Put the snapshot in the place of the present state',
        deadlineMs: SCRIPT_MS,
        stateSchema: commandState,
        run: (context) => runScript(tools, context, scripts.swapState, { state: context.state.command }),
      }),
      step<z.output<typeof commandState>>({
        id: 'start',
        title: 'Start the gateway',
        deadlineMs: AWAY_MS,
        stateSchema: commandState,
        run: (context) =>
          startGateway(tools, context, context.resultOf('preflight', preflightResult).service),
      }),
      step<z.output<typeof proveState>>({
        id: 'prove',
        title: 'Prove that it works',
        deadlineMs: AWAY_MS,
        stateSchema: proveState,
        async run(context): Promise<SnapshotRestored> {
          const { from, to } = context.resultOf('preflight', preflightResult).plan;
          // What was made since the snapshot is gone, as it should be.
          if (!context.state.isProved) await prove(tools, context, to, null);
          context.state.isProved = true;
          await context.saveState();
          const { id } = context.resultOf('snapshot', snapshotResult);
          await cleanUp(tools, context, { state: context.state.command });
          const { readyAtMs } = context.resultOf('start', startResult);
          return {
            ...{ snapshotId: context.input.snapshotId, from, to, rolledBack: false },
            previousSnapshotId: id,
            downtimeMs: readyAtMs - context.resultOf('stop', stopResult).stoppedAtMs,
          };
        },
      }),
      createRollbackStep(tools, {
        isUntouched: () => false,
        resultOf: ({ from, to }, { downtimeMs, snapshotId, rolledBack }, { input }): SnapshotRestored => ({
          ...{ snapshotId: restoreInput.parse(input).snapshotId, from, to, downtimeMs, rolledBack },
          previousSnapshotId: snapshotId,
        }),
      }),
    ],
  };
}
