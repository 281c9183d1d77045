// People in a browser: access, tokens, tasks, notifications, languages, devices and the audit log.
import { readFile } from 'node:fs/promises';
import { createServer, type Server as NetServer, type Socket } from 'node:net';
import { type Client, createClient } from '@buoy/contract/client';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { addServer, signInByNewLink } from '../../testbed/buoy-client.ts';
import { BOT_TOKEN, forgeInitData } from '../../testbed/forge-init-data.ts';
import { openSignInLink } from '../../testbed/open-sign-in-link.ts';
import { browserMissing, phone } from './support/browser.ts';
import { goWithin } from './support/page-checks.ts';
import { acceptAsBerta } from './support/telegram-in-browser.ts';
import { useWatchedPages } from './support/watched-pages.ts';

const skipReason = browserMissing === '' ? '' : ` (skipped: ${browserMissing})`;
const heading = (page: Page, name: string) => page.getByRole('heading', { level: 1, name });
const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();
const confirm = (page: Page, name: string) =>
  page.getByRole('dialog').getByRole('button', { name, exact: true }).click();

/** A host that accepts connections and never answers, so that calls to it last until Buoy's timeout. */
async function silentMachine(): Promise<{ port: number; close: () => void }> {
  const sockets = new Set<Socket>();
  const server: NetServer = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    port: address.port,
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

describe.skipIf(browserMissing !== '')(`people in a browser${skipReason}`, () => {
  const { buoy, visit } = useWatchedPages({ TELEGRAM_BOT_TOKEN: BOT_TOKEN }, { buoyFor: 'test' });
  let api: Client;
  let machine: Awaited<ReturnType<typeof silentMachine>>;
  let serverId: string;
  const clientOf = (token: string | null) =>
    createClient({ baseUrl: `${buoy().url}/api`, token: () => token });

  beforeAll(async () => {
    machine = await silentMachine();
  });
  beforeEach(async () => {
    api = clientOf(await signInByNewLink(buoy()));
    const server = await addServer(api, {
      name: 'shared pot',
      host: '127.0.0.1',
      port: machine.port,
      username: 'deploy',
      authType: 'password',
      password: 'never asked for',
    });
    serverId = server.id;
  });
  afterAll(() => machine?.close());

  const signedIn = async (options = {}) => {
    const page = await visit(options);
    await openSignInLink(page, await buoy().newSignInLink());
    await heading(page, 'Servers').waitFor();
    return page;
  };
  const goTo = (page: Page, path: string) => page.goto(`${buoy().url}${path}`);

  it('lets an owner invite a member, make them admin, and revoke their access live', async () => {
    const owner = await signedIn({ losesRole: true });
    await goTo(owner, `/servers/${serverId}/access`);
    await press(owner, 'Create invite link');
    const made = owner.getByRole('region', { name: 'Invite link' });
    const link = (await made.locator('code').textContent()) ?? '';
    expect(link).toMatch(/\/invite#code=/);
    await press(owner, 'Done');
    await made.waitFor({ state: 'detached' });
    await owner.getByText('For a viewer').waitFor();
    expect(await owner.content()).not.toContain(link);

    const guest = await visit({ ...phone, losesRole: true });
    await acceptAsBerta(guest, link);
    await heading(guest, 'shared pot').waitFor();
    await guest.getByText('your role: viewer').waitFor();
    expect(await guest.getByRole('link', { name: 'Access', exact: true }).count()).toBe(0);
    await goWithin(guest, `/servers/${serverId}/access`);
    await guest.getByText('This page is for admins of the server').waitFor();
    await guest.getByRole('link', { name: 'Open overview' }).click();

    const berta = owner
      .getByRole('list', { name: 'Members' })
      .getByRole('listitem')
      .filter({ hasText: 'Berta' });
    await berta.getByText('Viewer', { exact: true }).waitFor();
    await owner.getByText('No open invites').waitFor();
    await berta.getByRole('button', { name: 'Make admin: Berta' }).click();
    await owner.getByRole('dialog').getByText('On the server “shared pot”.').waitFor();
    await confirm(owner, 'Make admin');
    await berta.getByText('Admin', { exact: true }).waitFor();
    await guest.getByText('your role: admin').waitFor();
    await guest.getByRole('link', { name: 'Access', exact: true }).click();
    await guest.getByText('You have admin access.').waitFor();
    expect(await guest.getByRole('button', { name: 'Revoke' }).count()).toBe(0);

    await berta.getByRole('button', { name: 'Make Berta the owner' }).click();
    await owner.getByRole('dialog').getByText('Berta will decide who has access to “shared pot”').waitFor();
    await confirm(owner, 'Make owner');
    await berta.getByText('Owner', { exact: true }).waitFor();
    await guest.getByText('your role: owner').waitFor();
    await guest.getByRole('button', { name: /^Make (?!Berta).* the owner$/ }).click();
    await confirm(guest, 'Make owner');
    await guest.getByText('your role: admin').waitFor();
    await berta.getByText('Admin', { exact: true }).waitFor();

    await berta.getByRole('button', { name: 'Revoke access of Berta' }).click();
    await confirm(owner, 'Revoke');
    // Before the next poll of the page.
    await guest.getByText('you have no access to it').waitFor({ timeout: 5_000 });
    await berta.waitFor({ state: 'detached' });
    await heading(guest, 'shared pot').waitFor({ state: 'detached' });
  });

  it('gives access by user id before the first sign-in, and revokes an invite', async () => {
    const owner = await signedIn(phone);
    await goTo(owner, `/servers/${serverId}/access`);
    await owner.getByRole('textbox', { name: 'User id' }).fill('777000111');
    await press(owner, 'Give access');
    await owner.getByText('777000111 now has access as viewer.').waitFor();
    await owner.getByText('has not signed in yet').waitFor();

    await owner.getByLabel('Expires after').selectOption({ label: '7 days' });
    await press(owner, 'Create invite link');
    await press(owner, 'Done');
    const revokeButton = owner.getByRole('button', { name: /^Revoke the viewer invite/ }).last();
    const name = (await revokeButton.getAttribute('aria-label')) ?? '';
    await revokeButton.click();
    await confirm(owner, 'Revoke');
    await owner.getByRole('button', { name, exact: true }).waitFor({ state: 'detached' });
  });

  it('creates an API token, shows its secret once, and revokes it', async () => {
    const page = await signedIn(phone);
    await goTo(page, '/account/tokens');
    await page.getByText('No API tokens yet').waitFor();
    await page.getByLabel('Name').fill('nightly check');
    await page.getByRole('checkbox', { name: /^Read/ }).uncheck();
    await press(page, 'Create token');
    await page.getByText('Choose at least one.').waitFor();
    await page.getByRole('checkbox', { name: /^Read/ }).check();
    await press(page, 'Create token');
    const shown = page.getByRole('region', { name: 'Token “nightly check”' });
    const secret = (await shown.locator('code').textContent()) ?? '';
    expect((await clientOf(secret)('GET /me')).user.isSuperAdmin).toBe(true);
    await press(page, 'Done');
    await page.reload();
    const row = page.getByRole('list', { name: 'API tokens' }).getByRole('listitem');
    expect(await row.textContent()).toContain('nightly check');
    expect(await row.textContent()).toContain('last used');
    expect(await page.content()).not.toContain(secret);

    await press(page, 'Revoke the token “nightly check”');
    await confirm(page, 'Revoke');
    await page.getByText('No API tokens yet').waitFor();
    await expect(clientOf(secret)('GET /me')).rejects.toMatchObject({ status: 401 });
  });

  it('keeps a running task at its address after a reload, cancels it, and runs it again', async () => {
    const { task } = await api('POST /servers/:id/openclaw/restart', { params: { id: serverId } });
    const page = await signedIn(phone);
    await page.getByRole('link', { name: 'Running: Gateway restart' }).click();
    await heading(page, 'Gateway restart').waitFor();
    expect(new URL(page.url()).pathname).toBe(`/tasks/${task.id}`);
    await page.reload();
    const steps = page.getByRole('list', { name: 'Steps' }).getByRole('listitem');
    await steps.first().getByText('running').waitFor();
    await page.getByText(task.id, { exact: true }).waitFor();

    await press(page, 'Cancel task');
    await page.getByRole('dialog').getByText('On shared pot.').waitFor();
    await confirm(page, 'Cancel task');
    await page.getByRole('button', { name: 'Run again' }).waitFor();
    await page.getByRole('status').getByText('Cancelled').waitFor();

    await press(page, 'Run again');
    await confirm(page, 'Run again');
    await page.waitForURL((url) => url.pathname.startsWith('/tasks/') && !url.pathname.endsWith(task.id));
    await page.getByRole('status').getByText('Running').waitFor();
    await page.getByRole('link', { name: 'Open server' }).click();
    await page.getByRole('link', { name: 'Tasks', exact: true }).click();
    const underWay = page.getByRole('region', { name: 'Running' });
    await underWay.getByText('Gateway restart').waitFor();
    await page.getByRole('list', { name: 'Earlier' }).getByText('Cancelled').waitFor();

    await goTo(page, '/tasks');
    await page.getByLabel('State').selectOption({ label: 'Cancelled' });
    await page.reload();
    const rows = page.getByRole('list', { name: 'Tasks' }).getByRole('listitem');
    await rows.first().waitFor();
    expect(await rows.allTextContents()).toEqual([expect.stringContaining('Cancelled')]);
    const again = await api('GET /tasks/active', { query: { serverId } });
    if (again.task !== null) await api('POST /tasks/:id/cancel', { params: { id: again.task.id } });
  });

  it('saves notification settings', async () => {
    const page = await signedIn(phone);
    await goTo(page, '/account/notifications');
    await page.getByText('every alert that is not turned off').waitFor();
    await page.getByRole('switch', { name: 'Disk is nearly full' }).click();
    await page.getByLabel('Send alerts from').selectOption({ label: 'Critical: only urgent alerts' });
    await page.getByText('let through only critical alerts').waitFor();
    await page.getByRole('switch', { name: 'Use quiet hours' }).click();
    await page.getByRole('switch', { name: 'Always send critical alerts' }).click();
    await page.getByRole('switch', { name: 'Send reminders' }).click();
    await page.getByRole('switch', { name: 'Wait for others first' }).click();
    await page.getByLabel('From', { exact: true }).fill('23:30');
    await page.getByLabel('Time zone').selectOption('Europe/Berlin');
    await press(page, 'Save quiet hours');
    await page.getByText('Saved.').waitFor();

    await page.reload();
    const isOn = (name: string) => page.getByRole('switch', { name }).getAttribute('aria-checked');
    await page.getByRole('switch', { name: 'Disk is nearly full' }).waitFor();
    expect(await isOn('Disk is nearly full')).toBe('false');
    expect(await isOn('Gateway is down')).toBe('true');
    expect(await isOn('Use quiet hours')).toBe('true');
    expect(await isOn('Always send critical alerts')).toBe('true');
    expect(await isOn('Send reminders')).toBe('false');
    expect(await isOn('Wait for others first')).toBe('true');
    expect(await page.getByLabel('From', { exact: true }).inputValue()).toBe('23:30');
    expect(await page.getByLabel('Time zone').inputValue()).toBe('Europe/Berlin');
    expect(await page.getByLabel('Send alerts from').inputValue()).toBe('critical');
  });

  it('switches to German and Russian immediately, including error texts', async () => {
    const page = await signedIn(phone);
    await goTo(page, '/account');
    await page.getByRole('combobox', { name: 'Language' }).selectOption('de');
    await heading(page, 'Konto').waitFor();
    expect(await page.evaluate(() => document.documentElement.lang)).toBe('de');
    await goTo(page, '/tasks/tsk_of_nobody');
    const alert = page.getByRole('alert');
    await alert.getByText('Das gibt es nicht, oder Sie haben keinen Zugriff').waitFor();
    await alert.getByText('There is no such task.').waitFor();

    await goTo(page, '/account');
    await page.getByRole('combobox', { name: 'Sprache' }).selectOption('ru');
    await heading(page, 'Учётная запись').waitFor();
    await page.reload();
    await heading(page, 'Учётная запись').waitFor();
    await page.getByRole('combobox', { name: 'Язык' }).selectOption('en');
    await heading(page, 'Account').waitFor();
  });

  it('signs out all devices except this one', async () => {
    const other = await signedIn(phone);
    const page = await signedIn();
    await goTo(page, '/account/sessions');
    const devices = page.getByRole('list', { name: 'Devices' }).getByRole('listitem');
    await devices.first().getByText('this device').waitFor();
    await press(page, 'Sign out all other devices');
    await confirm(page, 'Sign out all other devices');
    await page.getByText('You are not signed in anywhere else.').waitFor();
    expect(await devices.count()).toBe(1);
    await other.getByText('This device was signed out.').waitFor();
  });

  it('shows a super-admin health, people and the audit log, and exports the log', async () => {
    const { invite } = await api('POST /servers/:id/invites', {
      params: { id: serverId },
      body: { role: 'viewer' },
    });
    const initData = forgeInitData({ id: 502, first_name: 'Carla' }, BOT_TOKEN);
    const carla = clientOf((await clientOf(null)('POST /auth/telegram', { body: { initData } })).token);
    await carla('POST /invites/accept', { body: { code: invite.url.split('#code=')[1] ?? '' } });

    const page = await signedIn();
    await goTo(page, '/admin');
    await heading(page, 'Health').waitFor();
    await page.getByText('SQLite').waitFor();
    await page.getByRole('link', { name: 'People' }).click();
    const people = page.getByRole('list', { name: 'People' }).getByRole('listitem');
    await people
      .filter({ hasText: 'Carla' })
      .getByRole('link', { name: 'Activity in the audit log' })
      .click();
    await heading(page, 'Audit log').waitFor();
    await page.getByText('The log is intact').waitFor();
    const entries = page.getByRole('list', { name: 'Audit log' }).getByRole('listitem');
    await entries.filter({ hasText: 'POST /invites/accept' }).waitFor();
    await page.getByLabel('Action').fill('accept');
    await page.getByRole('button', { name: 'Filter' }).click();
    await expect.poll(() => entries.count()).toBe(1);
    await page.reload();
    await entries.first().getByText('POST /invites/accept').click();
    await entries.first().getByText('"role": "viewer"').waitFor();

    const [download] = await Promise.all([
      page.waitForEvent('download'),
      press(page, 'Export as JSON lines'),
    ]);
    const lines = (await readFile(await download.path(), 'utf8')).trim().split('\n');
    expect(lines.map((line) => JSON.parse(line).action)).toEqual(['POST /invites/accept']);
    await page.getByText('The file was saved to your downloads.').waitFor();
  });
});
