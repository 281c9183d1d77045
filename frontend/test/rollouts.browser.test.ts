// A rollout on a phone: its plan, its start, and what a person can do while it runs. Its servers do not answer, so their updates wait.
import { type Client, createClient } from '@buoy/contract/client';
import type { Page } from 'playwright-core';
import { beforeEach, describe, expect, it } from 'vitest';
import { addServer, signInByLink } from '../../testbed/buoy-client.ts';
import { openSignInLink } from '../../testbed/open-sign-in-link.ts';
import { browserMissing, phone } from './support/browser.ts';
import { findIssues, noIssues, settled } from './support/page-checks.ts';
import { useWatchedPages } from './support/watched-pages.ts';

const skipReason = browserMissing === '' ? '' : ` (skipped: ${browserMissing})`;

describe.skipIf(browserMissing !== '')(`rollouts in a browser${skipReason}`, () => {
  const { buoy, visit } = useWatchedPages({}, { buoyFor: 'test' });
  let api: Client;

  beforeEach(async () => {
    const token = await signInByLink(buoy());
    api = createClient({ baseUrl: `${buoy().url}/api`, token: () => token });
    for (const name of ['first pot', 'second pot', 'third pot'])
      await addServer(api, {
        ...{ name, host: '127.0.0.1', port: 9, username: 'deploy' },
        ...{ authType: 'password', password: 'never right', tags: name === 'third pot' ? [] : ['prod'] },
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

  it('plans, starts, pauses, resumes and cancels a rollout over the servers with a tag', async () => {
    const page = await open();
    await page.goto(`${buoy().url}/rollouts`);
    await page.getByText('No rollouts yet').waitFor();
    await page.getByRole('link', { name: 'Update several servers' }).click();
    await page.getByRole('button', { name: 'prod · 2' }).click();
    await page.getByText('2 of 3 selected').waitFor();
    await page.getByLabel('OpenClaw version').fill('2026.9.6');
    await expectFlawless(page);

    await press(page, 'Show the plan');
    await page.getByRole('heading', { name: 'Plan: OpenClaw 2026.9.6' }).waitFor();
    await page.getByRole('list', { name: 'Wave 1, canary' }).getByText('first pot').waitFor();
    await page.getByRole('list', { name: 'Wave 2' }).getByText('second pot').waitFor();
    await expectFlawless(page);
    expect((await api('GET /rollouts')).rollouts).toEqual([]);

    await press(page, 'Start the rollout');
    await page.getByRole('heading', { name: 'Rollout of OpenClaw 2026.9.6' }).waitFor();
    await page.getByRole('list', { name: 'Wave 1' }).getByText('Updating').waitFor();
    await expectFlawless(page);
    const [rollout] = (await api('GET /rollouts')).rollouts;
    expect(new URL(page.url()).pathname).toBe(`/rollouts/${rollout?.id}`);

    await press(page, 'Pause');
    await page.getByText('No further update starts.').waitFor();
    await press(page, 'Resume');
    await press(page, 'Cancel rollout');
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel rollout' }).click();
    await page.getByRole('list', { name: 'Wave 2' }).getByText('Skipped').waitFor();
    await expectFlawless(page);
    await page.getByRole('link', { name: 'All rollouts' }).click();
    const row = page.getByRole('list', { name: 'Rollouts' }).getByRole('listitem');
    expect(await row.textContent()).toContain('Cancelled');
    expect((await api('GET /rollouts')).rollouts).toMatchObject([{ status: 'cancelled' }]);
  });

  it('shows at its field what the API refuses, and says when nothing is to do', async () => {
    const page = await open();
    await page.getByRole('button', { name: /, menu$/ }).click();
    await page.getByRole('link', { name: 'Rollouts' }).click();
    await page.getByRole('link', { name: 'Update several servers' }).click();
    await page.getByText('Select at least one server.').waitFor();
    expect(await page.getByRole('button', { name: 'Show the plan' }).isDisabled()).toBe(true);
    await page.getByRole('checkbox', { name: /third pot/ }).check();
    await page.getByLabel('OpenClaw version').fill('2026.9.6');
    await press(page, 'Options');
    await page.getByLabel('Pause between waves').fill('99999');
    await press(page, 'Show the plan');
    await page
      .getByText(/Too big|at most|<=86400/)
      .first()
      .waitFor();
    await page.getByLabel('Pause between waves').fill('0');
    await press(page, 'Show the plan');
    await page.getByRole('heading', { name: /^Plan: OpenClaw/ }).waitFor();
  });
});
