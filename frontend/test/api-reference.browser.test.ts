import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { openSignInLink } from '../../testbed/open-sign-in-link.ts';
import { browserMissing, phone } from './support/browser.ts';
import { useWatchedPages } from './support/watched-pages.ts';

const skipReason = browserMissing === '' ? '' : ` (skipped: ${browserMissing})`;

describe.skipIf(browserMissing !== '')(`the API reference in a browser${skipReason}`, () => {
  // Each test also ends with no console error, no refused style or script, and no request to another origin.
  const { buoy, visit } = useWatchedPages();

  const openReference = async (page: Page) => {
    await page.goto(`${buoy().url}/api/docs`);
    await page.getByRole('heading', { level: 1, name: /^Buoy/ }).waitFor();
  };

  it('shows every section, and a call with its body and responses', async () => {
    const page = await visit();
    await openReference(page);
    await page.getByRole('link', { name: 'Servers', exact: true }).click();
    await page.getByRole('button', { name: /POST.*\/api\/servers Create server/ }).click();
    await page.getByText('correct horse battery staple').first().waitFor();
    await page.getByText('An API token needs the scope').first().waitFor();
    expect(await page.getByRole('button', { name: /Try it out|Authorize|Execute/ }).count()).toBe(0);
  });

  it('opens in a new tab from the API tokens page', async () => {
    const page = await visit();
    await openSignInLink(page, await buoy().newSignInLink());
    await page.getByRole('heading', { level: 1, name: 'Servers' }).waitFor();
    await page.goto(`${buoy().url}/account/tokens`);
    const opened = page.waitForEvent('popup');
    await page.getByRole('link', { name: 'API reference' }).click();
    const reference = await opened;
    await reference.getByRole('heading', { level: 1, name: /^Buoy/ }).waitFor();
    expect(await reference.evaluate(() => window.opener)).toBeNull();
  });

  it('fits on a phone', async () => {
    const page = await visit(phone);
    await openReference(page);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(overflow).toBeLessThanOrEqual(0);
  });

  it('has no origin, cookie or storage of the app in the browser of a signed-in person', async () => {
    const page = await visit();
    await openSignInLink(page, await buoy().newSignInLink());
    await page.getByRole('heading', { level: 1, name: 'Servers' }).waitFor();
    await openReference(page);
    const reach = await page.evaluate(async () => {
      const attempt = async (what: () => unknown): Promise<string> => {
        try {
          return String(await what());
        } catch (error) {
          return (error as Error).name;
        }
      };
      return {
        origin: window.origin,
        cookies: await attempt(() => document.cookie),
        storage: await attempt(() => localStorage.length),
      };
    });
    expect(reach).toEqual({ origin: 'null', cookies: 'SecurityError', storage: 'SecurityError' });
  });
});
