// Sends a decision and maps its outcome: done, already done, decided otherwise, or too late.
import type { ApprovalDecision, InboxItem, PairingDecision } from '@buoy/contract';
import { ApiError } from '@buoy/contract/client';
import type { Api } from '../../api.ts';

/** What a person can press. */
export type Decision = 'approve' | 'reject' | ApprovalDecision;

/** The decision as earlier answers report it. */
export type Decided = PairingDecision | ApprovalDecision;

export type Outcome =
  /** `note`: what else it has brought about, in the server's words. */
  | { kind: 'done'; decision: Decision; note: string | null }
  | { kind: 'done-before'; decision: Decision }
  /** `at`: ISO 8601, when it is known. */
  | { kind: 'decided-otherwise'; decision: Decided; at: string | null }
  /** The request expired, or was decided elsewhere with an unknown result. */
  | { kind: 'gone'; words: string };

const decidedWords: readonly string[] = [
  'approved',
  'rejected',
  'allow-once',
  'allow-always',
  'deny',
] satisfies Decided[];

/** Which decisions there are about an item, the most harmless way to say yes first. */
export function decisionsOn(item: InboxItem): readonly Decision[] {
  if (item.type === 'pairing') return ['approve', 'reject'];
  const order: ApprovalDecision[] = ['allow-once', 'deny', 'allow-always'];
  return order.filter((decision) => item.approval.allowedDecisions.includes(decision));
}

/** Asking twice is harmless: the server remembers. @throws ApiError when nothing could be decided */
export async function decide(api: Pick<Api, 'call'>, item: InboxItem, decision: Decision): Promise<Outcome> {
  try {
    const { already, note } = await send(api, item, decision);
    return already ? { kind: 'done-before', decision } : { kind: 'done', decision, note };
  } catch (error) {
    if (!(error instanceof ApiError) || (error.code !== 'conflict' && error.code !== 'not_found'))
      throw error;
    const before = decidedBefore(error.details);
    return before ?? { kind: 'gone', words: error.message };
  }
}

async function send(
  api: Pick<Api, 'call'>,
  item: InboxItem,
  decision: Decision,
): Promise<{ already: boolean; note: string | null }> {
  const { serverId: id } = item;
  if (item.type === 'pairing') {
    const request = { params: { id, requestId: item.pairing.id } };
    return decision === 'approve'
      ? api.call('POST /servers/:id/openclaw/pairing/:requestId/approve', request)
      : api.call('POST /servers/:id/openclaw/pairing/:requestId/reject', request);
  }
  if (decision === 'approve' || decision === 'reject')
    throw new Error(`A command is allowed or denied, it cannot be told "${decision}".`);
  const { already } = await api.call('POST /servers/:id/openclaw/approvals/:approvalId/resolve', {
    params: { id, approvalId: item.approval.id },
    body: { decision },
  });
  return { already, note: null };
}

function decidedBefore(details: unknown): Outcome | null {
  if (typeof details !== 'object' || details === null || !('decision' in details)) return null;
  const { decision } = details;
  if (typeof decision !== 'string' || !decidedWords.includes(decision)) return null;
  const at = 'resolvedAt' in details && typeof details.resolvedAt === 'string' ? details.resolvedAt : null;
  return { kind: 'decided-otherwise', decision: decision as Decided, at };
}
