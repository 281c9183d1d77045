import { type Client, createClient } from '@buoy/contract/client';
import type { Page } from 'playwright-core';
import { beforeEach, describe, expect, it } from 'vitest';
import { addServer, signInByLink } from '../../testbed/buoy-client.ts';
import { openSignInLink } from '../../testbed/open-sign-in-link.ts';
import { browserMissing, phone } from './support/browser.ts';
import { useWatchedPages } from './support/watched-pages.ts';

const skipReason = browserMissing === '' ? '' : ` (skipped: ${browserMissing})`;

describe.skipIf(browserMissing !== '')(`the settings of a server in a browser${skipReason}`, () => {
  const { buoy, visit } = useWatchedPages({}, { buoyFor: 'test' });
  let api: Client;

  beforeEach(async () => {
    const token = await signInByLink(buoy());
    api = createClient({ baseUrl: `${buoy().url}/api`, token: () => token });
  });

  /** The settings of an unreachable server on a phone. */
  const settingsOf = async (name: string): Promise<{ page: Page; id: string }> => {
    const { id } = await addServer(api, {
      name,
      host: '127.0.0.1',
      port: 1,
      username: 'deploy',
      authType: 'password',
      password: 'never right',
      tags: ['prod'],
    });
    const page = await visit(phone);
    await openSignInLink(page, await buoy().newSignInLink());
    await page.getByText(name).first().waitFor();
    await page.goto(`${buoy().url}/servers/${id}/settings`);
    await page.getByRole('heading', { name: 'Address and login' }).waitFor();
    return { page, id };
  };
  const stored = async (id: string) => (await api('GET /servers/:id', { params: { id } })).server;
  const field = (page: Page, label: string) => page.getByLabel(label, { exact: true });

  it('list the changes, save only these, and keep the secret', async () => {
    const { page, id } = await settingsOf('first pot');
    await page.getByText('No changes.').waitFor();
    await field(page, 'Name in Buoy').fill('renamed pot');
    await field(page, 'Tags (optional)').fill('prod, eu');
    await page.getByText('Changes: name, tags.').waitFor();
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('Saved.').waitFor();
    await page.getByRole('heading', { level: 1, name: 'renamed pot' }).waitFor();
    expect(await stored(id)).toMatchObject({
      name: 'renamed pot',
      tags: ['prod', 'eu'],
      authType: 'password',
    });
  });

  it('report a concurrent edit and keep both texts', async () => {
    const { page, id } = await settingsOf('second server');
    await field(page, 'Tags (optional)').fill('prod, mine');
    await api('PUT /servers/:id', { params: { id }, body: { username: 'operator' } });
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    const conflict = page
      .getByRole('alert')
      .filter({ hasText: 'Someone else changed this server while you were editing' });
    await conflict.getByText('They changed: login name.').waitFor();
    expect(await field(page, 'Tags (optional)').inputValue()).toBe('prod, mine');
    await conflict.getByRole('button', { name: 'Save mine' }).click();
    await page.getByText('Saved.').waitFor();
    expect(await stored(id)).toMatchObject({ username: 'operator', tags: ['prod', 'mine'] });
  });

  it('show the host key of another address, or that it cannot be read, before the secret goes there', async () => {
    const { page, id } = await settingsOf('fourth server');
    await field(page, 'Port').fill('2');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('The host key could not be read').waitFor();
    expect(await stored(id)).toMatchObject({ port: 1 });
    await page.getByRole('button', { name: 'Save anyway' }).click();
    await page.getByText('Saved.').waitFor();
    expect(await stored(id)).toMatchObject({ port: 2 });
  });

  it('clone a server to another address', async () => {
    const { page, id } = await settingsOf('third server');
    await page.getByRole('link', { name: 'Clone third server' }).click();
    await page.getByLabel('Paste an address or an ssh command').fill('pot-4.example.com');
    expect(await field(page, 'Login name').inputValue()).toBe('deploy');
    await page.getByRole('button', { name: 'Clone and test' }).click();
    await page.getByRole('button', { name: 'Save anyway' }).click();
    await page.getByRole('heading', { level: 1, name: 'pot-4' }).waitFor();
    const cloneId = new URL(page.url()).pathname.split('/')[2] ?? '';
    expect(cloneId).not.toBe(id);
    expect(await stored(cloneId)).toMatchObject({ host: 'pot-4.example.com', tags: ['prod'] });
  });

  it('clone a server whose jump server was removed only once a way to the clone is chosen', async () => {
    const { page, id } = await settingsOf('fourth server');
    const gate = await addServer(api, {
      name: 'gate',
      host: '127.0.0.1',
      port: 1,
      username: 'deploy',
      authType: 'password',
      password: 'never right',
    });
    await api('PUT /servers/:id', { params: { id }, body: { jumpServerId: gate.id } });
    await api('DELETE /servers/:id', { params: { id: gate.id } });
    await page.reload();
    await page.getByRole('link', { name: 'Clone fourth server' }).click();
    await page.getByLabel('Paste an address or an ssh command').fill('pot-5.example.com');
    await page.getByText('Choose how Buoy reaches the clone').waitFor();
    const clone = page.getByRole('button', { name: 'Clone and test' });
    expect(await clone.isDisabled()).toBe(true);
    await field(page, 'Jump server').selectOption({ label: 'None: Buoy connects directly' });
    await page.getByText('Choose how Buoy reaches the clone').waitFor({ state: 'detached' });
    await clone.click();
    await page.getByRole('button', { name: 'Save anyway' }).waitFor();
    await page.getByText('The host key could not be read').waitFor();
  });

  it('remove the server after its name is typed', async () => {
    const { page, id } = await settingsOf('last pot');
    await page.getByRole('button', { name: 'Remove server' }).click();
    const question = page.getByRole('dialog', { name: 'Remove last pot from Buoy?' });
    const remove = question.getByRole('button', { name: 'Remove for good' });
    expect(await remove.isDisabled()).toBe(true);
    await question.getByLabel('Type last pot to confirm').fill('last pot');
    await remove.click();
    await page.getByRole('heading', { level: 1, name: 'Servers' }).waitFor();
    await page.getByRole('status').getByText('last pot removed from Buoy.').waitFor();
    await page.getByRole('main').getByText('last pot').waitFor({ state: 'hidden' });
    await expect(stored(id)).rejects.toMatchObject({ status: 404 });
  });

  it('switch automatic repair on with a limit, and say who did', async () => {
    const { page, id } = await settingsOf('restless pot');
    const panel = page.getByRole('region', { name: 'Automatic repair' });
    const toggle = panel.getByRole('switch', { name: 'Restart the gateway automatically' });
    expect(await toggle.getAttribute('aria-checked')).toBe('false');
    await toggle.tap();
    await panel.getByText('Set by').waitFor();
    await panel.getByText('Restarts in the last 24 hours: 0 of 2').waitFor();
    expect((await api('GET /servers/:id/auto-repair', { params: { id } })).autoRepair).toMatchObject({
      ...{ enabled: true, perDay: 2, usedToday: 0 },
    });
    await toggle.tap();
    await expect
      .poll(async () => (await api('GET /servers/:id/auto-repair', { params: { id } })).autoRepair.enabled)
      .toBe(false);
  });
});
