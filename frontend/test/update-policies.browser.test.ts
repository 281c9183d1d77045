// Update policies on a phone: made, changed and removed; and what a rollout says while its window is closed.
import { type Client, createClient } from '@buoy/contract/client';
import { weekdays } from '@buoy/contract/constants';
import type { Page } from 'playwright-core';
import { beforeEach, describe, expect, it } from 'vitest';
import { addServer, signInByLink } from '../../testbed/buoy-client.ts';
import { openSignInLink } from '../../testbed/open-sign-in-link.ts';
import { browserMissing, phone } from './support/browser.ts';
import { findIssues, noIssues, settled } from './support/page-checks.ts';
import { useWatchedPages } from './support/watched-pages.ts';

const skipReason = browserMissing === '' ? '' : ` (skipped: ${browserMissing})`;

describe.skipIf(browserMissing !== '')(`update policies in a browser${skipReason}`, () => {
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

  const open = async (): Promise<Page> => {
    const page = await visit(phone);
    await openSignInLink(page, await buoy().newSignInLink());
    await page.getByText('first pot').first().waitFor();
    return page;
  };
  const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();
  const expectFlawless = async (page: Page) => {
    await settled(page);
    expect(await findIssues(page)).toEqual(noIssues);
  };

  it('makes, changes and removes a policy with a pin and a window', async () => {
    const page = await open();
    await page.goto(`${buoy().url}/rollouts`);
    await page.getByRole('link', { name: 'Update policies' }).click();
    await page.getByText('No update policies yet').waitFor();
    await expectFlawless(page);
    await page.getByRole('link', { name: 'Add policy' }).click();
    await page.getByLabel('Tag').fill('prod');
    await page.getByLabel('Pinned version').fill('2026.9.1');
    await page.getByRole('switch', { name: 'Limit rollouts to an update window' }).click();
    await press(page, 'Mon');
    await page.getByText('the next day').waitFor();
    await expectFlawless(page);
    await press(page, 'Save policy');

    const row = page.getByRole('list', { name: 'Update policies' }).getByRole('listitem');
    await row.getByText('Pinned to 2026.9.1').waitFor();
    expect(await row.textContent()).toMatch(/prod1 server.*Mon, Sat, Sun · 22:00–04:00/);
    await expectFlawless(page);
    expect((await api('GET /update-policies')).policies).toMatchObject([
      {
        tag: 'prod',
        pinned: '2026.9.1',
        window: { days: ['mon', 'sat', 'sun'], start: '22:00', end: '04:00' },
      },
    ]);

    await row.getByRole('link').click();
    await page.getByRole('heading', { name: 'Update policy for prod' }).waitFor();
    await page.getByLabel('Pinned version').fill('');
    await press(page, 'Save policy');
    await row.getByText('Any version').waitFor();
    await row.getByRole('link').click();
    await press(page, 'Remove policy');
    await page.getByRole('dialog').getByRole('button', { name: 'Remove policy' }).click();
    await page.getByText('No update policies yet').waitFor();
    expect((await api('GET /update-policies')).policies).toEqual([]);
  });

  it('asks for a day, and leads from a tag with a policy to that one', async () => {
    await api('PUT /update-policies/:tag', { params: { tag: 'prod' }, body: { pinned: '2026.9.1' } });
    const page = await open();
    await page.goto(`${buoy().url}/update-policies/~new`);
    await page.getByRole('switch', { name: 'Limit rollouts to an update window' }).click();
    await press(page, 'Sat');
    await press(page, 'Sun');
    await page.getByText('Select at least one day.').waitFor();
    await page.getByLabel('Tag').fill('prod');
    await page.getByText('There is already a policy for prod.').waitFor();
    expect(await page.getByRole('button', { name: 'Save policy' }).isDisabled()).toBe(true);
    await expectFlawless(page);
  });

  it('says in the plan of a rollout when the window opens, and plans the pin', async () => {
    const inThreeDays = weekdays[(new Date().getUTCDay() + 9) % 7] ?? 'mon';
    await api('PUT /update-policies/:tag', {
      params: { tag: 'prod' },
      body: {
        pinned: '2026.9.1',
        window: { days: [inThreeDays], start: '00:00', end: '00:00', timezone: 'UTC' },
      },
    });
    const page = await open();
    await page.goto(`${buoy().url}/rollouts/new`);
    await page.getByRole('checkbox', { name: /first pot/ }).check();
    await press(page, 'Show the plan');
    await page.getByRole('heading', { name: 'Plan: OpenClaw 2026.9.1' }).waitFor();
    await page.getByText('The update window is closed.').waitFor();
    await expectFlawless(page);
    await press(page, 'Start the rollout');
    await page.getByText(/Next wave at/).waitFor();
    await page.getByRole('list', { name: 'Wave 1' }).getByText('Waiting').waitFor();
    await expectFlawless(page);
  });
});
