// What waits for a decision of the caller, over all servers.
import { z } from 'zod';
import type { Endpoints } from './endpoint.ts';
import { execApproval } from './openclaw/approvals.ts';
import { pairingRequest } from './openclaw/pairing.ts';
import { time } from './scalars.ts';

const place = { serverId: z.string(), serverName: z.string() };

export const inboxItem = z.discriminatedUnion('type', [
  z.object({ type: z.literal('pairing'), ...place, pairing: pairingRequest }),
  z.object({ type: z.literal('approval'), ...place, approval: execApproval }),
]);
export type InboxItem = z.output<typeof inboxItem>;

/** A person who has signed in and asks to be let in to this Buoy. */
export const accessRequest = z
  .object({ userId: z.string(), name: z.string(), requestedAt: time })
  .meta({ id: 'AccessRequest' });
export type AccessRequest = z.output<typeof accessRequest>;

export const inboxAnswer = z
  .object({
    /** The oldest first. */
    items: z.array(inboxItem),
    /** For super-admins; empty for everybody else. The oldest first. */
    accessRequests: z.array(accessRequest),
    /** Servers that could not be asked, or on which more waits than is shown here, and why. */
    unreachable: z.array(z.object({ ...place, reason: z.string() })),
  })
  .meta({ id: 'Inbox' });
export type Inbox = z.output<typeof inboxAnswer>;

export const inbox = {
  'GET /inbox': {
    summary:
      'Pairing requests and commands that wait, on all servers where the caller is admin; for super-admins also requests for access',
    status: 200,
    response: inboxAnswer,
  },
} as const satisfies Endpoints;
