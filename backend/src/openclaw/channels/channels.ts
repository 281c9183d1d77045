// The chat channels of a server's OpenClaw: lists their accounts, starts and stops them.
import { type Channel, channel } from '@buoy/contract';
import { z } from 'zod';
import { AppError } from '../../lib/app-error.ts';
import { toldTime } from '../../lib/clock.ts';
import { CHANGE_MS } from '../gateway/deadlines.ts';
import type { Gateways } from '../gateway/gateways.ts';
import { firstOf, nameText, ownValue, withinBounds } from '../reads/bounded.ts';
import type { Answer, Reader } from '../reads/reader.ts';
import { channelAccounts, channelsStatus, presentChannel } from '../status/channels.ts';

/** `openclaw channels list --json`, which needs no gateway. */
const configuredChannels = withinBounds(
  { chat: 100 },
  z.looseObject({
    chat: z
      .record(
        z.string(),
        z.looseObject({ accounts: firstOf(nameText, 20).catch([]), label: nameText.nullable().catch(null) }),
      )
      .catch({}),
  }),
);

/** OpenClaw gives a channel 5 to 10 s to stop and then says that it has not. */
const stopAnswer = z.looseObject({ stopped: z.boolean().catch(true) });
const startAnswer = z.looseObject({ started: z.boolean().catch(true) });

export type ChannelChange = { channel: Channel; note: string | null };
type Target = { channelId: string; account?: string | undefined };

export type Channels = ReturnType<typeof createChannels>;

export function createChannels({ reader, gateways }: { reader: Reader; gateways: Gateways }) {
  async function current(serverId: string, signal: AbortSignal): Promise<Channel[]> {
    const options = { deadlineMs: CHANGE_MS, signal, retry: true };
    return presentAll(await gateways.call(serverId, 'channels.status', {}, channelsStatus, options));
  }

  /** @throws AppError `not_found` for a channel that is not set up, `conflict` when several accounts match */
  async function find(serverId: string, target: Target, signal: AbortSignal): Promise<Channel> {
    const ofChannel = (await current(serverId, signal)).filter(({ id }) => id === target.channelId);
    const [first, ...others] = ofChannel.filter(
      ({ account }) => target.account === undefined || account === target.account,
    );
    if (first === undefined)
      throw new AppError('not_found', 'OpenClaw has no such channel on this server.', {
        hint: 'Set it up in the config first; the list of channels shows the existing ones.',
      });
    if (others.length > 0)
      throw new AppError('conflict', 'This channel has several accounts.', {
        hint: 'Specify the account.',
        details: { accounts: ofChannel.map(({ account }) => account) },
      });
    return first;
  }

  return {
    /** Without a gateway the host shows the configured channels, none of which runs. */
    list(serverId: string, { signal }: { signal: AbortSignal }): Promise<Answer<{ channels: Channel[] }>> {
      return reader.read(
        serverId,
        {
          what: 'channels',
          schema: z.object({ channels: z.array(channel) }),
          fromGateway: async (call) => ({
            channels: presentAll(await call('channels.status', {}, channelsStatus)),
          }),
          fromHost: async (call) => ({
            channels: presentConfigured(await call(['channels', 'list', '--json'], configuredChannels)),
          }),
        },
        { signal },
      );
    },

    async start(serverId: string, target: Target, signal: AbortSignal): Promise<ChannelChange> {
      const { id, account } = await find(serverId, target, signal);
      const { started } = await gateways.call(
        serverId,
        'channels.start',
        { channel: id, accountId: account },
        startAnswer,
        { deadlineMs: CHANGE_MS, signal },
      );
      return {
        channel: await find(serverId, { channelId: id, account }, signal),
        note: started ? null : 'OpenClaw has not started the channel: check its settings and the logs.',
      };
    },

    async stop(serverId: string, target: Target, signal: AbortSignal): Promise<ChannelChange> {
      const { id, account } = await find(serverId, target, signal);
      const { stopped } = await gateways.call(
        serverId,
        'channels.stop',
        { channel: id, accountId: account },
        stopAnswer,
        { deadlineMs: CHANGE_MS, signal },
      );
      return {
        channel: await find(serverId, { channelId: id, account }, signal),
        note: stopped
          ? null
          : 'The channel is stopping, but still busy, usually with a network call. It stops when that ends.',
      };
    },
  };
}

export function presentAll(answer: z.output<typeof channelsStatus>): Channel[] {
  return channelAccounts(answer).map(({ id, account }) => {
    const { state, error, account: accountId } = presentChannel(id, account);
    const lastActivity = Math.max(account.lastInboundAt ?? 0, account.lastOutboundAt ?? 0);
    return {
      id,
      account: accountId,
      name: account.name ?? ownValue(answer.channelLabels, id) ?? null,
      enabled: account.enabled ?? null,
      configured: account.configured ?? null,
      state,
      error,
      startedAt: toldTime(account.lastStartAt),
      lastActivityAt: toldTime(lastActivity),
    };
  });
}

function presentConfigured({ chat }: z.output<typeof configuredChannels>): Channel[] {
  return Object.entries(chat).flatMap(([id, { accounts, label }]) =>
    accounts.map((account) => ({
      id,
      account,
      name: label,
      enabled: null,
      configured: true,
      state: 'stopped' as const,
      error: 'The gateway does not answer.',
      startedAt: null,
      lastActivityAt: null,
    })),
  );
}
