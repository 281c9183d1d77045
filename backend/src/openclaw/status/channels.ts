// Puts OpenClaw's many channel flags into the few states that a person needs.
import type { OpenclawStatus } from '@buoy/contract';
import { z } from 'zod';

type Channel = OpenclawStatus['channels'][number];

/** Milliseconds since the epoch. */
const moment = z.number().nonnegative().nullish().catch(undefined);
const flag = z.boolean().optional().catch(undefined);
const account = z.looseObject({
  accountId: z.string().optional().catch(undefined),
  enabled: flag,
  configured: flag,
  running: flag,
  connected: flag,
  lifecycle: z.string().optional().catch(undefined),
  lastError: z.string().nullish().catch(undefined),
  name: z.string().nullish().catch(undefined),
  lastStartAt: moment,
  lastInboundAt: moment,
  lastOutboundAt: moment,
});
export type ChannelAccount = z.output<typeof account>;

/** `channels.status`; a channel without a list of accounts has its flags under `channels`. */
export const channelsStatus = z.looseObject({
  channelOrder: z.array(z.string()).catch([]),
  channelLabels: z.record(z.string(), z.string()).catch({}),
  channels: z.record(z.string(), account).catch({}),
  channelAccounts: z.record(z.string(), z.array(account)).catch({}),
});

/** Characters of an error that are shown; the rest is in the log. */
const MAX_ERROR_LENGTH = 300;

export function presentChannels(answer: z.output<typeof channelsStatus>): Channel[] {
  return channelAccounts(answer).map(({ id, account: one }) => presentChannel(id, one));
}

/** Every account of every channel, in OpenClaw's order. */
export function channelAccounts(
  answer: z.output<typeof channelsStatus>,
): Array<{ id: string; account: ChannelAccount }> {
  const ids = [
    ...new Set([
      ...answer.channelOrder,
      ...Object.keys(answer.channelAccounts),
      ...Object.keys(answer.channels),
    ]),
  ];
  return ids.flatMap((id) => {
    const accounts = answer.channelAccounts[id];
    const list = accounts?.length ? accounts : answer.channels[id] ? [answer.channels[id]] : [];
    return list.map((one) => ({ id, account: one }));
  });
}

export function presentChannel(id: string, one: ChannelAccount): Channel {
  const state = stateOf(one);
  const error = state === 'connected' || !one.lastError ? null : one.lastError;
  return {
    id,
    account: one.accountId ?? 'default',
    state,
    error: error === null ? null : error.slice(0, MAX_ERROR_LENGTH),
  };
}

function stateOf(one: ChannelAccount): Channel['state'] {
  if (one.configured === false) return 'not_configured';
  if (one.enabled === false) return 'disabled';
  if (one.connected) return 'connected';
  if (!one.running) return 'stopped';
  if (one.lifecycle === 'starting') return 'starting';
  // Some channels have no connection to speak of: running is all that they can be.
  return one.connected === undefined ? 'connected' : 'disconnected';
}
