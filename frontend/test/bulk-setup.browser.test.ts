// Several servers that do not answer, on a phone: what is said of each, and that no login leaves for them.
import { type Client, createClient } from '@buoy/contract/client';
import type { Page } from 'playwright-core';
import { beforeEach, describe, expect, it } from 'vitest';
import { addServer, signInByLink } from '../../testbed/buoy-client.ts';
import { isLongRun } from '../../testbed/long-run.ts';
import { openSignInLink } from '../../testbed/open-sign-in-link.ts';
import { browserMissing, phone } from './support/browser.ts';
import { findIssues, goWithin, noIssues, settled } from './support/page-checks.ts';
import { useWatchedPages } from './support/watched-pages.ts';

const skipReason = browserMissing === '' ? '' : ` (skipped: ${browserMissing})`;
const PATH = '/servers/new/several';
const PASSWORD = 'never sent anywhere';

describe.skipIf(browserMissing !== '')(`a bulk setup in a browser${skipReason}`, () => {
  const { buoy, visit } = useWatchedPages({}, { buoyFor: 'test' });
  let api: Client;

  beforeEach(async () => {
    const token = await signInByLink(buoy());
    api = createClient({ baseUrl: `${buoy().url}/api`, token: () => token });
  });

  const open = async (options = {}): Promise<Page> => {
    const page = await visit({ ...phone, reducedMotion: 'reduce', ...options });
    await openSignInLink(page, await buoy().newSignInLink());
    await page.locator('main h1').first().waitFor();
    return page;
  };
  const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();
  const field = (page: Page, label: string) => page.getByLabel(label, { exact: true });
  const expectFlawless = async (page: Page) => {
    await settled(page);
    expect(await findIssues(page)).toEqual(noIssues);
  };
  const first = {
    ...{ name: 'first pot', host: '127.0.0.1', port: 9, username: 'deploy' },
    ...{ authType: 'password' as const, password: 'never right' },
  };

  it('names the lines that it cannot read, and adds no server whose host key it could not show', async () => {
    const page = await open();
    await page.goto(`${buoy().url}/servers/new`);
    await page.getByRole('link', { name: 'Add several servers' }).click();
    await page.getByRole('heading', { level: 1, name: 'Add several servers' }).waitFor();
    const lines = field(page, 'Servers, one per line');
    await lines.fill('web-1 127.0.0.1:9\nweb-2 127.0.0.1:nine\n\nweb-1 127.0.0.1:10');
    await page.getByText('Line 2: "nine" is not a port.').waitFor();
    await page.getByText('Line 4: an earlier line has the name web-1.').waitFor();
    expect(await page.getByRole('button', { name: 'Read host keys' }).isDisabled()).toBe(true);
    await expectFlawless(page);

    await lines.fill('web-1 127.0.0.1:9\nweb-2 127.0.0.1:10 root');
    await page.getByText('2 servers', { exact: true }).waitFor();
    await field(page, 'Login name').fill('deploy');
    await field(page, 'Password').last().fill(PASSWORD);
    await press(page, 'Read host keys');
    const keys = page.getByRole('list', { name: 'Check the host keys' }).getByRole('listitem');
    await keys.filter({ hasText: 'root@127.0.0.1:10' }).getByText('The host key could not be read').waitFor();
    await page.getByText('2 servers without a trusted key are left out.').waitFor();
    expect(await page.getByRole('button', { name: 'Continue with 0 servers' }).isDisabled()).toBe(true);
    await page.getByRole('button', { name: 'Read again: the host key of web-1' }).click();
    await keys.filter({ hasText: 'web-1' }).getByText('The host key could not be read').waitFor();
    await expectFlawless(page);

    await press(page, 'Back');
    expect(await lines.inputValue()).toContain('web-2');
    expect((await api('GET /servers')).servers).toEqual([]);
    await page.getByRole('link', { name: 'Add server' }).click();
    await page.getByRole('dialog').waitFor();
  });

  it('sets up servers that are in Buoy with their stored login, says why one failed, and tries it again', async () => {
    await addServer(api, first);
    await addServer(api, { ...first, name: 'second pot' });
    const page = await open();
    await page.goto(`${buoy().url}${PATH}`);
    const lines = field(page, 'Servers, one per line');
    await lines.fill('first pot, 127.0.0.1:10');
    await page.getByText(/^Line 1: you already have a server named first pot/).waitFor();
    await lines.fill('first pot, 127.0.0.1:9, deploy\nsecond pot, 127.0.0.1:9, deploy');
    await page.getByText('Line 2: an earlier line has the address 127.0.0.1').waitFor();
    await lines.fill('first pot, 127.0.0.1:9, deploy');
    await page.getByText('Already in Buoy, with their stored login: first pot.').waitFor();
    expect(await page.getByLabel('Password', { exact: true }).count()).toBe(0);
    await press(page, 'Continue with 1 server');

    await page.getByText('the token of a bot works for one gateway only').waitFor();
    await field(page, 'API key').fill('sk-ant-of-nobody');
    await field(page, 'Password for sudo (optional)').fill(PASSWORD);
    await expectFlawless(page);
    await press(page, 'Set up 1 server');

    const row = page.getByRole('list', { name: 'Setups' }).getByRole('listitem');
    await row.getByText('✕ Failed').waitFor();
    expect(await row.textContent()).toMatch(/refused/i);
    await page.getByText('0 of 1 done · 1 failed').waitFor();
    await expectFlawless(page);
    expect((await api('GET /tasks')).tasks).toEqual([]);
    expect((await api('GET /servers')).servers).toHaveLength(2);

    await press(page, 'Try again with 1 server');
    expect(await field(page, 'API key').inputValue()).toBe('');
    expect(await field(page, 'Password for sudo (optional)').inputValue()).toBe('');
    await page.getByText('Enter the key again: Buoy deletes keys when a setup ends.').waitFor();
    await field(page, 'Model provider').selectOption('skip');
    await press(page, 'Set up 1 server');
    await row.getByText('✕ Failed').waitFor();

    // The table stays while the person is elsewhere in the app.
    await row.getByRole('link', { name: 'first pot' }).click();
    await page.getByRole('heading', { level: 1, name: 'first pot' }).waitFor();
    await goWithin(page, PATH);
    await row.getByText('✕ Failed').waitFor();
    const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
    expect(kept).not.toContain(PASSWORD);
    expect(kept).not.toContain('sk-ant');
    await press(page, 'Close');
    await page.getByRole('heading', { level: 1, name: 'Servers' }).waitFor();
    await goWithin(page, PATH);
    await lines.waitFor();
    expect(await page.getByRole('list', { name: 'Setups' }).count()).toBe(0);
  });

  it.runIf(isLongRun).each(['de-DE', 'ru-RU'])('fits a phone in %s', async (locale) => {
    await addServer(api, first);
    const page = await open({ locale });
    await page.goto(`${buoy().url}${PATH}`);
    await page.locator('textarea').fill('web-1 127.0.0.1:9 deploy\nweb-2 127.0.0.1:9x');
    await expectFlawless(page);
    await page.locator('textarea').fill('web-1 127.0.0.1:10 deploy\nfirst pot,127.0.0.1:9,deploy');
    await page.locator('main input[type=password]').fill(PASSWORD);
    await page.locator('main form button[type=submit]').click();
    await page.locator('main li [lang=en]').first().waitFor();
    await expectFlawless(page);
    await page.locator('main form button[type=submit]').click();
    await page.locator('main select').first().selectOption('skip');
    await expectFlawless(page);
    await page.locator('main form button[type=submit]').click();
    await page.locator('main li [lang=en]').first().waitFor();
    await expectFlawless(page);
  });

  it('is for people who may add servers', async () => {
    const { user, signInUrl } = await api('POST /admin/users', { body: { name: 'Guest', link: true } });
    await api('PUT /admin/users/:id', { params: { id: user.id }, body: { mayAddServers: false } });
    const page = await visit(phone);
    await openSignInLink(page, signInUrl ?? '');
    await page.locator('main h1').first().waitFor();
    await page.goto(`${buoy().url}${PATH}`);
    await page.getByText('You cannot add servers to this Buoy.').waitFor();
    expect(await page.locator('textarea').count()).toBe(0);
  });
});
