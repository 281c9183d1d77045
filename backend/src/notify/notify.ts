// Builds what tells people of alerts: their channels, a sender for each kind, and the dispatcher. The entry point for the wiring.
import { type NotificationChannelState, notificationChannelState } from '@buoy/contract';
import { Api } from 'grammy/web';
import { type Clock, isoTime } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import type { AddressLookup } from '../ssh/address-lookup.ts';
import type { AddressPolicy } from '../ssh/address-policy.ts';
import type { Vault } from '../vault/vault.ts';
import type { ChannelStore } from './channels.store.ts';
import { createNotificationChannels, type NotificationChannels } from './channels.ts';
import type { DeliveryStore } from './deliveries.store.ts';
import { createDispatcher, type Dispatcher, type HoldBack } from './dispatcher.ts';
import type { HeldBackStore } from './held-back.store.ts';
import type { MonitorNoticeStore } from './monitor-notices.store.ts';
import { createMonitorNotices } from './monitor-notices.ts';
import { createMonitorWatch, type MonitorWatch } from './monitor-watch.ts';
import type { OutboxStore } from './outbox.store.ts';
import type { PrefsByUser } from './prefs.ts';
import { createPublicRequest } from './public-request.ts';
import type { ReminderStore } from './reminders.store.ts';
import { createSendToChannel } from './send-to-channel.ts';
import type { Senders } from './sender.ts';
import { createMailer } from './senders/email.ts';
import { createTelegramSender } from './senders/telegram.ts';
import { createChatCheck } from './senders/telegram-chats.ts';
import { createWebPushSender, vapidKeysOf } from './senders/web-push.ts';
import { createWebhookSender } from './senders/webhook.ts';

/** Whom a push service would write to; it must be told somebody. */
const NO_CONTACT = 'mailto:buoy@localhost.invalid';
/** Seconds for one call of the Bot API; grammY's own are 500. */
const CALL_S = 15;

/** What waits, and the channels that are switched on by their state. */
export type NotifyLoad = {
  waiting: { due: number; held: number };
  channels: Record<NotificationChannelState, number>;
};

export type Notify = {
  channels: NotificationChannels;
  dispatcher: Dispatcher;
  monitorWatch: MonitorWatch;
  load(): Promise<NotifyLoad>;
};

/** @param parts.webPushSecret 32 random bytes, kept for as long as the data */
export function createNotify(parts: {
  channelStore: ChannelStore;
  outboxStore: OutboxStore;
  deliveryStore: DeliveryStore;
  heldBackStore: HeldBackStore;
  reminderStore: ReminderStore;
  monitorNoticeStore: MonitorNoticeStore;
  /** Milliseconds between the beginnings of two rounds of the monitor. */
  monitorIntervalMs: number;
  /** Ends the snoozes that are over; answers how many. */
  endSnoozes: (now: string) => Promise<number>;
  /** Settles the maintenance windows that have ended. */
  settleMaintenance: (holdBack: HoldBack) => Promise<boolean>;
  prefs: PrefsByUser;
  /** Whether no other Buoy uses the database. */
  isAlone: boolean;
  config: {
    appDomain: string | null;
    telegramBotToken: string | null;
    telegramApiRoot: string;
    smtp: { url: string; from: string } | null;
    adminUserIds: ReadonlySet<string>;
  };
  webPushSecret: Buffer;
  /** Whether that person may add servers now. */
  mayAddServers: (userId: string) => Promise<boolean>;
  addressPolicy: AddressPolicy;
  lookup: AddressLookup;
  vault: Vault;
  clock: Clock;
  logger: Logger;
}): Notify {
  const { prefs, config, vault, clock, logger } = parts;
  const { appDomain, telegramBotToken: botToken, smtp } = config;
  const appUrl = appDomain === null ? null : `https://${appDomain}`;
  const request = createPublicRequest({
    ...{ policy: parts.addressPolicy, lookup: parts.lookup, mayReachPrivate: parts.mayAddServers },
  });
  const api =
    botToken === null ? null : new Api(botToken, { apiRoot: config.telegramApiRoot, timeoutSeconds: CALL_S });
  const mailer = smtp === null ? null : createMailer({ smtpUrl: smtp.url, from: smtp.from, appUrl, clock });
  const keys = vapidKeysOf(parts.webPushSecret);
  const contact = smtp === null ? (appUrl ?? NO_CONTACT) : `mailto:${addressIn(smtp.from)}`;
  const senders: Senders = {
    telegram: api === null ? null : createTelegramSender({ api, appUrl }),
    webpush: createWebPushSender({ request, keys, contact, appUrl }),
    email: mailer?.send ?? null,
    webhook: createWebhookSender({ request, appUrl, clock }),
  };
  const send = createSendToChannel({ senders, vault, clock });
  const prefsOf = async (userId: string) => (await prefs.read(userId)).notificationPrefs;
  return {
    channels: createNotificationChannels({
      store: parts.channelStore,
      ...{ senders, send, vault, clock },
      sendCode: mailer?.sendCode ?? null,
      checkChat: api === null ? null : createChatCheck(api),
      webPushKey: keys.publicKey,
    }),
    dispatcher: createDispatcher({
      outbox: parts.outboxStore,
      deliveries: parts.deliveryStore,
      heldBack: parts.heldBackStore,
      reminders: parts.reminderStore,
      endSnoozes: parts.endSnoozes,
      settleMaintenance: parts.settleMaintenance,
      prefsOfAll: prefs.ofAll,
      ...{ prefsOf, send, clock, logger },
      adminUserIds: config.adminUserIds,
      isAlone: parts.isAlone,
    }),
    monitorWatch: createMonitorWatch({
      pass: createMonitorNotices({
        store: parts.monitorNoticeStore,
        deliveries: parts.deliveryStore,
        intervalMs: parts.monitorIntervalMs,
        ...{ prefsOf, send, clock, logger },
      }),
      ...{ clock, logger },
    }),
    async load() {
      const now = isoTime(clock.now());
      const alerts = await parts.deliveryStore.waiting(now);
      const notices = await parts.monitorNoticeStore.waiting(now);
      const channels = { ok: 0, unconfirmed: 0, blocked: 0, failing: 0 };
      for (const { state, channels: count } of await parts.channelStore.countByState())
        channels[notificationChannelState.catch('failing').parse(state)] += count;
      return {
        waiting: { due: alerts.due + notices.due, held: alerts.held + notices.held },
        channels,
      };
    },
  };
}

function addressIn(from: string): string {
  return /<([^<>]+)>$/.exec(from)?.[1] ?? from;
}
