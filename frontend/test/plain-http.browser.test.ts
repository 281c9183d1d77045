// Buoy over plain http on a network, where browsers keep no secure cookie.
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { openSignInLink } from '../../testbed/open-sign-in-link.ts';
import { browserMissing, LAN_NAME, phone } from './support/browser.ts';
import { findIssues, noIssues, settled } from './support/page-checks.ts';
import { useWatchedPages, type WatchedPages } from './support/watched-pages.ts';

const NOT_ENCRYPTED = 'This page is not encrypted.';
const servers = (page: Page) => page.getByRole('heading', { name: 'Servers', exact: true });
const banner = (page: Page) => page.getByRole('complementary', { name: NOT_ENCRYPTED });
const onLan = (address: string) => address.replace('127.0.0.1', LAN_NAME);

async function signedInOnLan({ buoy, visit }: WatchedPages): Promise<Page> {
  const page = await visit({ ...phone, alsoTo: onLan(buoy().url) });
  await openSignInLink(page, onLan(await buoy().newSignInLink()));
  await servers(page).waitFor();
  return page;
}

describe.skipIf(browserMissing !== '')('plain http on a network that nobody has allowed', () => {
  const pages = useWatchedPages();

  it('does not keep the sign-in, and the sign-in page says why and what to do', async () => {
    const page = await signedInOnLan(pages);
    await page.reload();
    await page.getByText('reloading signs you out').waitFor();
    await page.getByText('TLS_CERT and TLS_KEY').waitFor();
    await page.getByText('ALLOW_INSECURE_HTTP=1').waitFor();
    expect(await banner(page).count()).toBe(0);
  });

  it('keeps the sign-in without a warning on localhost', async () => {
    const page = await pages.visit();
    await openSignInLink(page, await pages.buoy().newSignInLink());
    await page.reload();
    await servers(page).waitFor();
    expect(await page.getByText('not encrypted').count()).toBe(0);
  });
});

describe.skipIf(browserMissing !== '')('plain http on a network, with ALLOW_INSECURE_HTTP=1', () => {
  const pages = useWatchedPages({ ALLOW_INSECURE_HTTP: '1' });

  it('keeps the sign-in, and warns on every page that it is not encrypted', async () => {
    const page = await signedInOnLan(pages);
    await page.reload();
    await servers(page).waitFor();
    for (const path of ['/', '/account', '/admin', '/servers/add']) {
      await page.goto(`${onLan(pages.buoy().url)}${path}`);
      await banner(page).waitFor();
      await settled(page);
      expect(await findIssues(page)).toEqual(noIssues);
    }
    await page.getByText('Others on the network can read').waitFor();
  });

  it('warns on the sign-in page, too', async () => {
    const page = await pages.visit({ alsoTo: onLan(pages.buoy().url) });
    await page.goto(`${onLan(pages.buoy().url)}/sign-in`);
    await page.getByRole('heading', { name: 'Sign in to Buoy' }).waitFor();
    await banner(page).waitFor();
  });

  it('shows no warning on localhost', async () => {
    const page = await pages.visit();
    await openSignInLink(page, await pages.buoy().newSignInLink());
    await servers(page).waitFor();
    expect(await banner(page).count()).toBe(0);
  });
});
