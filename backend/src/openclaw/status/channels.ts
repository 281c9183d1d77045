// Maps OpenClaw's many channel flags to the few states that a person needs.
import type { OpenclawStatus } from '@buoy/contract';
import { z } from 'zod';
import { redactText } from '../../lib/redact.ts';
import {
  boundedRecord,
  cut,
  figure,
  firstOf,
  flagOrNull,
  nameOrNull,
  nameText,
  ownValue,
  textOrNull,
  withinBounds,
  wordOrNull,
} from '../reads/bounded.ts';

type Channel = OpenclawStatus['channels'][number];

/** OpenClaw knows some thirty channels, and people have one or two accounts of each. */
export const MAX_CHANNELS = 100;
const MAX_ACCOUNTS = 20;
/** UTF-16 units of the id of a channel, which is the key of an object. */
const MAX_ID = 200;

/** Times are milliseconds since the epoch. */
const account = z.looseObject({
  accountId: nameOrNull,
  enabled: flagOrNull,
  configured: flagOrNull,
  running: flagOrNull,
  connected: flagOrNull,
  lifecycle: wordOrNull,
  lastError: textOrNull(10_000),
  name: nameOrNull,
  lastStartAt: figure,
  lastInboundAt: figure,
  lastOutboundAt: figure,
});
export type ChannelAccount = z.output<typeof account>;

/** `channels.status`; a channel without a list of accounts has its flags under `channels`. */
export const channelsStatus = withinBounds(
  { channels: MAX_CHANNELS, channelAccounts: MAX_CHANNELS },
  z.looseObject({
    channelOrder: firstOf(nameText, MAX_CHANNELS).catch([]),
    channelLabels: boundedRecord(nameText, MAX_CHANNELS).catch({}),
    channels: z.record(z.string(), account).catch({}),
    channelAccounts: z.record(z.string(), firstOf(account, MAX_ACCOUNTS)).catch({}),
  }),
);

/** Characters of an error that are shown; the rest is in the log. */
const MAX_ERROR_LENGTH = 300;
/** UTF-16 units read beyond the cut, so that the head of a secret across it is still recognised. */
const BEYOND_CUT = 1_000;

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
    const accounts = ownValue(answer.channelAccounts, id);
    const channel = ownValue(answer.channels, id);
    const list = accounts?.length ? accounts : channel ? [channel] : [];
    return list.map((one) => ({ id: cut(id, MAX_ID), account: one }));
  });
}

export function presentChannel(id: string, one: ChannelAccount): Channel {
  const state = stateOf(one);
  const error = state === 'connected' || !one.lastError ? null : one.lastError;
  return {
    id,
    account: one.accountId ?? 'default',
    state,
    error: error === null ? null : shownError(error),
  };
}

/** A failed fetch may name the address with the bot's token in it. */
function shownError(error: string): string {
  return cut(redactText(error.slice(0, MAX_ERROR_LENGTH + BEYOND_CUT)), MAX_ERROR_LENGTH);
}

function stateOf(one: ChannelAccount): Channel['state'] {
  if (one.configured === false) return 'not_configured';
  if (one.enabled === false) return 'disabled';
  if (one.connected) return 'connected';
  if (!one.running) return 'stopped';
  if (one.lifecycle === 'starting') return 'starting';
  // Some channels have no connection to speak of: running is all that they can be.
  return one.connected == null ? 'connected' : 'disconnected';
}
