// Which repair step comes next: the first one follows the cause, the others what was tried already.
import type { RepairStepId } from '@buoy/contract';
import type { GatewayProblem } from '../openclaw/openclaw.ts';

export type TriedStep = { taskId: string; at: string; message: string };

type Cause = Exclude<GatewayProblem['kind'], 'none'> | 'update';

/** Each from the one that mends this cause to those that change more than they need to. */
const orders: Record<Cause, readonly RepairStepId[]> = {
  config: ['config-rollback', 'doctor', 'restart', 'version-rollback'],
  update: ['version-rollback', 'doctor', 'config-rollback', 'restart'],
  start_limit: ['reset-failed', 'doctor', 'config-rollback', 'version-rollback'],
  // A restart clears the start limit as well.
  other: ['restart', 'doctor', 'config-rollback', 'version-rollback'],
};

const reasons: Record<Cause, string> = {
  config: 'The gateway does not start with its config.',
  update: 'The last update of OpenClaw failed, and could not be undone.',
  start_limit: 'It failed too often in a short time, so the service manager no longer starts it.',
  other: 'A restart is the mildest repair.',
};

export function suggestStep({
  problem,
  isUpdateBroken,
  steps,
}: {
  problem: GatewayProblem;
  isUpdateBroken: boolean;
  steps: ReadonlyArray<{ id: RepairStepId; title: string; isPossible: boolean; tried: TriedStep | null }>;
}): { suggested: RepairStepId | null; reason: string } {
  if (problem.kind === 'none') return { suggested: null, reason: 'The gateway works.' };
  const cause = isUpdateBroken ? 'update' : problem.kind;
  const of = new Map(steps.map((step) => [step.id, step]));
  const order = orders[cause].flatMap((id) => of.get(id) ?? []).filter(({ isPossible }) => isPossible);
  const next = order.find(({ tried }) => tried === null);
  const [last] = steps
    .filter(({ tried }) => tried !== null)
    .toSorted((one, other) => (other.tried?.at ?? '').localeCompare(one.tried?.at ?? ''));
  if (last?.tried != null) {
    const before = `“${last.title}” did not help: ${last.tried.message}`;
    return next === undefined
      ? { suggested: null, reason: `${before} No other step is left. Read the log of the gateway.` }
      : { suggested: next.id, reason: before };
  }
  if (next === undefined)
    return { suggested: null, reason: 'No step can run now. Read the log of the gateway.' };
  return {
    suggested: next.id,
    reason: problem.cause === null ? reasons[cause] : `${reasons[cause]} Its log says: ${problem.cause}`,
  };
}
