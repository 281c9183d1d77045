// What the first page loads, which matters on slow phones.
import { gzipSync } from 'node:zlib';
import type { Response } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { openSignInLink } from '../../testbed/open-sign-in-link.ts';
import { browserMissing, phone } from './support/browser.ts';
import { useWatchedPages } from './support/watched-pages.ts';

/** Bytes of JavaScript, compressed as a reverse proxy does it. */
const LIMIT = 150 * 1024;

describe.skipIf(browserMissing !== '')('the first load', () => {
  const { buoy, visit } = useWatchedPages();

  it('loads at most 150 KB of JavaScript, and nothing from other origins', async () => {
    const page = await visit(phone);
    const scripts: Response[] = [];
    page.on('response', (response) => {
      if (response.request().resourceType() === 'script') scripts.push(response);
    });
    await openSignInLink(page, await buoy().newSignInLink());
    await page.getByRole('heading', { name: 'Servers', exact: true }).waitFor();
    // Scripts prefetched for the next page do not count.
    const sizes = await Promise.all(
      scripts.map(async (script) => gzipSync(await script.body(), { level: 6 }).length),
    );
    expect(sizes.length).toBeGreaterThan(0);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(LIMIT);
  });

  it('blocks inline scripts by its content security policy', async () => {
    const answer = await fetch(buoy().url);
    const policy = answer.headers.get('content-security-policy') ?? '';
    expect(policy).toMatch(/script-src 'self'(;|$)/);
    expect(policy).not.toContain('unsafe-inline');
  });
});
