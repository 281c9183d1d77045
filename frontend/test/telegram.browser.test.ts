import { describe, expect, it } from 'vitest';
import { forgeInitData } from '../../testbed/forge-init-data.ts';
import { browserMissing, phone } from './support/browser.ts';
import { useWatchedPages } from './support/watched-pages.ts';

const skipReason = browserMissing === '' ? '' : ` (skipped: ${browserMissing})`;

describe.skipIf(browserMissing !== '')(`the app inside Telegram${skipReason}`, () => {
  const botToken = '123456789:AAFakeTokenForTests_0123456789abcdefghi';
  const { buoy, visit } = useWatchedPages({ TELEGRAM_BOT_TOKEN: botToken, ADMIN_USER_IDS: '42' });

  /** A launch as Telegram's clients make it: a native bridge on the page, and parameters in the fragment. */
  const launch = async (initData: string, events: string[] = []) => {
    const page = await visit({
      ...phone,
      prepare: async (fresh) => {
        await fresh.exposeFunction('toTelegram', (name: string, data: string) =>
          events.push(`${name} ${data}`),
        );
        await fresh.addInitScript(() => {
          Object.assign(window, {
            TelegramWebviewProxy: {
              postEvent: (name: string, data: string) =>
                (window as unknown as { toTelegram(name: string, data: string): void }).toTelegram(
                  name,
                  data,
                ),
            },
          });
        });
      },
    });
    const params = new URLSearchParams({
      tgWebAppData: initData,
      tgWebAppVersion: '9.1',
      tgWebAppPlatform: 'ios',
      tgWebAppThemeParams: JSON.stringify({
        bg_color: '#17212b',
        text_color: '#f5f5f5',
        button_color: '#5288c1',
      }),
    });
    await page.goto(`${buoy().url}/#${params}`);
    return page;
  };

  it('signs the person in, wears Telegram’s colours, and a reload signs in again', async () => {
    const events: string[] = [];
    const initData = forgeInitData({ id: 42, first_name: 'Anna' }, botToken);
    const page = await launch(initData, events);
    await page.getByRole('heading', { level: 1, name: 'Servers' }).waitFor();
    expect(await page.getByText('Anna').isVisible()).toBe(true);
    expect(events).toContain('web_app_ready {}');
    expect(events).toContain('web_app_expand {}');
    expect(await page.evaluate(() => getComputedStyle(document.documentElement).color)).toBe(
      'rgb(245, 245, 245)',
    );

    await page.getByRole('link', { name: 'Add server' }).click();
    await page.getByRole('heading', { level: 1, name: 'Add server' }).waitFor();
    await page.reload();
    await page.getByRole('heading', { level: 1, name: 'Add server' }).waitFor();
    expect(events).toContain('web_app_setup_back_button {"is_visible":true}');
    await page.evaluate(() => {
      const { Telegram } = window as unknown as {
        Telegram: { WebView: { receiveEvent(name: string, data: unknown): void } };
      };
      Telegram.WebView.receiveEvent('back_button_pressed', {});
    });
    await page.getByRole('heading', { level: 1, name: 'Servers' }).waitFor();

    const thief = await launch(initData);
    await thief.getByText('This sign-in was used already.').waitFor();
  });

  it('refuses, in words, what Telegram has not signed', async () => {
    const forged = forgeInitData(
      { id: 42, first_name: 'Mallory' },
      '123456789:AAAnotherTokenAltogether_0123456789abc',
    );
    const page = await launch(forged);
    await page.getByText('Telegram did not sign this sign-in').waitFor();
  });
});
