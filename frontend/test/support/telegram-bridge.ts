// A fake Telegram client around a page: records its events and replies as a client does.
import type { Page } from 'playwright-core';
import { until } from '../../../testbed/until.ts';
import type { PageOptions } from './browser.ts';

const DEADLINE_MS = 15_000;

export type TelegramBridge = {
  /** For `visit`: puts the client around the page. */
  prepare: NonNullable<PageOptions['prepare']>;
  /** The data of each event of this name, oldest first. */
  eventsOf(name: string): unknown[];
  /** Resolves with the newest data of this name once it satisfies `isIt`. */
  waitForEvent<T>(name: string, isIt?: (data: T) => boolean): Promise<T>;
  /** The client says something to the page. */
  say(page: Page, name: string, data?: unknown): Promise<void>;
};

/** @param replies the client's immediate replies to events, by event name */
export function createTelegramBridge(
  replies: Record<string, (data: unknown) => [name: string, data: unknown]> = {},
): TelegramBridge {
  const posted: { name: string; data: unknown }[] = [];
  const eventsOf = (name: string) => posted.filter((event) => event.name === name).map(({ data }) => data);
  const say: TelegramBridge['say'] = (page, name, data = {}) =>
    page.evaluate(
      ([eventName, eventData]) => {
        const { Telegram } = window as unknown as {
          Telegram: { WebView: { receiveEvent(name: unknown, data: unknown): void } };
        };
        Telegram.WebView.receiveEvent(eventName, eventData);
      },
      [name, data],
    );
  return {
    async prepare(page) {
      posted.length = 0;
      await page.exposeFunction('toTelegram', (name: string, json: string) => {
        const data: unknown = JSON.parse(json);
        posted.push({ name, data });
        const reply = replies[name]?.(data);
        // A page that is being left cannot receive events, so failures are ignored.
        if (reply !== undefined) void say(page, ...reply).catch(() => undefined);
      });
      await page.addInitScript(() => {
        const client = window as unknown as { toTelegram(name: string, json: string): void };
        Object.assign(window, {
          TelegramWebviewProxy: { postEvent: (name: string, json: string) => client.toTelegram(name, json) },
        });
      });
    },
    eventsOf,
    async waitForEvent<T>(name: string, isIt: (data: T) => boolean = () => true) {
      const newest = await until(DEADLINE_MS, async () => {
        const data = (eventsOf(name) as T[]).at(-1);
        return data === undefined || !isIt(data) ? null : { data };
      });
      return newest.data;
    },
    say,
  };
}

/** The fragment with which Telegram opens the app. */
export function launchFragment(
  initData: string,
  { version = '9.1', startParam }: { version?: string; startParam?: string } = {},
): string {
  return `#${new URLSearchParams({
    tgWebAppData: initData,
    tgWebAppVersion: version,
    tgWebAppPlatform: 'ios',
    tgWebAppThemeParams: JSON.stringify({
      bg_color: '#17212b',
      secondary_bg_color: '#0e1621',
      text_color: '#f5f5f5',
      button_color: '#5288c1',
    }),
    ...(startParam === undefined ? {} : { tgWebAppStartParam: startParam }),
  })}`;
}
