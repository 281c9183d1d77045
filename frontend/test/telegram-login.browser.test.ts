import { afterAll, describe, expect, it } from 'vitest';
import { startFakeTelegramLogin } from '../../testbed/fake-telegram-login.ts';
import { browserMissing, phone } from './support/browser.ts';
import { useWatchedPages } from './support/watched-pages.ts';

const skipReason = browserMissing === '' ? '' : ` (skipped: ${browserMissing})`;
const telegram = await startFakeTelegramLogin();
afterAll(() => telegram.stop());

describe.skipIf(browserMissing !== '')(`“Log in with Telegram” in a browser${skipReason}`, () => {
  const { buoy, visit } = useWatchedPages({
    TELEGRAM_OIDC_CLIENT_ID: telegram.clientId,
    TELEGRAM_OIDC_CLIENT_SECRET: telegram.clientSecret,
    TELEGRAM_OIDC_ISSUER: telegram.issuer,
  });

  it('signs in with one press, clears the address bar, and stays signed in after a reload', async () => {
    const page = await visit({ ...phone, alsoTo: telegram.issuer });
    await page.goto(buoy().url);
    await page.getByRole('button', { name: 'Log in with Telegram' }).click();
    await page.getByRole('heading', { level: 1, name: 'Servers' }).waitFor();
    expect(page.url()).toBe(`${buoy().url}/`);
    expect(await page.getByText('Ada Lovelace').isVisible()).toBe(true);
    await page.reload();
    await page.getByRole('heading', { level: 1, name: 'Servers' }).waitFor();
  });

  it('says when Telegram did not confirm the sign-in, and offers a retry', async () => {
    telegram.exchange = 'refused';
    const page = await visit({ alsoTo: telegram.issuer });
    await page.goto(buoy().url);
    await page.getByRole('button', { name: 'Log in with Telegram' }).click();
    await page.getByText('Telegram did not confirm this sign-in.').waitFor();
    expect(page.url()).toBe(`${buoy().url}/sign-in`);
    telegram.exchange = 'right';
    await page.getByRole('button', { name: 'Log in with Telegram' }).click();
    await page.getByRole('heading', { level: 1, name: 'Servers' }).waitFor();
  });
});
