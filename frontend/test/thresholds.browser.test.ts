// Thresholds in the settings of a server, on a phone: for it alone, and for its tags.
import { type Client, createClient } from '@buoy/contract/client';
import type { Page } from 'playwright-core';
import { beforeEach, describe, expect, it } from 'vitest';
import { addServer, signInByLink } from '../../testbed/buoy-client.ts';
import { openSignInLink } from '../../testbed/open-sign-in-link.ts';
import { browserMissing, phone } from './support/browser.ts';
import { findIssues, noIssues, settled } from './support/page-checks.ts';
import { useWatchedPages } from './support/watched-pages.ts';

const skipReason = browserMissing === '' ? '' : ` (skipped: ${browserMissing})`;

describe.skipIf(browserMissing !== '')(`thresholds in a browser${skipReason}`, () => {
  const { buoy, visit } = useWatchedPages({}, { buoyFor: 'test' });
  let api: Client;
  let ids: string[];

  beforeEach(async () => {
    const token = await signInByLink(buoy());
    api = createClient({ baseUrl: `${buoy().url}/api`, token: () => token });
    ids = [];
    for (const name of ['first pot', 'second pot']) {
      const { id } = await addServer(api, {
        ...{ name, host: '127.0.0.1', port: 9, username: 'deploy' },
        ...{ authType: 'password', password: 'never right', tags: ['pots'] },
      });
      ids.push(id);
    }
  });

  const open = async (): Promise<Page> => {
    const page = await visit(phone);
    await openSignInLink(page, await buoy().newSignInLink());
    await page.getByText('first pot').first().waitFor();
    await page.goto(`${buoy().url}/servers/${ids[0]}/settings`);
    await page.getByRole('heading', { name: 'Alert thresholds' }).waitFor();
    return page;
  };
  const panel = (page: Page) => page.getByRole('region', { name: 'Alert thresholds' });
  const field = (page: Page, name: string) => panel(page).getByLabel(name);
  const save = (page: Page) => panel(page).getByRole('button', { name: 'Save thresholds' });
  const held = async (id: string | undefined) =>
    (await api('GET /servers/:id/thresholds', { params: { id: id ?? '' } })).thresholds;
  const expectFlawless = async (page: Page) => {
    await settled(page);
    expect(await findIssues(page)).toEqual(noIssues);
  };

  it('are set for the server and inherited again', async () => {
    const page = await open();
    const warn = field(page, 'Disk or inodes used, warning');
    await panel(page).getByText('Default: 85 %').waitFor();
    expect(await save(page).isDisabled()).toBe(true);
    await warn.fill('much');
    await panel(page).getByText('Enter a number, or leave the field empty.').waitFor();
    expect(await save(page).isDisabled()).toBe(true);
    await warn.fill('97');
    await save(page).click();
    await panel(page)
      .getByText('diskWarnShare (0.97) must be below diskCriticalShare (0.95)')
      .first()
      .waitFor();
    await expectFlawless(page);
    await warn.fill('72.5');
    await field(page, 'Scheduled job is late by').fill('30');
    await save(page).click();
    await panel(page).getByText('Set here').first().waitFor();
    expect(await held(ids[0])).toMatchObject({
      diskWarnShare: { value: 0.725, from: 'server' },
      cronLateS: { value: 1_800, from: 'server' },
    });
    await warn.fill('');
    await save(page).click();
    await panel(page).getByText('Default: 85 %').waitFor();
    expect((await held(ids[0])).diskWarnShare.from).toBe('default');
    await expectFlawless(page);
  });

  it('are set for all servers with a tag, and the server says so', async () => {
    const page = await open();
    await panel(page).getByLabel('Set for').selectOption({ label: 'All servers with the tag “pots”' });
    await panel(page)
      .getByText(/^Applies to 2 servers with this tag/)
      .waitFor();
    await field(page, 'Clock differs from Buoy by').fill('300');
    await save(page).click();
    await panel(page).getByText('Set here').waitFor();
    for (const id of ids) expect((await held(id)).clockSkewS).toMatchObject({ value: 300, from: 'tag' });
    await panel(page).getByLabel('Set for').selectOption({ label: 'This server' });
    await panel(page).getByText('From the tag “pots”: 300 seconds').waitFor();
    await expectFlawless(page);
  });
});
