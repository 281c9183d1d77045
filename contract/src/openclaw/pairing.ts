// Pairing requests: people who write to a bot for the first time, and devices that want to reach the gateway.
import { z } from 'zod';
import type { Endpoints } from '../endpoint.ts';
import { id, idParams, time } from '../scalars.ts';
import { readOf } from './read.ts';

export const pairingRequest = z
  .object({
    id: z.string(),
    /** `dm`: a person who writes to a bot. */
    kind: z.enum(['dm', 'device']),
    /** null for devices. */
    channel: z.string().nullable(),
    account: z.string().nullable(),
    /** The sender's id on the channel, or the device's id. */
    from: z.object({ id: z.string(), name: z.string().nullable() }),
    /** What the bot told the person; null where OpenClaw does not say. */
    code: z.string().nullable(),
    /** What a device wants; null for people. */
    device: z
      .object({
        client: z.string().nullable(),
        platform: z.string().nullable(),
        remoteIp: z.string().nullable(),
        /** All of its roles, with ", " between them. */
        role: z.string().nullable(),
        scopes: z.array(z.string()),
      })
      .nullable(),
    requestedAt: time.nullable(),
    expiresAt: time.nullable(),
  })
  .meta({ id: 'PairingRequest' });
export type PairingRequest = z.output<typeof pairingRequest>;

export const pairingDecision = z.enum(['approved', 'rejected']);
export type PairingDecision = z.output<typeof pairingDecision>;

const pairingParams = z.strictObject({ id, requestId: id });
const pairingResolved = z.object({
  request: pairingRequest,
  decision: pairingDecision,
  /** It had been resolved in this way before. */
  already: z.boolean(),
  /** What else the decision has brought about, in words. */
  note: z.string().nullable(),
});

export const openclawPairingEndpoints = {
  'GET /servers/:id/openclaw/pairing': {
    summary: 'Pending requests of people and devices to be let in',
    params: idParams,
    status: 200,
    response: readOf({ requests: z.array(pairingRequest) }),
  },
  'POST /servers/:id/openclaw/pairing/:requestId/approve': {
    summary: 'Let a person or a device in',
    params: pairingParams,
    status: 200,
    response: pairingResolved,
  },
  'POST /servers/:id/openclaw/pairing/:requestId/reject': {
    summary: 'Turn a person or a device away',
    params: pairingParams,
    status: 200,
    response: pairingResolved,
  },
} as const satisfies Endpoints;
