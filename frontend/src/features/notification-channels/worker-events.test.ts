import { describe, expect, it } from 'vitest';
import { handleWorkerEvents, type WorkerScope } from './worker-events.ts';
import { workerTexts } from './worker-texts.ts';

const ORIGIN = 'https://buoy.example.org';

/** A worker with these windows open. `calls`: what it had the browser do, in order. */
function startWorker({ windows = [] as string[], languages = ['en-GB'] } = {}) {
  const calls: unknown[][] = [];
  const listeners = new Map<string, (event: never) => void>();
  const call =
    (name: string) =>
    async (...values: unknown[]) =>
      void calls.push([name, ...values]);
  handleWorkerEvents({
    location: { origin: ORIGIN },
    navigator: { languages },
    skipWaiting: call('skipWaiting'),
    clients: {
      claim: call('claim'),
      matchAll: async () =>
        windows.map((path) => ({
          url: `${ORIGIN}${path}`,
          focus: () => call('focus')(path),
          navigate: (url: string) => call('navigate')(path, url),
        })),
      openWindow: call('openWindow'),
    },
    registration: { showNotification: call('showNotification') },
    addEventListener: (name: string, listener: (event: never) => void) => void listeners.set(name, listener),
  } as WorkerScope);
  const dispatch = async (name: string, fields: object = {}) => {
    const work: Array<Promise<unknown>> = [];
    const waitUntil = (one: Promise<unknown>) => void work.push(one);
    listeners.get(name)?.({ ...fields, waitUntil } as never);
    await Promise.all(work);
    return calls;
  };
  return {
    dispatch,
    push: (payload: string | null) =>
      dispatch('push', { data: payload === null ? null : { text: () => payload } }),
    press: (data: unknown) =>
      dispatch('notificationclick', { notification: { data, close: () => void calls.push(['close']) } }),
  };
}

describe('the service worker', () => {
  it('begins at once, also for pages that are open', async () => {
    const { dispatch } = startWorker();
    await dispatch('install');
    expect(await dispatch('activate')).toEqual([['skipWaiting'], ['claim']]);
  });

  it('shows what Buoy has sent', async () => {
    const sent = {
      title: 'web: Gateway is down',
      body: 'x',
      tag: 'alt_1',
      path: '/alerts',
      isCritical: true,
    };
    expect(await startWorker().push(JSON.stringify(sent))).toEqual([
      [
        'showNotification',
        sent.title,
        { body: 'x', tag: 'alt_1', requireInteraction: true, renotify: true, data: '/alerts' },
      ],
    ]);
  });

  it.each([
    ['de-AT', 'de'],
    ['ru', 'ru'],
    ['fr', 'en'],
  ] as const)('shows a neutral sentence for what it cannot read: %s', async (tag, language) => {
    for (const payload of [null, 'not JSON'])
      expect(await startWorker({ languages: [tag] }).push(payload)).toEqual([
        ['showNotification', 'Buoy', expect.objectContaining({ body: workerTexts[language].unreadable })],
      ]);
  });

  it('opens the page in the window that was used last', async () => {
    const { press } = startWorker({ windows: ['/api/docs', '/', '/alerts'] });
    expect(await press('/servers/srv_1')).toEqual([
      ['close'],
      ['focus', '/'],
      ['navigate', '/', `${ORIGIN}/servers/srv_1`],
    ]);
  });

  it('opens a window when the app has none', async () => {
    expect(await startWorker().press('/alerts')).toEqual([['close'], ['openWindow', `${ORIGIN}/alerts`]]);
  });

  it.each([null, undefined, '//evil.example', { path: '/alerts' }])(
    'opens the first page for a foreign path: %j',
    async (data) => {
      expect(await startWorker().press(data)).toEqual([['close'], ['openWindow', `${ORIGIN}/`]]);
    },
  );
});
