import { createHash, randomInt } from 'node:crypto';
import { readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { type Client, createClient } from '@buoy/contract/client';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { addServer, signInByNewLink } from '../../testbed/buoy-client.ts';
import { forgeInitData } from '../../testbed/forge-init-data.ts';
import { openSignInLink } from '../../testbed/open-sign-in-link.ts';
import { browserMissing, phone, screens } from './support/browser.ts';
import { signInByTelegram } from './support/telegram-in-browser.ts';
import { useWatchedPages } from './support/watched-pages.ts';

const skipReason = browserMissing === '' ? '' : ` (skipped: ${browserMissing})`;

describe.skipIf(browserMissing !== '')(`terminals, invites and backups in a browser${skipReason}`, () => {
  const botToken = '123456789:AAFakeTokenForTests_0123456789abcdefghi';
  const { buoy, dataDir, visit } = useWatchedPages({ TELEGRAM_BOT_TOKEN: botToken, LOG_LEVEL: 'info' });
  /** A super-admin's. */
  let api: Client;
  const clientOf = (token: string | null) =>
    createClient({ baseUrl: `${buoy().url}/api`, token: () => token });

  beforeAll(async () => {
    api = clientOf(await signInByNewLink(buoy()));
  });

  const heading = (page: Page, name: string) => page.getByRole('heading', { level: 1, name });
  const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();
  const signIn = async (page: Page) => openSignInLink(page, await buoy().newSignInLink());
  /** The names of what the browser keeps: no token, no code. */
  const kept = (page: Page) =>
    page.evaluate(() => Object.keys({ ...localStorage, ...sessionStorage }).sort());

  describe('the page where a terminal is approved', () => {
    /** A terminal that has run `buoy login`. */
    const terminal = async () => {
      const anyone = clientOf(null);
      const asked = await anyone('POST /auth/device', { headers: { 'user-agent': 'test-terminal/1.0' } });
      const poll = () => anyone('POST /auth/device/token', { body: { deviceCode: asked.deviceCode } });
      return { ...asked, poll };
    };

    it('signs a terminal in after the person signs in by link in another tab', async () => {
      const { verificationUrl, userCode, poll } = await terminal();
      const page = await visit(phone);
      await page.goto(verificationUrl);
      await page.getByText('A terminal is asking to sign in.').waitFor();
      expect(page.url()).toBe(`${buoy().url}/device`);

      const tab = await page.context().newPage();
      await signIn(tab);
      await tab.getByText(userCode, { exact: true }).waitFor();
      await tab.getByText('test-terminal/1.0').waitFor();
      expect(await tab.locator('main').textContent()).toContain('Address127.0.0.1');
      // An address that passes this code on is another one.
      const onlyHere = `Approve only if you started this sign-in to ${new URL(buoy().url).host} yourself just now,`;
      expect(await tab.getByText(onlyHere).isVisible()).toBe(true);
      await tab.reload();
      await tab.getByText('test-terminal/1.0').waitFor();
      await expect(poll()).rejects.toMatchObject({ status: 428 });

      await press(tab, 'Approve');
      await tab.getByText('You can return to your terminal').waitFor();
      const signedIn = await poll();
      const me = clientOf(signedIn.token);
      expect((await me('GET /me')).user.isSuperAdmin).toBe(true);
      expect(await kept(tab)).toEqual(['buoy.attempt', 'buoy.last-person']);
    });

    it('accepts a typed code, and approves nothing after "Not me"', async () => {
      const { userCode, poll } = await terminal();
      const page = await visit();
      await signIn(page);
      await heading(page, 'Servers').waitFor();
      await page.goto(`${buoy().url}/device`);
      await page.getByLabel('Code').fill('ABC');
      await page.keyboard.press('Enter');
      await page.getByText('Enter a code of eight letters').waitFor();
      await page.getByLabel('Code').fill(` ${userCode.replace('-', ' ').toLowerCase()}`);
      await page.keyboard.press('Enter');
      await page.getByText('test-terminal/1.0').waitFor();
      await press(page, 'Not me');
      await page.getByText('Nothing was approved').waitFor();
      await expect(poll()).rejects.toMatchObject({ status: 428 });
    });

    it('explains an unknown code and an already approved code', async () => {
      const { userCode, verificationUrl } = await terminal();
      const page = await visit();
      await signIn(page);
      await heading(page, 'Servers').waitFor();
      await page.goto(`${buoy().url}/device#code=BBBB-BBBB`);
      await page.getByText('No device is waiting for this code.').waitFor();
      await page.getByRole('button', { name: 'Copy request id' }).waitFor();
      // The page is there already: only the fragment changes.
      await page.goto(verificationUrl);
      await page.getByText('test-terminal/1.0').waitFor();
      await api('POST /auth/device/approve', { body: { userCode } });
      await press(page, 'Approve');
      await page.getByText('This device was approved already.').waitFor();
      await press(page, 'Enter another code');
      await page.getByLabel('Code').waitFor();
    });
  });

  describe('the page where an invite is accepted', () => {
    let person = 1000;
    const newPerson = (firstName: string) => {
      person += 1;
      return forgeInitData({ id: person, first_name: firstName }, botToken);
    };
    /** A server that this Buoy never reaches, and a viewer invite for it. */
    const invited = async (name: string) => {
      const { id } = await addServer(api, {
        name,
        host: '127.0.0.1',
        port: 1,
        username: 'deploy',
        authType: 'password',
        password: 'never right',
      });
      const { invite } = await api('POST /servers/:id/invites', {
        params: { id },
        body: { role: 'viewer' },
      });
      return { url: invite.url, serverId: id, code: invite.url.split('#code=')[1] ?? '' };
    };

    it('gives a second person access after sign-in, and stores the invite code nowhere', async () => {
      const { url, code, serverId } = await invited('shared pot');
      const page = await visit(phone);
      await page.goto(url);
      await page.getByText('invites you to').waitFor();
      expect(page.url()).toBe(`${buoy().url}/invite`);
      expect(await signInByTelegram(page, newPerson('Berta'))).toBe(200);
      await press(page, 'Try again');
      await heading(page, 'You were invited').waitFor();
      await press(page, 'Accept');

      await heading(page, 'shared pot').waitFor();
      expect(page.url()).toBe(`${buoy().url}/servers/${serverId}`);
      await page.getByText('You have view access.').waitFor();
      expect(await kept(page)).toEqual(['buoy.attempt', 'buoy.last-person']);
      await page.goBack();
      expect(page.url()).not.toContain(code);
      expect(buoy().output()).not.toContain(code);
      const { members } = await api('GET /servers/:id/access', { params: { id: serverId } });
      expect(members.map(({ firstName, role }) => `${firstName} ${role}`)).toContain('Berta viewer');
    });

    it('says that the link was used, and links members to their servers', async () => {
      // New for each attempt: names are unique in Buoy.
      const name = `small server ${randomInt(1_000_000)}`;
      const { url } = await invited(name);
      const owner = await visit();
      await signIn(owner);
      await heading(owner, 'Servers').waitFor();
      await owner.goto(url);
      await press(owner, 'Accept');
      await owner.getByRole('alert').waitFor();
      expect(await owner.getByRole('alert').textContent()).toMatch(/already/);
      await owner.locator('main').getByRole('link', { name: 'All servers' }).click();
      await owner.getByText(name).waitFor();

      const accept = async (initData: string) => {
        const page = await visit();
        await page.goto(url);
        // A page that is still starting would find the sign-in by itself.
        await page.getByRole('button', { name: 'Try again', exact: true }).waitFor();
        await signInByTelegram(page, initData);
        await press(page, 'Try again');
        await press(page, 'Accept');
        return page;
      };
      await heading(await accept(newPerson('Carla')), name).waitFor();
      const late = await accept(newPerson('Dora'));
      await late.getByText('This invite is not valid').waitFor();
      await late.getByRole('button', { name: 'Copy request id' }).waitFor();
    });

    it('accepts a pasted invite link', async () => {
      const { url } = await invited('deep server');
      const page = await visit(phone);
      await page.goto(`${buoy().url}/#${new URLSearchParams({ tgWebAppData: newPerson('Emil') })}`);
      await press(page, 'Sign in');
      await press(page, 'Emil, menu');
      expect(await page.getByRole('link', { name: 'Administration' }).count()).toBe(0);
      await page.getByRole('link', { name: 'Accept an invite' }).click();
      await page.getByLabel('Invite link').fill(`Come in: ${url}. Yours`);
      await press(page, 'Continue');
      await press(page, 'Accept');
      await heading(page, 'deep server').waitFor();
    });
  });

  describe('the page of the backups', () => {
    const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

    it('creates a backup, lists it, and downloads the same file', async () => {
      // Those of a try before this one.
      const folder = path.join(dataDir(), 'backups');
      for (const file of await readdir(folder).catch(() => []))
        if (file.startsWith('buoy-')) await rm(path.join(folder, file), { force: true });
      const page = await visit();
      await signIn(page);
      const menu = page.getByRole('button', { name: 'Admin, menu' });
      // By keyboard alone: the menu, its last link, the tab, the button.
      await menu.press('Enter');
      for (const _ of [1, 2, 3, 4, 5, 6, 7]) await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      await heading(page, 'Health').waitFor();
      await page.getByRole('link', { name: 'Backups', exact: true }).press('Enter');
      await heading(page, 'Backups').waitFor();
      await page.getByText('No backups yet').waitFor();
      await page.getByRole('button', { name: 'Back up now' }).press('Enter');
      await page.getByText('Backup created and verified').waitFor();

      const { backups } = await api('GET /admin/backups');
      const [backup] = backups;
      if (backup === undefined) throw new Error('The API lists no backup.');
      const row = page.getByRole('list', { name: 'Backups' }).getByRole('listitem');
      await row.getByText('✓ Verified').waitFor();
      expect(await row.textContent()).toContain(backup.sha256);

      const [download] = await Promise.all([
        page.waitForEvent('download'),
        row.getByRole('button', { name: `Download ${backup.filename}` }).click(),
      ]);
      await row.getByText('Downloaded; its SHA-256 matches.').waitFor();
      expect(download.suggestedFilename()).toBe(backup.filename);
      const bytes = await readFile(await download.path());
      expect(bytes.length).toBe(backup.sizeBytes);
      expect(sha256(bytes)).toBe(backup.sha256);
    });

    it('does not save a downloaded file whose SHA-256 differs', async () => {
      const { backup } = await api('POST /admin/backups/run');
      const page = await visit();
      await signIn(page);
      await heading(page, 'Servers').waitFor();
      await page.route('**/api/admin/backups/download/*', (route) =>
        route.fulfill({ body: Buffer.alloc(backup.sizeBytes, 'x'), contentType: 'application/gzip' }),
      );
      await page.goto(`${buoy().url}/admin/backups`);
      await press(page, `Download ${backup.filename}`);
      await page.getByText('its SHA-256 differs').waitFor();
    });

    it('is hidden from everyone but super-admins', async () => {
      const page = await visit();
      const launch = forgeInitData({ id: 2001, first_name: 'Frida' }, botToken);
      await page.goto(`${buoy().url}/admin/backups#${new URLSearchParams({ tgWebAppData: launch })}`);
      await press(page, 'Sign in');
      await heading(page, 'Page not found').waitFor();
      await press(page, 'Frida, menu');
      await page.getByRole('link', { name: 'Sign in a terminal' }).waitFor();
      expect(await page.getByRole('link', { name: 'Administration' }).count()).toBe(0);
    });
  });

  it.each(screens)(
    'all of them fit a %s %s screen without scrolling sideways, with targets that a thumb hits',
    async (colorScheme, _name, size) => {
      const page = await visit({ ...size, colorScheme });
      await signIn(page);
      await heading(page, 'Servers').waitFor();
      for (const [path, ready] of [
        ['/device', 'Continue'],
        ['/device#code=BBBB-BBBB', 'Enter another code'],
        ['/invite', 'Continue'],
        [`/invite#code=${'x'.repeat(43)}`, 'Accept'],
        ['/admin/backups', 'Back up now'],
      ] as const) {
        await page.goto(`${buoy().url}${path}`);
        await page.getByRole('button', { name: ready, exact: true }).waitFor();
        const measured = await page.evaluate(() => ({
          overflow: document.documentElement.scrollWidth - window.innerWidth,
          small: [...document.querySelectorAll<HTMLElement>('a, button, input')]
            .filter((element) => element.getClientRects().length > 0 && element.offsetHeight < 44)
            .map((element) => element.outerHTML.slice(0, 120)),
        }));
        expect({ path, ...measured }).toEqual({ path, overflow: 0, small: [] });
      }
    },
  );
});
