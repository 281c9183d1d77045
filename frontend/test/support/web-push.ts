// Web push in a browser that reaches no push service: its subscription is given to it, and its messages are delivered by hand.
import type { Page, Worker } from 'playwright-core';
import type { TestSubscription } from '../../../testbed/push-subscription.ts';

declare global {
  /** In the service worker: the notifications that it has shown. */
  var shown: ShownNotification[] | undefined;
}

type ShownNotification = { title: string; body?: string; tag?: string; data?: unknown };
type PushSetup = { subscription: TestSubscription; permission: NotificationPermission };

/** Runs in the page; what it subscribes to is kept by the tab. */
function subscribeWithoutService({ subscription, permission }: PushSetup): void {
  if (!('PushManager' in window)) return;
  const made = {
    ...{ endpoint: subscription.endpoint, options: { applicationServerKey: null } },
    toJSON: () => ({ ...subscription, expirationTime: null }),
    unsubscribe: async () => sessionStorage.removeItem('test.subscribed'),
  };
  Object.assign(PushManager.prototype, {
    subscribe: async () => {
      sessionStorage.setItem('test.subscribed', 'yes');
      return made;
    },
    getSubscription: async () => (sessionStorage.getItem('test.subscribed') === null ? null : made),
  });
  Object.defineProperty(Notification, 'permission', { get: () => permission });
  Notification.requestPermission = async () => permission;
}

/** Options for a page whose browser subscribes to this. */
export function withPush(setup: PushSetup): { prepare(page: Page): Promise<void> } {
  return { prepare: async (page) => void (await page.addInitScript(subscribeWithoutService, setup)) };
}

/** The worker that the page has registered; what it shows is kept instead of shown, as no desktop is here. */
export async function notificationWorker(page: Page): Promise<Worker> {
  const [worker] = page.context().serviceWorkers();
  if (worker === undefined) throw new Error('The page has no service worker.');
  await worker.evaluate(() => {
    const shown: ShownNotification[] = [];
    globalThis.shown = shown;
    const { registration } = globalThis as unknown as { registration: ServiceWorkerRegistration };
    registration.showNotification = async (title, options) => void shown.push({ title, ...options });
  });
  return worker;
}

/** @returns how to deliver the text of a message to the page's worker, as the browser does, and the scope of the worker */
export async function pushDelivery(
  page: Page,
): Promise<{ scopeURL: string; deliver(data: string): Promise<void> }> {
  const devtools = await page.context().newCDPSession(page);
  const registered = new Promise<{ registrationId: string; scopeURL: string }>((resolve) =>
    devtools.on('ServiceWorker.workerRegistrationUpdated', ({ registrations: [first] }) => {
      if (first !== undefined) resolve(first);
    }),
  );
  await devtools.send('ServiceWorker.enable');
  const { registrationId, scopeURL } = await registered;
  const { origin } = new URL(scopeURL);
  return {
    scopeURL,
    deliver: async (data) =>
      void (await devtools.send('ServiceWorker.deliverPushMessage', { origin, registrationId, data })),
  };
}

/** Presses the newest notification that the worker has shown. A press made here may not focus a window, which a person's may. */
export async function pressNotification(worker: Worker): Promise<void> {
  await worker.evaluate(() => {
    const scope = globalThis as unknown as {
      WindowClient: { prototype: { focus(): Promise<unknown> } };
      dispatchEvent(event: Event): boolean;
    };
    scope.WindowClient.prototype.focus = async () => {};
    const press = Object.assign(new Event('notificationclick'), {
      notification: { data: globalThis.shown?.at(-1)?.data, close: () => {} },
      waitUntil: () => {},
    });
    scope.dispatchEvent(press);
  });
}
