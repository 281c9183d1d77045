// Notifications to browsers: Web Push (RFC 8030), encrypted for the browser (RFC 8291), signed by this Buoy's key (RFC 8292).
import { createECDH } from 'node:crypto';
import webPush from 'web-push';
import { cutBytes, messageOf } from '../message.ts';
import type { PublicRequest } from '../public-request.ts';
import { isSideNews, type Sender } from '../sender.ts';
import { failureOf, resultOf } from './answers.ts';

/** Seconds for which the push service keeps a message of a browser that is off. */
const TTL_S = 86_400;
/** Bytes of the text. */
const MAX_BODY_BYTES = 2_400;
/** Bytes of the JSON: push services take 4,096 in all (RFC 8030 §7.2), of which encryption needs 103. */
const MAX_PAYLOAD_BYTES = 3_900;
/** The subscription has ended, or was made for another key (RFC 8030 §7.3, RFC 8292 §4.2). */
const GONE = [403, 404, 410];

/** Both in base64url. */
export type VapidKeys = { publicKey: string; privateKey: string };

/** @param secret 32 random bytes, kept for as long as the data: with another key all subscriptions end */
export function vapidKeysOf(secret: Buffer): VapidKeys {
  const pair = createECDH('prime256v1');
  pair.setPrivateKey(secret);
  return { publicKey: pair.getPublicKey().toString('base64url'), privateKey: secret.toString('base64url') };
}

export function createWebPushSender(parts: {
  request: PublicRequest;
  keys: VapidKeys;
  /** Whom the push service writes to about this Buoy: a mailto: or https: URL. */
  contact: string;
  /** As for a message. */
  appUrl: string | null;
}): Sender<'webpush'> {
  const { request, keys, contact, appUrl } = parts;
  return async ({ endpoint, p256dh, auth }, notification, { enteredBy, signal }) => {
    const { kind, alerts } = notification;
    if (isSideNews(kind)) return { outcome: 'skipped' };
    const { title, lines, url, isCritical } = messageOf(notification, appUrl);
    // The same for all messages about one alert: a later one takes the place of the one before, shown or not.
    const tag = kind === 'summary' ? notification.id : (alerts[0]?.alert.id ?? notification.id);
    const path = url === null ? '/' : new URL(url).pathname;
    const payload = payloadOf({ title, body: lines.join('\n'), tag, path, isCritical });
    try {
      const { headers, body } = webPush.generateRequestDetails(
        { endpoint, keys: { p256dh, auth } },
        payload,
        {
          vapidDetails: { subject: contact, ...keys },
          ...{ TTL: TTL_S, urgency: isCritical ? 'high' : 'normal', topic: tag.slice(-32) },
          contentEncoding: 'aes128gcm',
        },
      );
      const answer = await request(endpoint, {
        method: 'POST',
        headers: textHeaders(headers),
        body,
        ...{ enteredBy, signal },
      });
      return resultOf(answer, { host: new URL(endpoint).host, gone: GONE });
    } catch (error) {
      return failureOf(error, signal);
    }
  };
}

/** With less of the body where JSON writes many of its characters as two. */
function payloadOf(message: Readonly<Record<string, string | boolean>> & { body: string }): string {
  const body = cutBytes(message.body, MAX_BODY_BYTES);
  const payload = JSON.stringify({ ...message, body });
  const excess = Buffer.byteLength(payload) - MAX_PAYLOAD_BYTES;
  return excess <= 0
    ? payload
    : JSON.stringify({ ...message, body: cutBytes(body, Buffer.byteLength(body) - excess) });
}

function textHeaders(headers: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}
