// The last step of an update of OpenClaw that failed or was cancelled: the old version and its state come back, and are proved.
import type { ComponentUpdated } from '@buoy/contract';
import { AppError } from '../../lib/app-error.ts';
import { serverOf, type TaskStepKind, taskStep } from '../../tasks/task-kind.ts';
import { shown } from '../prerequisite-facts.ts';
import { prove } from './prove.ts';
import { downtimeUntil, type RollbackContext, rollbackState, startAgain, untilUndone } from './undo-attempts.ts';
import {
  AWAY_MS,
  cleanUp,
  preflightResult,
  runScript,
  scripts,
  snapshotResult,
  type UpdateContext,
  type UpdateTools,
} from './update-parts.ts';

const MAKE_ROOM_MS = 30_000;

export function createRollbackStep(tools: UpdateTools): TaskStepKind {
  return taskStep({
    id: 'rollback',
    title: 'Go back to the old version if a step fails',
    deadlineMs: AWAY_MS,
    stateSchema: rollbackState,
    run: (context: RollbackContext) => rollBack(tools, context),
  });
}

async function rollBack(tools: UpdateTools, context: RollbackContext): Promise<ComponentUpdated> {
  const { state } = context;
  const { plan, service } = context.resultOf('preflight', preflightResult);
  if (plan.from === plan.to) {
    const result = { component: 'openclaw', from: plan.from, to: plan.to, downtimeMs: 0 } as const;
    return { ...result, snapshotId: null, rolledBack: false };
  }
  await untilUndone(tools, context, async (part) => {
    await makeRoom(tools, context, `${plan.state}.before-update`);
    const { isPartial } = await runScript(tools, context, scripts.undo, {
      ...{ state: state.undo, part: `undo-${part}`, onGivenUp: 'leave' },
    });
    state.isPartial = isPartial;
    tools.onInstalled(serverOf(context));
    await startAgain(tools, context, service, part);
  });
  const readyAtMs = tools.clock.now();
  if (service.answers) await prove(tools, context, plan.from);
  if (state.isPartial)
    throw new AppError('refused', 'Not all of what OpenClaw had could be put back.', {
      hint: `Look in ${shown(plan.state)}.before-update for what is missing, then remove that folder.`,
    });
  const variables = { ROLLED_BACK: 'yes' };
  await cleanUp(tools, context, { state: state.cleanUp, part: 'clean-up', variables });
  return {
    ...{ component: 'openclaw', from: plan.from, to: plan.to, rolledBack: true },
    downtimeMs: downtimeUntil(readyAtMs, context),
    snapshotId: context.resultOf('snapshot', snapshotResult).id,
  };
}

/** A command on the server needs a few kilobytes, which a full disk does not have. Throws AppError of the connection. */
async function makeRoom({ ssh }: UpdateTools, context: UpdateContext, kept: string): Promise<void> {
  const { signal, taskId } = context;
  // A folder without the mark is of a person.
  const script = '[ ! -f "$1/.buoy" ] || rm -rf -- "$1/.room"; rm -rf -- "$1.$2"';
  const limits = { deadlineMs: MAKE_ROOM_MS, signal };
  await ssh.script(serverOf(context), script, [kept, taskId], limits);
}
