// Status pages on a phone: made, changed, given a new link and removed; and what a visitor sees who is not signed in.
import { type Client, createClient } from '@buoy/contract/client';
import type { Page } from 'playwright-core';
import { beforeEach, describe, expect, it } from 'vitest';
import { addServer, signInByLink } from '../../testbed/buoy-client.ts';
import { openSignInLink } from '../../testbed/open-sign-in-link.ts';
import { browserMissing, phone, screens } from './support/browser.ts';
import { findIssues, noIssues, settled } from './support/page-checks.ts';
import { useWatchedPages } from './support/watched-pages.ts';

const skipReason = browserMissing === '' ? '' : ` (skipped: ${browserMissing})`;

describe.skipIf(browserMissing !== '')(`status pages in a browser${skipReason}`, () => {
  const { buoy, visit } = useWatchedPages({}, { buoyFor: 'test' });
  let api: Client;

  beforeEach(async () => {
    const token = await signInByLink(buoy());
    api = createClient({ baseUrl: `${buoy().url}/api`, token: () => token });
    for (const name of ['first pot', 'second pot'])
      await addServer(api, {
        ...{ name, host: '127.0.0.1', port: 9, username: 'deploy' },
        ...{ authType: 'password', password: 'never right', tags: name === 'first pot' ? ['prod'] : [] },
      });
  });

  const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();
  const expectFlawless = async (page: Page) => {
    await settled(page);
    expect(await findIssues(page)).toEqual(noIssues);
  };
  const linkOf = async () => (await api('GET /status-pages')).statusPages[0]?.url ?? '';

  it('makes, changes, renews and removes a page', async () => {
    const page = await visit(phone);
    await openSignInLink(page, await buoy().newSignInLink());
    await page.getByText('first pot').first().waitFor();
    await page.goto(`${buoy().url}/status-pages`);
    await page.getByText('No status pages yet').waitFor();
    await expectFlawless(page);
    await page.getByRole('link', { name: 'Add status page' }).click();
    await page.getByLabel('Title').fill('Our assistants');
    await page.getByLabel('Tag').fill('prod');
    await expectFlawless(page);
    await press(page, 'Save status page');

    await page.getByRole('heading', { name: 'Our assistants' }).waitFor();
    const first = await linkOf();
    await page.getByText(first).waitFor();
    await expectFlawless(page);
    await press(page, 'New link');
    await page.getByRole('dialog').getByRole('button', { name: 'New link' }).click();
    await page.getByText(first).waitFor({ state: 'detached' });
    const second = await linkOf();
    expect(second).not.toBe(first);
    await page.getByText(second).waitFor();

    await page.getByLabel('Servers').selectOption('Chosen servers');
    await page.getByRole('checkbox', { name: 'second pot' }).check();
    await page.getByLabel('Server names').selectOption('Show numbers instead');
    await page.getByLabel('Link works').selectOption('For 30 days from now');
    await expectFlawless(page);
    await press(page, 'Save status page');
    const row = page.getByRole('list', { name: 'Status pages' }).getByRole('listitem');
    await row.getByText('1 server · Not opened yet · Expires').waitFor();
    await expectFlawless(page);
    expect((await api('GET /status-pages')).statusPages).toMatchObject([
      { tag: null, serverIds: [expect.any(String)], names: 'numbered', url: second },
    ]);

    await row.getByRole('link').click();
    await press(page, 'Remove status page');
    await page.getByRole('dialog').getByRole('button', { name: 'Remove status page' }).click();
    await page.getByText('No status pages yet').waitFor();
  });

  it.each(screens)('shows a visitor the status on a %s %s screen', async (colorScheme, _size, options) => {
    const { url } = await api('POST /status-pages', {
      body: { title: '<b>Ours</b> & "yours"', tag: 'prod' },
    });
    const { servers } = await api('GET /servers');
    const id = servers.find(({ name }) => name === 'first pot')?.id ?? '';
    await api('POST /servers/:id/maintenance', { params: { id }, body: { minutes: 60 } });
    const page = await visit({ ...options, colorScheme });
    const calls: string[] = [];
    page.on('request', (request) => {
      const { pathname } = new URL(request.url());
      if (request.resourceType() === 'fetch') calls.push(pathname);
    });
    const shell = await page.goto(url);
    expect(shell?.headers()).toMatchObject({
      ...{
        'x-robots-tag': 'noindex, nofollow',
        'referrer-policy': 'no-referrer',
        'cache-control': 'no-cache',
      },
    });
    await page.getByRole('heading', { name: '<b>Ours</b> & "yours"' }).waitFor();
    await page.getByText('Maintenance in progress').waitFor();
    await page.getByText('first pot: in maintenance until').waitFor();
    await page
      .getByRole('img', { name: 'The last 90 days: 0 without an outage, 0 with one, 90 without checks' })
      .waitFor();
    await expectFlawless(page);
    expect(calls).toEqual([new URL(url).pathname.replace('/status/', '/api/status/')]);
    expect(
      await page.evaluate(() => JSON.stringify([{ ...sessionStorage }, { ...localStorage }])),
    ).not.toContain(new URL(url).pathname.replace('/status/', ''));
  });

  it('updates by itself, and tells a visitor when the link stops working', async () => {
    const { url, statusPage } = await api('POST /status-pages', { body: { title: 'Ours', tag: 'prod' } });
    const page = await visit({ ...phone, locale: 'de-DE' });
    await page.clock.install();
    await page.goto(url);
    await page.getByText('first pot').waitFor();
    const { servers } = await api('GET /servers');
    const id = servers.find(({ name }) => name === 'first pot')?.id ?? '';
    await api('PUT /servers/:id', { params: { id }, body: { name: 'renamed pot' } });
    await page.clock.runFor(61_000);
    await page.getByText('renamed pot').waitFor();
    await api('DELETE /status-pages/:id', { params: { id: statusPage.id } });
    await page.clock.runFor(61_000);
    await page.getByRole('heading', { name: 'Diese Statusseite ist nicht verfügbar' }).waitFor();
    expect(await page.locator('body').textContent()).not.toContain('pot');
    await expectFlawless(page);
  });
});
