// Maintenance of a server on a phone: started, shown, planned and ended.
import { type Client, createClient } from '@buoy/contract/client';
import type { Page } from 'playwright-core';
import { beforeEach, describe, expect, it } from 'vitest';
import { addServer, signInByLink } from '../../testbed/buoy-client.ts';
import { openSignInLink } from '../../testbed/open-sign-in-link.ts';
import { browserMissing, phone } from './support/browser.ts';
import { findIssues, noIssues, settled } from './support/page-checks.ts';
import { useWatchedPages } from './support/watched-pages.ts';

const skipReason = browserMissing === '' ? '' : ` (skipped: ${browserMissing})`;

describe.skipIf(browserMissing !== '')(`maintenance in a browser${skipReason}`, () => {
  const { buoy, visit } = useWatchedPages({}, { buoyFor: 'test' });
  let api: Client;
  let id: string;

  beforeEach(async () => {
    const token = await signInByLink(buoy());
    api = createClient({ baseUrl: `${buoy().url}/api`, token: () => token });
    ({ id } = await addServer(api, {
      ...{ name: 'first pot', host: '127.0.0.1', port: 9, username: 'deploy' },
      ...{ authType: 'password', password: 'never right', tags: [] },
    }));
  });

  const open = async (): Promise<Page> => {
    const page = await visit(phone);
    await openSignInLink(page, await buoy().newSignInLink());
    await page.getByText('first pot').first().waitFor();
    await page.goto(`${buoy().url}/servers/${id}`);
    await page.getByRole('heading', { name: 'Maintenance' }).waitFor();
    return page;
  };
  const panel = (page: Page) => page.getByRole('region', { name: 'Maintenance' });
  const dialog = (page: Page) => page.getByRole('dialog');
  const windows = async () => (await api('GET /servers/:id/maintenance', { params: { id } })).windows;
  const expectFlawless = async (page: Page) => {
    await settled(page);
    expect(await findIssues(page)).toEqual(noIssues);
  };

  it('starts for four hours, shows until when and by whom, and ends', async () => {
    const page = await open();
    await panel(page).getByText('No maintenance is planned.').waitFor();
    await panel(page).getByRole('button', { name: 'Start maintenance' }).click();
    await dialog(page).getByLabel('How long').selectOption({ label: '4 hours' });
    await dialog(page).getByLabel('Reason (optional)').fill('new disk');
    await expectFlawless(page);
    await dialog(page).getByRole('button', { name: 'Start maintenance' }).click();

    await panel(page)
      .getByText(/^Active until/)
      .waitFor();
    expect(await panel(page).getByRole('listitem').textContent()).toMatch(/new disk.*Set by you/);
    await page.getByText(/^In maintenance until \w+ \d/).waitFor();
    await expectFlawless(page);
    const [window] = await windows();
    expect(window).toMatchObject({ kind: 'once', reason: 'new disk', active: true });

    await panel(page).getByRole('button', { name: 'End maintenance' }).click();
    await dialog(page).getByRole('button', { name: 'End maintenance' }).click();
    await panel(page).getByText('No maintenance is planned.').waitFor();
    expect(await windows()).toEqual([]);
    await page.getByText(/^In maintenance until/).waitFor({ state: 'detached' });
  });

  it('plans it for each week and until a moment, and removes one of them', async () => {
    const page = await open();
    await panel(page).getByRole('button', { name: 'Start maintenance' }).click();
    await dialog(page).getByLabel('How long').selectOption({ label: 'Every week' });
    await dialog(page).getByRole('button', { name: 'Sun', exact: true }).click();
    await dialog(page).getByText('Select at least one day.').waitFor();
    expect(await dialog(page).getByRole('button', { name: 'Set maintenance' }).isDisabled()).toBe(true);
    const tomorrow = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'][new Date().getDay()] ?? 'Mon';
    await dialog(page).getByRole('button', { name: tomorrow, exact: true }).click();
    await expectFlawless(page);
    await dialog(page).getByRole('button', { name: 'Set maintenance' }).click();
    await panel(page)
      .getByText(/02:00–04:00/)
      .waitFor();

    await panel(page).getByRole('button', { name: 'Start maintenance' }).click();
    await dialog(page).getByLabel('How long').selectOption({ label: 'Until a certain time' });
    expect(await dialog(page).getByRole('button', { name: 'Start maintenance' }).isDisabled()).toBe(true);
    const inDays = new Date(Date.now() + 3 * 86_400_000).toISOString().slice(0, 16);
    await dialog(page).getByLabel('Until', { exact: true }).fill(inDays);
    await dialog(page).getByRole('button', { name: 'Start maintenance' }).click();
    await panel(page)
      .getByText(/^Active until/)
      .waitFor();
    await expectFlawless(page);

    await panel(page)
      .getByRole('button', { name: /^Remove maintenance: Active until/ })
      .click();
    await dialog(page).getByRole('button', { name: 'Remove' }).click();
    await panel(page)
      .getByText(/^Active until/)
      .waitFor({ state: 'detached' });
    expect(await windows()).toMatchObject([{ kind: 'weekly', active: false }]);
  });

  it('plans it from one moment to another and by a cron expression', async () => {
    const page = await open();
    await panel(page).getByRole('button', { name: 'Start maintenance' }).click();
    await dialog(page).getByLabel('How long').selectOption({ label: 'From one time to another' });
    const inHours = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString().slice(0, 16);
    await dialog(page).getByLabel('From', { exact: true }).fill(inHours(48));
    await dialog(page).getByLabel('Until', { exact: true }).fill(inHours(24));
    expect(await dialog(page).getByRole('button', { name: 'Set maintenance' }).isDisabled()).toBe(true);
    await dialog(page).getByLabel('Until', { exact: true }).fill(inHours(50));
    await expectFlawless(page);
    await dialog(page).getByRole('button', { name: 'Set maintenance' }).click();
    await panel(page)
      .getByText(/^Next: /)
      .waitFor();

    await panel(page).getByRole('button', { name: 'Start maintenance' }).click();
    await dialog(page).getByLabel('How long').selectOption({ label: 'By a cron expression' });
    await dialog(page).getByLabel('Cron expression').fill('0 25 1 * *');
    await dialog(page).getByRole('button', { name: 'Set maintenance' }).click();
    await dialog(page)
      .getByText(/out of range|invalid/i)
      .first()
      .waitFor();
    await dialog(page).getByLabel('Cron expression').fill('0 3 1 * *');
    await dialog(page).getByLabel('Minutes each time').fill('90');
    await expectFlawless(page);
    await dialog(page).getByRole('button', { name: 'Set maintenance' }).click();
    await panel(page)
      .getByText(/^cron 0 3 1/)
      .waitFor();
    expect((await windows()).map(({ kind }) => kind)).toEqual(['once', 'cron']);
  });
});
