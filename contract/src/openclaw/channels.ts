// The chat channels of a server's OpenClaw: how each account is, and starting and stopping it.
import { z } from 'zod';
import type { Endpoints } from '../endpoint.ts';
import { id, idParams, line, time } from '../scalars.ts';
import { readOf } from './read.ts';
import { channelState } from './status.ts';

export const channel = z
  .object({
    /** `telegram`, `slack` … */
    id: z.string(),
    account: z.string(),
    /** What OpenClaw calls the account, else the channel. */
    name: z.string().nullable(),
    enabled: z.boolean().nullable(),
    configured: z.boolean().nullable(),
    state: channelState,
    error: z.string().nullable(),
    startedAt: time.nullable(),
    /** The last message in or out. */
    lastActivityAt: time.nullable(),
  })
  .meta({ id: 'Channel' });
export type Channel = z.output<typeof channel>;

const channelParams = z.strictObject({ id, channelId: id });
/** Needed only where the channel has several accounts. */
const channelBody = z.strictObject({ account: line(128).optional() });
/** `note`: what OpenClaw has not done yet, in words. */
const channelChange = z.object({ channel, note: z.string().nullable() });

export const openclawChannelsEndpoints = {
  'GET /servers/:id/openclaw/channels': {
    summary: 'The accounts of all chat channels and how they are',
    params: idParams,
    status: 200,
    response: readOf({ channels: z.array(channel) }),
  },
  'POST /servers/:id/openclaw/channels/:channelId/start': {
    summary: 'Start a channel',
    params: channelParams,
    body: channelBody,
    status: 200,
    response: channelChange,
  },
  'POST /servers/:id/openclaw/channels/:channelId/stop': {
    summary: 'Stop a channel; it may take 10 seconds',
    params: channelParams,
    body: channelBody,
    status: 200,
    response: channelChange,
  },
} as const satisfies Endpoints;
