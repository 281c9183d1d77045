// Notifications as webhooks, signed as Standard Webhooks says: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
import { createHmac } from 'node:crypto';
import type { Clock } from '../../lib/clock.ts';
import type { PublicRequest } from '../public-request.ts';
import type { Sender } from '../sender.ts';
import { failureOf, resultOf } from './answers.ts';
import { webhookRequest } from './webhook-templates.ts';

/** 410 means that the receiver wants no more of them; every other failure may pass. */
const GONE = [410];

export function createWebhookSender(parts: {
  request: PublicRequest;
  /** As for a message. */
  appUrl: string | null;
  clock: Pick<Clock, 'now'>;
}): Sender<'webhook'> {
  const { request, appUrl, clock } = parts;
  return async ({ url, template, secret }, notification, { enteredBy, signal }) => {
    const sent = webhookRequest(template, url, notification, appUrl);
    if (sent === null) return { outcome: 'skipped' };
    const timestamp = Math.floor(clock.now() / 1000);
    try {
      const answer = await request(sent.url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'user-agent': 'Buoy',
          'webhook-id': notification.id,
          'webhook-timestamp': String(timestamp),
          'webhook-signature': signatureOf(secret, `${notification.id}.${timestamp}.${sent.body}`),
        },
        body: sent.body,
        ...{ enteredBy, signal },
      });
      return resultOf(answer, { host: new URL(url).host, gone: GONE });
    } catch (error) {
      return failureOf(error, signal);
    }
  };
}

/** @param secret `whsec_` and the key in base64 */
export function signatureOf(secret: string, signed: string): string {
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  return `v1,${createHmac('sha256', key).update(signed, 'utf8').digest('base64')}`;
}
