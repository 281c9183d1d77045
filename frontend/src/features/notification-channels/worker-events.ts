// The events of the service worker: shows each push message, and opens its page on a press.
import { pickLanguage } from '../../i18n/languages.ts';
import { appUrl, appWindow, type PushMessage, pushMessage } from './push-message.ts';
import { workerTexts } from './worker-texts.ts';

type WorkerEvent = { waitUntil(work: Promise<unknown>): void };
type PushEvent = WorkerEvent & { data: { text(): string } | null };
type PressEvent = WorkerEvent & { notification: { data: unknown; close(): void } };
type AppWindow = { url: string; focus(): Promise<unknown>; navigate(url: string): Promise<unknown> };

/** What of a ServiceWorkerGlobalScope is used here; the types of the browser's pages have none. */
export type WorkerScope = {
  location: { origin: string };
  navigator: { languages: readonly string[] };
  skipWaiting(): Promise<void>;
  clients: {
    claim(): Promise<void>;
    matchAll(options: { type: 'window' }): Promise<readonly AppWindow[]>;
    openWindow(url: string): Promise<unknown>;
  };
  registration: { showNotification(title: string, options: PushMessage['options']): Promise<void> };
  addEventListener(name: 'install' | 'activate', listener: (event: WorkerEvent) => void): void;
  addEventListener(name: 'push', listener: (event: PushEvent) => void): void;
  addEventListener(name: 'notificationclick', listener: (event: PressEvent) => void): void;
};

export function handleWorkerEvents(scope: WorkerScope): void {
  const { clients, location } = scope;
  // It holds nothing that an earlier version still needs: the new one begins at once, also for pages that are open.
  scope.addEventListener('install', (event) => event.waitUntil(scope.skipWaiting()));
  scope.addEventListener('activate', (event) => event.waitUntil(clients.claim()));

  scope.addEventListener('push', (event) => {
    const { unreadable } = workerTexts[pickLanguage(scope.navigator.languages)];
    const { title, options } = pushMessage(event.data?.text() ?? null, unreadable);
    event.waitUntil(scope.registration.showNotification(title, options));
  });

  const open = async (url: string): Promise<void> => {
    // Those that this worker controls: it can lead no others to a page.
    const shown = appWindow(await clients.matchAll({ type: 'window' }));
    if (shown === undefined) {
      await clients.openWindow(url);
      return;
    }
    // First, while the press still counts: the page may ask about unsaved input before it leaves.
    await shown.focus();
    await shown.navigate(url);
  };
  scope.addEventListener('notificationclick', (event) => {
    event.notification.close();
    event.waitUntil(open(appUrl(event.notification.data, location.origin)));
  });
}
