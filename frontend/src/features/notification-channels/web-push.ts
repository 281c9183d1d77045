// This browser's subscription to what Buoy pushes: made with the person's permission, kept by the service worker of the app.
import type { NewNotificationChannel } from '@buoy/contract';
import { queryOptions } from '@tanstack/react-query';
import { NOTIFICATION_CHANNELS } from './channel-queries.ts';
import workerUrl from './notification-worker.ts?worker&url';

/** All pages of the app: a press on a notification opens its page in a window that is open already. */
const SCOPE = '/';

type Subscription = Extract<NewNotificationChannel, { type: 'webpush' }>['subscription'];

/** The address at which the push service knows this browser; null: it has not subscribed. */
export function endpointQuery() {
  return queryOptions({
    queryKey: [...NOTIFICATION_CHANNELS, 'endpoint'],
    queryFn: async () => (await currentSubscription())?.endpoint ?? null,
    retry: false,
  });
}

/**
 * Asks the person first, which browsers allow only right after a press.
 * @param publicKey answers Buoy's key, in base64url
 * @throws what the browser throws; `NotAllowedError` also when the person does not agree
 */
export async function subscribe(publicKey: () => Promise<string>): Promise<Subscription> {
  if ((await Notification.requestPermission()) !== 'granted')
    throw new DOMException('The person did not allow notifications.', 'NotAllowedError');
  const applicationServerKey = await publicKey();
  await navigator.serviceWorker.register(workerUrl, { scope: SCOPE });
  const { pushManager } = await navigator.serviceWorker.ready;
  const earlier = await pushManager.getSubscription();
  // A browser keeps one subscription: one that was made for another key must end before.
  if (earlier !== null && base64url(earlier.options.applicationServerKey) !== applicationServerKey)
    await earlier.unsubscribe();
  const made = await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey });
  const { p256dh = '', auth = '' } = made.toJSON().keys ?? {};
  return { endpoint: made.endpoint, keys: { p256dh, auth } };
}

export async function unsubscribe(): Promise<void> {
  await (await currentSubscription())?.unsubscribe();
}

async function currentSubscription(): Promise<PushSubscription | null> {
  const registration = await navigator.serviceWorker.getRegistration(SCOPE);
  return (await registration?.pushManager.getSubscription()) ?? null;
}

function base64url(bytes: ArrayBuffer | null): string {
  const binary = String.fromCharCode(...new Uint8Array(bytes ?? new ArrayBuffer()));
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}
