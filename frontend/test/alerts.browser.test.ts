import { type Client, createClient } from '@buoy/contract/client';
import type { Page } from 'playwright-core';
import { beforeEach, describe, expect, it } from 'vitest';
import { addServer, signInByLink } from '../../testbed/buoy-client.ts';
import { openSignInLink } from '../../testbed/open-sign-in-link.ts';
import { browserMissing, desktop, phone } from './support/browser.ts';
import { useWatchedPages } from './support/watched-pages.ts';

const skipReason = browserMissing === '' ? '' : ` (skipped: ${browserMissing})`;

describe.skipIf(browserMissing !== '')(`alerts in a browser${skipReason}`, () => {
  const { buoy, visit } = useWatchedPages({}, { buoyFor: 'test' });
  let api: Client;

  beforeEach(async () => {
    const token = await signInByLink(buoy());
    api = createClient({ baseUrl: `${buoy().url}/api`, token: () => token });
  });

  /** A server that nothing answers for, and the alert of that. */
  const addLost = async (name: string): Promise<void> => {
    const { id } = await addServer(api, {
      ...{ name, host: '127.0.0.1', port: 9, username: 'deploy' },
      ...{ authType: 'password', password: 'none' },
    });
    const { alerts } = await api('POST /servers/:id/check', { params: { id } });
    expect(alerts.map(({ type }) => type)).toEqual(['connection_failed']);
  };
  const open = async (options: Parameters<typeof visit>[0]): Promise<Page> => {
    const page = await visit(options);
    await openSignInLink(page, await buoy().newSignInLink());
    return page;
  };
  const link = (page: Page, name: string) => page.getByRole('link', { name, exact: true });

  it('shows "No alerts" before any alert fires', async () => {
    const page = await open(desktop);
    await link(page, 'Alerts').click();
    await page.getByRole('heading', { level: 1, name: 'Alerts' }).waitFor();
    await page.getByText('No alerts').waitFor();
  });

  it('shows the count of new alerts on every page, and clears it once the alerts page was opened', async () => {
    await addLost('first');
    const page = await open(phone);
    await link(page, 'Alerts, 1 new').tap();
    const alert = page.getByRole('list', { name: 'Open' }).getByRole('listitem');
    await alert.getByText('Server is unreachable').waitFor();
    expect(await alert.textContent()).toMatch(/Critical.*New.*first.*started.*127\.0\.0\.1:9/s);
    await link(page, 'Alerts').waitFor();
    await alert.getByText('New').waitFor();
    await page.reload();
    await alert.getByText('Server is unreachable').waitFor();
    expect(await alert.getByText('New').count()).toBe(0);
  });

  it('moves acknowledged and snoozed alerts out of the open group', async () => {
    await addLost('first');
    await addLost('second');
    const page = await open(desktop);
    await page.getByText('second').waitFor();
    await page.goto(`${buoy().url}/alerts`);
    const needing = page.getByRole('list', { name: 'Open' });
    const quiet = page.getByRole('list', { name: 'Acknowledged or snoozed' });
    await page.getByRole('button', { name: 'Acknowledge: Server is unreachable, first' }).click();
    await quiet.getByText('Acknowledged', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Snooze: Server is unreachable, second' }).click();
    const question = page.getByRole('dialog', { name: 'Snooze “Server is unreachable” on second?' });
    await question.getByLabel('For').selectOption('8 hours');
    await question.getByRole('button', { name: 'Snooze' }).click();
    await quiet.getByText(/^Snoozed until/).waitFor();
    await needing.waitFor({ state: 'detached' });
    const { alerts } = await api('GET /alerts', {});
    expect(alerts.map(({ status }) => status).sort()).toEqual(['acknowledged', 'snoozed']);
  });

  it('checks a server again on request, and filters alerts by server', async () => {
    await addLost('first');
    await addLost('second');
    const page = await open(desktop);
    await page.getByText('second').waitFor();
    await page.goto(`${buoy().url}/alerts`);
    const seen = page.getByRole('listitem').filter({ hasText: 'first' });
    const words = await seen.getByText(/seen by \d+ check/).textContent();
    const checks = Number(/seen by (\d+)/.exec(words ?? '')?.[1]);
    await page.getByRole('button', { name: 'Check now: first' }).click();
    await seen.getByText(`seen by ${checks + 1} checks`).waitFor();
    await page.getByLabel('Server', { exact: true }).selectOption('second');
    await seen.waitFor({ state: 'detached' });
    await page.getByRole('link', { name: 'Open server second' }).click();
    await page.getByRole('heading', { level: 1, name: 'second' }).waitFor();
  });
});
