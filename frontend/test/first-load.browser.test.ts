// What the first page loads, which matters on slow phones.
import { gzipSync } from 'node:zlib';
import { createClient } from '@buoy/contract/client';
import type { Response } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { addServer, signInByNewLink } from '../../testbed/buoy-client.ts';
import { openSignInLink } from '../../testbed/open-sign-in-link.ts';
import { browserMissing, phone } from './support/browser.ts';
import { useWatchedPages } from './support/watched-pages.ts';

/** Bytes of JavaScript, compressed as a reverse proxy does it. */
const LIMIT = 150 * 1024;

declare global {
  /** Milliseconds since the page was opened until its list was there. */
  var shownAtMs: number | undefined;
}

/** Runs in the page: notes when the heading of the list appears. */
function noteWhenShown(): void {
  const isShown = () => [...document.querySelectorAll('h1')].some((one) => one.textContent === 'Servers');
  new MutationObserver(() => {
    if (globalThis.shownAtMs === undefined && isShown()) globalThis.shownAtMs = performance.now();
  }).observe(document, { childList: true, subtree: true, characterData: true });
}

/** Runs in the page. @returns the addresses of what was requested before the list was there */
function scriptsBeforeShown(): string[] {
  const shownAtMs = globalThis.shownAtMs ?? Number.POSITIVE_INFINITY;
  return performance
    .getEntriesByType('resource')
    .filter(({ startTime }) => startTime <= shownAtMs)
    .map(({ name }) => name);
}

describe.skipIf(browserMissing !== '')('the first load', () => {
  const { buoy, visit } = useWatchedPages();

  it('loads at most 150 KB of JavaScript, and nothing from other origins', async () => {
    // An empty list also loads the form for the first server.
    const token = await signInByNewLink(buoy());
    const api = createClient({ baseUrl: `${buoy().url}/api`, token: () => token });
    const login = { username: 'root', authType: 'password' as const, password: 'x' };
    await addServer(api, { name: 'web', host: '127.0.0.1', port: 1, ...login });
    const page = await visit(phone);
    const scripts: Response[] = [];
    page.on('response', (response) => {
      if (response.request().resourceType() === 'script') scripts.push(response);
    });
    await page.addInitScript(noteWhenShown);
    await openSignInLink(page, await buoy().newSignInLink());
    await page.getByRole('heading', { name: 'Servers', exact: true }).waitFor();
    // Scripts prefetched for the next page do not count, and their loading begins as soon as this one is shown.
    const loadedFirst = new Set(await page.evaluate(scriptsBeforeShown));
    const sizes = await Promise.all(
      scripts
        .filter((script) => loadedFirst.has(script.url()))
        .map(async (script) => gzipSync(await script.body(), { level: 6 }).length),
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
