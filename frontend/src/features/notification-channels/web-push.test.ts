import { afterEach, describe, expect, it, vi } from 'vitest';
import { subscribe, unsubscribe } from './web-push.ts';

/** The same key in base64url and as the browser keeps it. */
const KEY = 'BPr_-w';
const keyBytes = new Uint8Array([4, 250, 255, 251]).buffer;
const keys = { p256dh: 'public', auth: 'secret' };

/** @param key of the subscription that the browser has; undefined: it has none */
function stubBrowser({ permission = 'granted', key = undefined as ArrayBuffer | undefined } = {}) {
  const calls: string[] = [];
  const subscription = (applicationServerKey: ArrayBuffer) => ({
    endpoint: 'https://push.example.org/1',
    options: { applicationServerKey },
    toJSON: () => ({ keys }),
    unsubscribe: async () => void calls.push('unsubscribe'),
  });
  const pushManager = {
    getSubscription: async () => (key === undefined ? null : subscription(key)),
    subscribe: async (options: object) => {
      calls.push(`subscribe ${JSON.stringify(options)}`);
      return subscription(keyBytes);
    },
  };
  vi.stubGlobal('Notification', {
    requestPermission: async () => {
      calls.push('ask');
      return permission;
    },
  });
  vi.stubGlobal('navigator', {
    serviceWorker: {
      register: async (_url: string, { scope }: { scope: string }) => void calls.push(`register ${scope}`),
      ready: Promise.resolve({ pushManager }),
      getRegistration: async () => (key === undefined ? undefined : { pushManager }),
    },
  });
  return calls;
}

afterEach(() => {
  vi.unstubAllGlobals();
});

const subscribed = [
  'ask',
  'register /',
  `subscribe {"userVisibleOnly":true,"applicationServerKey":"${KEY}"}`,
];

describe('the subscription of this browser', () => {
  it('is made after the person has agreed', async () => {
    const calls = stubBrowser();
    expect(await subscribe(async () => KEY)).toEqual({ endpoint: 'https://push.example.org/1', keys });
    expect(calls).toEqual(subscribed);
  });

  it('replaces one that was made for another key', async () => {
    const calls = stubBrowser({ key: new ArrayBuffer(4) });
    await subscribe(async () => KEY);
    expect(calls).toEqual([...subscribed.slice(0, 2), 'unsubscribe', ...subscribed.slice(2)]);
  });

  it('keeps one that was made for this key', async () => {
    const calls = stubBrowser({ key: keyBytes });
    await subscribe(async () => KEY);
    expect(calls).toEqual(subscribed);
  });

  it.each(['denied', 'default'])('is not made without permission: %s', async (permission) => {
    const calls = stubBrowser({ permission });
    await expect(subscribe(async () => KEY)).rejects.toMatchObject({ name: 'NotAllowedError' });
    expect(calls).toEqual(['ask']);
  });

  it('ends where there is one', async () => {
    const calls = stubBrowser({ key: keyBytes });
    await unsubscribe();
    expect(calls).toEqual(['unsubscribe']);
    stubBrowser();
    await unsubscribe();
  });
});
