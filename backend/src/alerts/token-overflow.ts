// Which sessions have nearly filled their context. OpenClaw compacts by itself at the end of a turn, so a running one says nothing yet.
import type { OpenclawSession, Thresholds } from '@buoy/contract';
import { type AlertKey, type Condition, condition, firstOf, percent, subjectText } from './condition.ts';

/** Of the context, below the threshold: between them, nothing fires or ends an alert. */
const OVER_SHARE_BELOW = 0.05;

type Judged = { session: OpenclawSession; share: number };

export function overflowing(
  sessions: readonly OpenclawSession[],
  { tokenOverflowShare }: Pick<Thresholds, 'tokenOverflowShare'>,
): {
  active: Condition[];
  undetermined: AlertKey[];
} {
  const filled = sessions
    .map((session) => ({ session, share: shareOf(session) }))
    .filter((one): one is Judged => one.share !== null && one.share >= tokenOverflowShare - OVER_SHARE_BELOW);
  const isSure = ({ session, share }: Judged): boolean =>
    share > tokenOverflowShare && !session.running && !session.tokens.staleSinceCompaction;
  return {
    active: firstOf('token_overflow', filled.filter(isSure), overflowCondition),
    undetermined: filled
      .filter((one) => !isSure(one))
      .map(({ session }) => ({ type: 'token_overflow', subject: subjectText(session.key) })),
  };
}

/** null where OpenClaw does not say how much there is, as after a reset. */
function shareOf({ tokens: { total, context } }: OpenclawSession): number | null {
  return total === null || context === null || context === 0 ? null : total / context;
}

function overflowCondition({ session, share }: Judged): Condition {
  const { key, agentId, model, updatedAt } = session;
  const { total, context } = session.tokens;
  const of = agentId === null ? '' : ` of agent "${agentId}"`;
  const cause = `The session "${key}"${of} has filled ${percent(share)} of its context. Compact or reset it.`;
  const evidence = [
    `Tokens: ${total} of ${context}`,
    model === null ? null : `Model: ${model}`,
    updatedAt === null ? null : `Last change: ${updatedAt}`,
  ].filter((line) => line !== null);
  return condition('token_overflow', 'warning', cause, evidence.join('\n'), key);
}
