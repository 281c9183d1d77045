// The last step of an update of OpenClaw, or of a restore, that failed or was cancelled: the old version and its state come back, and are proved.
import { AppError } from '../../lib/app-error.ts';
import { serverOf, type TaskStepKind, taskStep } from '../../tasks/task-kind.ts';
import { shown } from '../prerequisite-facts.ts';
import type { UpdatePlan } from './preflight.ts';
import { prove } from './prove.ts';
import {
  downtimeUntil,
  type RollbackContext,
  rollbackState,
  startAgain,
  untilUndone,
} from './undo-attempts.ts';
import {
  AWAY_MS,
  cleanUp,
  PARTIAL_EXIT_CODE,
  preflightResult,
  runScript,
  scripts,
  snapshotResult,
  stageResult,
  type UpdateContext,
  type UpdateTools,
} from './update-parts.ts';

const MAKE_ROOM_MS = 30_000;

/** What the task answers whose steps are undone. */
type RollbackResults = {
  /** Whether its plan changes nothing. */
  isUntouched(plan: UpdatePlan): boolean;
  resultOf(
    plan: UpdatePlan,
    done: { downtimeMs: number; snapshotId: string | null; rolledBack: boolean },
    context: UpdateContext,
  ): object;
};

export function createRollbackStep(tools: UpdateTools, results: RollbackResults): TaskStepKind {
  return taskStep({
    id: 'rollback',
    title: 'Go back to what was there if a step fails',
    deadlineMs: AWAY_MS,
    stateSchema: rollbackState,
    run: (context: RollbackContext) => rollBack(tools, results, context),
  });
}

async function rollBack(
  tools: UpdateTools,
  { isUntouched, resultOf }: RollbackResults,
  context: RollbackContext,
): Promise<object> {
  const { state } = context;
  const { plan, service } = context.resultOf('preflight', preflightResult);
  if (isUntouched(plan))
    return resultOf(plan, { downtimeMs: 0, snapshotId: null, rolledBack: false }, context);
  const begin = () => makeRoom(tools, context, `${plan.state}.before-update`);
  await untilUndone(tools, context, { begin }, async (part) => {
    const { exitCode } = await runScript(tools, context, scripts.undo, {
      ...{ state: state.undo, part: `undo-${part}`, onGivenUp: 'leave', expected: PARTIAL_EXIT_CODE },
    });
    state.isPartial = exitCode === PARTIAL_EXIT_CODE;
    tools.onInstalled(serverOf(context));
    await startAgain(tools, context, service, part);
  });
  const readyAtMs = tools.clock.now();
  if (service.answers)
    await prove(tools, context, plan.from, context.resultOf('stage', stageResult).inventory);
  if (state.isPartial)
    throw new AppError('refused', 'Not all of what OpenClaw had could be put back.', {
      hint: `Look in ${shown(plan.state)}.before-update for what is missing, then remove that folder.`,
    });
  const variables = { ROLLED_BACK: 'yes' };
  await cleanUp(tools, context, { state: state.cleanUp, part: 'clean-up', variables });
  const snapshotId = context.resultOf('snapshot', snapshotResult).id;
  const downtimeMs = downtimeUntil(readyAtMs, context);
  return resultOf(plan, { downtimeMs, snapshotId, rolledBack: true }, context);
}

/** A command on the server, and the mark of one that is ended, need a few kilobytes, which a full disk does not have. Throws AppError of the connection. */
async function makeRoom({ ssh }: UpdateTools, context: UpdateContext, kept: string): Promise<void> {
  const { signal, taskId } = context;
  const limits = { deadlineMs: MAKE_ROOM_MS, signal };
  await ssh.script(serverOf(context), 'rm -f -- "$1.$2.room"', [kept, taskId], limits);
}
