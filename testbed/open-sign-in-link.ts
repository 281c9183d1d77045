// Signs a page in by a one-time link, as a person does who requested it.
import type { Page } from 'playwright-core';

/** Opens the link and agrees to the question that the app asks first, in whatever language. */
export async function openSignInLink(page: Page, link: string): Promise<void> {
  await page.goto(link);
  await page.getByRole('button', { name: /^(Sign in|Войти|Anmelden)$/ }).click();
  // Until the code was used, or refused.
  await page.waitForURL(({ pathname }) => pathname !== '/sign-in');
}
