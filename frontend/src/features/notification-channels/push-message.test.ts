import { describe, expect, it } from 'vitest';
import { appUrl, appWindow, pushMessage } from './push-message.ts';

const ORIGIN = 'https://buoy.example.org';
const UNREADABLE = 'Open Buoy.';
const sent = {
  ...{ title: '🔴 web: Gateway is down', body: 'out of memory\nSince 3 May', tag: 'alt_1' },
  ...{ path: '/servers/srv_1', isCritical: true },
};
const shown = (payload: unknown) => pushMessage(JSON.stringify(payload), UNREADABLE);
const neutral = {
  title: 'Buoy',
  options: {
    ...{ body: UNREADABLE, requireInteraction: false, renotify: false },
    data: '/',
  },
};

describe('a push message', () => {
  it('shows what Buoy has sent, and stays when it is critical', () => {
    expect(shown(sent)).toEqual({
      title: sent.title,
      options: {
        ...{ body: sent.body, tag: 'alt_1', requireInteraction: true, renotify: true },
        data: '/servers/srv_1',
      },
    });
  });

  it('goes away by itself when it is not critical', () => {
    const { options } = shown({ ...sent, isCritical: false });
    expect(options).toMatchObject({ tag: 'alt_1', requireInteraction: false, renotify: false });
  });

  it.each([undefined, '', 7, null])('replaces nothing without a tag: %j', (tag) => {
    const { options } = shown({ ...sent, tag });
    expect(options).not.toHaveProperty('tag');
    expect(options.renotify).toBe(false);
  });

  it.each([
    null,
    '',
    'not JSON',
    '{"title":',
    'null',
    '7',
    '"title"',
    '[]',
    '{}',
    '{"title":"","body":"x"}',
    '{"title":{},"body":"x"}',
    '{"title":"x"}',
    '{"title":"x","body":7}',
    '{"__proto__":{"title":"x","body":"x"}}',
  ])('is a neutral sentence when it cannot be read: %s', (payload) => {
    expect(pushMessage(payload, UNREADABLE)).toEqual(neutral);
  });
});

describe('the page of a push message', () => {
  it.each(['/', '/alerts', '/servers/srv_1?tab=now', '/a%20b'])('is a path of the app: %s', (path) => {
    expect(appUrl(path, ORIGIN)).toBe(`${ORIGIN}${path}`);
  });

  it.each([
    undefined,
    null,
    7,
    {},
    '',
    'alerts',
    '//evil.example',
    '//buoy.example.org/alerts',
    '/\\buoy.example.org/alerts',
    '/\\evil.example',
    '/\t/evil.example',
    '\t//evil.example',
    '\\/evil.example',
    'https://evil.example/',
    'javascript:alert(1)',
  ])('is the first page for anything else: %j', (path) => {
    expect(appUrl(path, ORIGIN)).toBe(`${ORIGIN}/`);
  });

  it('never leads to another host, however it is written', () => {
    for (const path of [
      '/.//evil.example',
      '/..//evil.example',
      '/@evil.example',
      '/:80',
      '/%2f/evil.example',
    ])
      expect(new URL(appUrl(path, ORIGIN)).origin).toBe(ORIGIN);
  });
});

describe('the window for a push message', () => {
  const at = (path: string) => ({ url: `${ORIGIN}${path}` });

  it('is the one that was used last', () => {
    const windows = [at('/servers/srv_1'), at('/')];
    expect(appWindow(windows)).toBe(windows[0]);
  });

  it('is not the API reference', () => {
    const windows = [at('/api/docs'), at('/alerts')];
    expect(appWindow(windows)).toBe(windows[1]);
    expect(appWindow([at('/api/docs')])).toBe(undefined);
    expect(appWindow([])).toBe(undefined);
  });
});
