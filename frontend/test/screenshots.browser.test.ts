// The screenshots of README.md. `npm run screenshots` creates them; other runs check that the pages still show their content.
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { openSignInLink } from '../../testbed/open-sign-in-link.ts';
import { browserMissing, desktop, phone } from './support/browser.ts';
import { settled } from './support/page-checks.ts';
import { pathOf, showPicturedFleet } from './support/pictured-fleet.ts';
import { useWatchedPages } from './support/watched-pages.ts';

const root = path.resolve(import.meta.dirname, '../..');
const skipReason = browserMissing === '' ? '' : ` (skipped: ${browserMissing})`;
const isMaking = process.env.SCREENSHOTS === '1';
const MAX_BYTES = 150_000;
const ROWS_MS = 60_000;

const pictures = { servers: 'docs/servers.png', server: 'docs/server-on-a-phone.png' };

async function take(page: Page, file: string): Promise<void> {
  if (!isMaking) return;
  await page.evaluate(() => document.fonts.ready);
  writeFileSync(path.join(root, file), await page.screenshot({ animations: 'disabled', caret: 'hide' }));
}

describe.skipIf(browserMissing !== '')(`the pictures of README.md${skipReason}`, () => {
  const { buoy, visit } = useWatchedPages();
  const signedIn = async (options: Parameters<typeof visit>[0]) => {
    const page = await visit({
      ...options,
      locale: 'en-GB',
      timezoneId: 'Europe/Berlin',
      colorScheme: 'light',
    });
    await openSignInLink(page, await buoy().newSignInLink());
    await showPicturedFleet(page);
    return page;
  };

  it('shows the server list on a desktop, problems first with their cause', async () => {
    const page = await signedIn(desktop);
    await page.goto(buoy().url);
    await page.getByText('systemd stopped restarting it').waitFor();
    await page.getByRole('heading', { name: 'Unreachable · 1' }).waitFor();
    await page.getByRole('heading', { name: 'prod · 4' }).waitFor();
    // Each row is filled in when its status comes.
    await expect.poll(() => page.getByText('2 channels').count(), { timeout: ROWS_MS }).toBe(7);
    await settled(page);
    await take(page, pictures.servers);
  });

  it('shows gateway, service and channels of a server on a phone', async () => {
    const page = await signedIn({ ...phone, deviceScaleFactor: 1.5 });
    await page.goto(`${buoy().url}${pathOf('bookings')}`);
    await page.getByRole('heading', { level: 1, name: 'bookings' }).waitFor();
    await page.getByRole('heading', { name: 'OpenClaw 2026.9.6' }).waitFor();
    await page.getByText('openclaw-gateway.service').waitFor();
    await settled(page);
    await take(page, pictures.server);
  });

  it.each(Object.values(pictures))('README.md shows %s, and the file is small', (file) => {
    expect(readFileSync(path.join(root, 'README.md'), 'utf8')).toContain(file);
    expect(statSync(path.join(root, file)).size).toBeLessThan(MAX_BYTES);
  });
});
