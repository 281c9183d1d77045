// Where each person's notifications go: Telegram chats, browsers, e-mail addresses and webhooks.
import { z } from 'zod';
import { alert, alertSeverity, alertType } from './alerts.ts';
import { notificationChannelStates, notificationChannelTypes, webhookTemplates } from './constants.ts';
import type { Endpoints } from './endpoint.ts';
import { id, idParams, line, name, text, time } from './scalars.ts';

export const notificationChannelType = z.enum(notificationChannelTypes);
export const notificationChannelState = z.enum(notificationChannelStates);
export const webhookTemplate = z.enum(webhookTemplates);

export const notificationChannel = z
  .object({
    id,
    type: notificationChannelType,
    label: z.string(),
    /** Where it leads, for its person: an address, a chat, the host of a URL. The rest of a URL is a secret and stays in Buoy. */
    target: z.string(),
    enabled: z.boolean(),
    minSeverity: alertSeverity,
    mutedTypes: z.array(alertType),
    state: notificationChannelState,
    /** Why the last attempt failed; null: it did not. */
    lastError: z.string().nullable(),
    lastSentAt: time.nullable(),
    createdAt: time,
  })
  .meta({ id: 'NotificationChannel' });
export type NotificationChannel = z.output<typeof notificationChannel>;

const label = name(60).optional();
const webUrl = (protocol: RegExp) => z.url({ protocol, normalize: true }).max(1_000);

/** https://core.telegram.org/bots/api#chat: a group, supergroup or channel has a negative id. */
const groupId = z
  .string()
  .regex(/^-[1-9]\d{0,15}$/, { error: 'must be the id of a group or channel, such as -1001234567890' });

export const newNotificationChannel = z
  .discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('telegram'),
      chatId: groupId,
      threadId: z.number().int().min(1).max(2_147_483_647).optional(),
      label,
    }),
    z.strictObject({
      type: z.literal('webpush'),
      /** What `PushManager.subscribe` gives: https://www.w3.org/TR/push-api/#pushsubscription-interface */
      subscription: z.strictObject({
        endpoint: webUrl(/^https$/),
        expirationTime: z.number().nullable().optional(),
        keys: z.strictObject({
          p256dh: z
            .string()
            .regex(/^[A-Za-z0-9_-]{87}=?$/, { error: 'must be a public key of P-256 in base64url' }),
          auth: z.string().regex(/^[A-Za-z0-9_-]{22}(==)?$/, { error: 'must be 16 bytes in base64url' }),
        }),
      }),
      label,
    }),
    z.strictObject({ type: z.literal('email'), address: z.email().max(254), label }),
    z.strictObject({
      type: z.literal('webhook'),
      url: webUrl(/^https?$/),
      template: webhookTemplate.default('json'),
      label,
    }),
  ])
  .meta({ id: 'NewNotificationChannel' });
export type NewNotificationChannel = z.output<typeof newNotificationChannel>;

const oneChannel = z.object({ channel: notificationChannel });

const sent = z.object({ delivered: z.boolean(), error: z.string().nullable() });

export const notificationChannels = {
  'GET /me/notification-channels': {
    summary: 'Where your notifications go, and whether any would reach you',
    rateLimit: 'endable',
    status: 200,
    response: z.object({
      channels: z.array(notificationChannel),
      /** False: nothing would reach you. */
      reachable: z.boolean(),
      nextCursor: z.string().nullable(),
    }),
  },
  'POST /me/notification-channels': {
    summary: 'Add a channel; the secret of a webhook is shown this once',
    cost: 'expensive',
    body: newNotificationChannel,
    // Whoever has them can send to that place.
    secretFields: ['url', 'subscription'],
    status: 201,
    response: z.object({
      channel: notificationChannel,
      /** Signs what a webhook gets: https://github.com/standard-webhooks/standard-webhooks */
      secret: z.string().optional(),
    }),
  },
  'PUT /me/notification-channels/:id': {
    summary: 'Change a channel; what is absent stays',
    params: idParams,
    body: z
      .strictObject({
        label: name(60).optional(),
        enabled: z.boolean().optional(),
        minSeverity: alertSeverity.optional(),
        mutedTypes: z.array(alertType).max(alertType.options.length).optional(),
      })
      .meta({ id: 'NotificationChannelChange' }),
    status: 200,
    response: oneChannel,
  },
  'DELETE /me/notification-channels/:id': {
    summary: 'Remove a channel',
    rateLimit: 'ending',
    params: idParams,
    status: 204,
  },
  'POST /me/notification-channels/:id/confirm': {
    summary: 'Confirm an e-mail address by the code that was mailed to it',
    rateLimit: 'code',
    params: idParams,
    body: z.strictObject({ code: line(16) }),
    status: 200,
    response: oneChannel,
  },
  'POST /me/notification-channels/:id/test': {
    summary: 'Send a test to one channel',
    cost: 'expensive',
    params: idParams,
    status: 200,
    response: sent,
  },
  'POST /me/notification-channels/test': {
    summary: 'Send a test to all of your channels',
    cost: 'expensive',
    status: 200,
    response: z.object({ results: z.array(sent.extend({ channelId: id, type: notificationChannelType })) }),
  },
  'GET /me/webpush-key': {
    summary: 'The public key by which a browser subscribes to what this Buoy sends',
    status: 200,
    response: z.object({ publicKey: text(100) }),
  },
} as const satisfies Endpoints;

/** What a webhook with the template `json` gets. */
export const webhookBody = z
  .object({
    type: z.enum(['alert.firing', 'alert.acknowledged', 'alert.resolved', 'summary', 'test']),
    timestamp: time,
    data: z.object({
      /** null for a summary and a test. */
      alert: alert.nullable(),
      /** All that it is about, the one above among them. */
      alerts: z.array(alert),
      /** null when it is about several servers, or none. */
      server: z.object({ id, name: z.string() }).nullable(),
      /** The page in the app; null without APP_DOMAIN. */
      url: z.string().nullable(),
      /** It was told before, and nobody takes care of it; of a summary: of all that is in it. */
      reminder: z.boolean(),
      /** Only of a summary without alerts: what super-admins are told of Buoy itself. */
      text: z.string().optional(),
    }),
  })
  .meta({ id: 'WebhookBody' });
export type WebhookBody = z.output<typeof webhookBody>;
