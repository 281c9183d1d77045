// Where a channel leads and what opens it: sealed in the database, open only on the way to its sender.
import { type NewNotificationChannel, webhookTemplate } from '@buoy/contract';
import { z } from 'zod';
import { newSecret, sha256 } from '../lib/ids.ts';
import type { AssociatedData, Vault } from '../vault/vault.ts';

const settings = z.discriminatedUnion('type', [
  z.object({ type: z.literal('telegram'), chatId: z.string(), threadId: z.number().nullable() }),
  z.object({ type: z.literal('webpush'), endpoint: z.string(), p256dh: z.string(), auth: z.string() }),
  z.object({ type: z.literal('email'), address: z.string() }),
  z.object({
    type: z.literal('webhook'),
    url: z.string(),
    template: webhookTemplate,
    /** `whsec_` and base64: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md */
    secret: z.string(),
  }),
]);
export type ChannelSettings = z.output<typeof settings>;
export type SettingsOf<T extends ChannelSettings['type']> = Extract<ChannelSettings, { type: T }>;

export function channelData(channelId: string): AssociatedData {
  return { table: 'notification_channels', column: 'settings', row: channelId };
}

export function sealSettings(vault: Pick<Vault, 'seal'>, channelId: string, value: ChannelSettings): string {
  return vault.seal(channelData(channelId), JSON.stringify(value));
}

/** Throws AppError `internal` when the vault cannot open it. */
export function openSettings(vault: Pick<Vault, 'open'>, channelId: string, sealed: string): ChannelSettings {
  return settings.parse(JSON.parse(vault.open(channelData(channelId), sealed)));
}

export function settingsOf(channel: NewNotificationChannel): ChannelSettings {
  switch (channel.type) {
    case 'telegram':
      return { type: 'telegram', chatId: channel.chatId, threadId: channel.threadId ?? null };
    case 'webpush': {
      const { endpoint, keys } = channel.subscription;
      return { type: 'webpush', endpoint, p256dh: keys.p256dh, auth: keys.auth };
    }
    case 'email':
      return { type: 'email', address: channel.address };
    case 'webhook': {
      const secret = `whsec_${Buffer.from(newSecret(), 'base64url').toString('base64')}`;
      return { type: 'webhook', url: channel.url, template: channel.template, secret };
    }
  }
}

/** What its person recognizes it by. Of a URL only the host: the rest of it lets anybody send there. */
export function targetOf(value: ChannelSettings): string {
  switch (value.type) {
    case 'telegram':
      return value.threadId === null ? value.chatId : `${value.chatId} / ${value.threadId}`;
    case 'webpush':
      return new URL(value.endpoint).host;
    case 'email':
      return value.address;
    case 'webhook':
      return new URL(value.url).host;
  }
}

/** The same for two channels that lead to the same place. */
export function settingsHash(value: ChannelSettings): string {
  switch (value.type) {
    case 'telegram':
      return sha256(`telegram ${value.chatId} ${value.threadId ?? ''}`);
    case 'webpush':
      return sha256(`webpush ${value.endpoint}`);
    case 'email':
      return sha256(`email ${value.address.toLowerCase()}`);
    case 'webhook':
      return sha256(`webhook ${value.url}`);
  }
}
