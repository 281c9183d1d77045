// The task by which a person makes a snapshot: the gateway runs on.
import { newSnapshot, type SnapshotMade, taskTypes } from '@buoy/contract';
import type { z } from 'zod';
import { oneServiceTask } from '../../openclaw/service/gateway-service.ts';
import { reachServer } from '../../tasks/retry-while-unreachable.ts';
import { serverOf, type TaskKind, taskStep } from '../../tasks/task-kind.ts';
import { planOf, readPreflight } from '../update/preflight.ts';
import { MINUTE_MS, type planResult, SCRIPT_MS, type UpdateTools } from '../update/update-parts.ts';
import { snapshotState, takeSnapshot } from './take-snapshot.ts';

type Input = z.output<typeof newSnapshot>;

/** Milliseconds for what asks the server a few questions; the rest is for a network outage. */
const ASK_MS = 10 * MINUTE_MS;

/** Input: the body of its call. Result: `SnapshotMade`. */
export function createMakeSnapshotKind(tools: UpdateTools): TaskKind {
  return {
    type: taskTypes.makeSnapshot,
    title: 'Make a snapshot of OpenClaw',
    exclusivePerServer: true,
    // While an update swaps versions there is nothing whole to back up.
    exclusiveAs: oneServiceTask,
    inputSchema: newSnapshot,
    steps: [
      taskStep<Input>({
        id: 'preflight',
        title: 'Check that a snapshot can be made',
        deadlineMs: ASK_MS,
        async run(context): Promise<z.output<typeof planResult>> {
          const facts = await reachServer(context, ASK_MS, (limits) =>
            readPreflight(tools, serverOf(context), { version: null, ...limits }),
          );
          return { plan: planOf(facts, 'snapshot') };
        },
      }),
      taskStep<Input, z.output<typeof snapshotState>>({
        id: 'snapshot',
        title: 'Back up what is there',
        deadlineMs: SCRIPT_MS,
        stateSchema: snapshotState,
        async run(context): Promise<SnapshotMade> {
          const { note = null } = context.input;
          const { id } = await takeSnapshot(tools, context, { reason: 'manual', note });
          if (id === null) throw new Error('Only a restore goes on without a snapshot.');
          return { snapshotId: id };
        },
      }),
    ],
  };
}
