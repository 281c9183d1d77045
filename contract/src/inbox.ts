// What waits for a decision of the caller, over all servers.
import { z } from 'zod';
import type { Endpoints } from './endpoint.ts';
import { execApproval } from './openclaw/approvals.ts';
import { pairingRequest } from './openclaw/pairing.ts';

const place = { serverId: z.string(), serverName: z.string() };

export const inboxItem = z.discriminatedUnion('type', [
  z.object({ type: z.literal('pairing'), ...place, pairing: pairingRequest }),
  z.object({ type: z.literal('approval'), ...place, approval: execApproval }),
]);
export type InboxItem = z.output<typeof inboxItem>;

export const inboxAnswer = z
  .object({
    /** The oldest first. */
    items: z.array(inboxItem),
    /** Servers that could not be asked, and why. */
    unreachable: z.array(z.object({ ...place, reason: z.string() })),
  })
  .meta({ id: 'Inbox' });
export type Inbox = z.output<typeof inboxAnswer>;

export const inbox = {
  'GET /inbox': {
    summary: 'Pairing requests and commands that wait, on all servers where the caller is admin',
    status: 200,
    response: inboxAnswer,
  },
} as const satisfies Endpoints;
