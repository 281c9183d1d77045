// Telegram sign-in for browser tests, without Telegram.
import type { Page } from 'playwright-core';
import { BOT_TOKEN, forgeInitData } from '../../../testbed/forge-init-data.ts';

/** Signs a person in on a page of Buoy: the cookie is in its profile then. @returns the status of Buoy's answer */
export function signInByTelegram(page: Page, initData: string): Promise<number> {
  return page.evaluate(async (body) => {
    const headers = { 'content-type': 'application/json' };
    return (await fetch('/api/auth/telegram', { method: 'POST', headers, body })).status;
  }, JSON.stringify({ initData }));
}

/** Opens an invite as Berta, who has never been here, and accepts it; Buoy has the bot of the tests. */
export async function acceptAsBerta(page: Page, link: string): Promise<void> {
  await page.goto(link);
  await page.getByText('invites you to').waitFor();
  await signInByTelegram(page, forgeInitData({ id: 501, first_name: 'Berta' }, BOT_TOKEN));
  await page.getByRole('button', { name: 'Try again', exact: true }).click();
  await page.getByRole('button', { name: 'Accept', exact: true }).click();
}
