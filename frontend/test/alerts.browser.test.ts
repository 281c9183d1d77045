import { type Client, createClient } from '@buoy/contract/client';
import type { Page } from 'playwright-core';
import { beforeEach, describe, expect, it } from 'vitest';
import { addServer, signInByLink } from '../../testbed/buoy-client.ts';
import { openSignInLink } from '../../testbed/open-sign-in-link.ts';
import { browserMissing, desktop, phone } from './support/browser.ts';
import { findIssues, noIssues, settled } from './support/page-checks.ts';
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

  it('adds a note to an alert, shows it as the text that it is, and deletes it', async () => {
    await addLost('first');
    const page = await open(phone);
    await page.getByText('first').waitFor();
    await page.goto(`${buoy().url}/alerts`);
    const item = page.getByRole('list', { name: 'Open' }).getByRole('listitem').first();
    await item.getByText('Add a note').click();
    const field = item.getByLabel('New note');
    const add = item.getByRole('button', { name: 'Add note' });
    await field.fill('   ');
    expect(await add.isDisabled()).toBe(true);
    const hostile = '<img src=x onerror=alert(1)> **bold** [x](https://evil.example)\nsecond line';
    await field.fill(hostile);
    await add.click();
    const notes = item.getByRole('list', { name: 'Notes' });
    await notes.getByText('<img src=x').waitFor();
    expect(await notes.locator('p').first().textContent()).toBe(hostile);
    expect(await notes.locator('img, a, strong').count()).toBe(0);
    expect(await field.inputValue()).toBe('');
    await item.getByText('1 note', { exact: true }).waitFor();
    await settled(page);
    expect(await findIssues(page)).toEqual(noIssues);

    // Hidden characters of a note that came by the API are named.
    const [alert] = (await api('GET /alerts', {})).alerts;
    const params = { id: String(alert?.id) };
    await api('POST /alerts/:id/notes', { params, body: { text: 'in\u202evisible' } });
    await page.reload();
    await item.getByText('2 notes', { exact: true }).click();
    await notes.getByTitle(/U\+202E/).waitFor();

    await notes
      .getByRole('button', { name: /^Delete the note by/ })
      .first()
      .click();
    const question = page.getByRole('dialog', { name: 'Delete this note?' });
    await question.getByRole('button', { name: 'Delete' }).click();
    await notes.getByText('second line').waitFor({ state: 'detached' });
    await item.getByText('1 note', { exact: true }).waitFor();
    expect((await api('GET /alerts/:id/notes', { params })).notes.map(({ text }) => text)).toEqual([
      'in\u202evisible',
    ]);
  });
});
