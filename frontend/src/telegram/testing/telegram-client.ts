// A fake Telegram client for tests without a browser: a window, received events, and replies.
import type { OutgoingEvents } from '../bridge.ts';

type PostedEvents = {
  [K in keyof OutgoingEvents]: [K, OutgoingEvents[K] extends undefined ? object : OutgoingEvents[K]];
};

export type TestingClient = {
  page: Window;
  /** The received events, oldest first. */
  posted: PostedEvents[keyof OutgoingEvents][];
  /** The data of each event of this name. */
  eventsOf<K extends keyof OutgoingEvents>(name: K): unknown[];
  say(name: string, data?: unknown): void;
  /** Variables of the page's style. */
  style: Map<string, string>;
};

export function createTestingClient(): TestingClient {
  const posted: TestingClient['posted'] = [];
  const style = new Map<string, string>();
  const page = {
    document: {
      documentElement: {
        style: {
          setProperty: (name: string, value: string) => void style.set(name, value),
          removeProperty: (name: string) => void style.delete(name),
        },
        dataset: {},
      },
    },
    addEventListener: () => undefined,
    TelegramWebviewProxy: {
      postEvent: (name: string, json: string) => void posted.push([name, JSON.parse(json)] as never),
    },
    Telegram: { WebView: { receiveEvent: (_name: string, _data: unknown): void => undefined } },
  };
  return {
    page: page as unknown as Window,
    posted,
    eventsOf: (name) => posted.filter(([eventsOf]) => eventsOf === name).map(([, data]) => data),
    say: (name, data) => page.Telegram.WebView.receiveEvent(name, data),
    style,
  };
}
