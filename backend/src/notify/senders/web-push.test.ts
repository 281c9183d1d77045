import { expect, test } from 'vitest';
import { createPushSubscription } from '../../../../testbed/push-subscription.ts';
import type { Notification } from '../sender.ts';
import { notificationOfAlert, toldAlert } from '../testing/notifications.ts';
import { createWebPushSender, vapidKeysOf } from './web-push.ts';

const sent = async (notification: Notification): Promise<{ text: string; bytes: number }> => {
  const { subscription, open } = createPushSubscription('https://push.example.org/phone');
  const bodies: Buffer[] = [];
  const send = createWebPushSender({
    request: async (_url, { body }) => {
      bodies.push(Buffer.from(body ?? ''));
      return { status: 201, retryAfterMs: null };
    },
    keys: vapidKeysOf(Buffer.alloc(32, 7)),
    contact: 'mailto:buoy@example.org',
    appUrl: 'https://buoy.example.org',
  });
  const { endpoint, keys } = subscription;
  const { signal } = new AbortController();
  const result = await send({ type: 'webpush', endpoint, ...keys }, notification, { enteredBy: '1', signal });
  expect(result).toEqual({ outcome: 'sent' });
  const [body = Buffer.alloc(0)] = bodies;
  return { text: open(body), bytes: body.length };
};

test('fits what a push service takes when JSON writes each character of it as two, and stays readable', async () => {
  const alerts = Array.from({ length: 20 }, () => toldAlert({ cause: '"\\'.repeat(500) }));
  const { text, bytes } = await sent(notificationOfAlert({ kind: 'summary', alerts }));
  expect(bytes).toBeLessThanOrEqual(4_096);
  expect(JSON.parse(text).body).toMatch(/\\.*…$/s);
  expect(Buffer.byteLength(text)).toBeGreaterThan(2_400);
});
