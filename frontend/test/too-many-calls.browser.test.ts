// Rate limits seen from the page: repeated page loads, and calls that must wait.
import { describe, expect, it } from 'vitest';
import { openSignInLink } from '../../testbed/open-sign-in-link.ts';
import { browserMissing } from './support/browser.ts';
import { useWatchedPages } from './support/watched-pages.ts';

describe.skipIf(browserMissing !== '')('a person who is signed in', () => {
  const { buoy, visit } = useWatchedPages({ RATE_LIMIT_AUTH: '10' });

  it('stays signed in at the fifteenth page load of a minute', async () => {
    const page = await visit();
    await openSignInLink(page, await buoy().newSignInLink());
    for (let load = 0; load < 15; load += 1) {
      await page.reload();
      await page.getByRole('heading', { name: 'Servers', exact: true }).waitFor();
    }
  });

  it('sees neither the sign-in page nor an error while a page load is rate-limited', async () => {
    const page = await visit();
    await openSignInLink(page, await buoy().newSignInLink());
    const seen: string[] = [];
    const refused = new Map<string, number>();
    // The first call of each kind is refused, as by a limit that is used up.
    await page.route(/\/api\/(auth\/refresh|servers\/events|me\b|alerts)/, async (route) => {
      const { pathname } = new URL(route.request().url());
      const times = refused.get(pathname) ?? 0;
      refused.set(pathname, times + 1);
      if (times > 0) return route.continue();
      seen.push(await page.evaluate(() => document.body.textContent));
      return route.fulfill({
        status: 429,
        headers: { 'retry-after': '1', 'content-type': 'application/json' },
        body: JSON.stringify({
          error: 'Too many requests: at most 120 a minute.',
          code: 'rate_limited',
          requestId: 'r',
          details: { limit: 120, retryAfterS: 1 },
        }),
      });
    });
    await page.reload();
    await page.getByRole('heading', { name: 'Servers', exact: true }).waitFor();
    await page.getByText('No servers yet').waitFor();
    seen.push(await page.evaluate(() => document.body.textContent));
    expect(refused.get('/api/auth/refresh')).toBeGreaterThan(1);
    for (const text of seen) expect(text).not.toMatch(/Sign in to Buoy|Too many|rate_limited/);
  });
});
