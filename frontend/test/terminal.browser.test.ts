// The terminal of a real host on a phone: commands, on-screen keys, colours under the content security policy, exit.
import { readFile } from 'node:fs/promises';
import { createClient } from '@buoy/contract/client';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { addServer, signInByLink } from '../../testbed/buoy-client.ts';
import { acquireHost } from '../../testbed/hosts.ts';
import { openSignInLink } from '../../testbed/open-sign-in-link.ts';
import { testHost } from '../../testbed/test-hosts.ts';
import { browserMissing, desktop, phone } from './support/browser.ts';
import { findIssues, goWithin, noIssues } from './support/page-checks.ts';
import { useWatchedPages } from './support/watched-pages.ts';

const missing = browserMissing || inject('hostsMissing');

describe.skipIf(missing !== '')(`the terminal in the browser${missing && ` (skipped: ${missing})`}`, () => {
  const { buoy, visit } = useWatchedPages({ RATE_LIMIT_EXEC: '100000' });
  let serverId: string;

  beforeAll(async () => {
    const host = await acquireHost({ name: testHost('terminal') });
    const token = await signInByLink(buoy());
    const api = createClient({ baseUrl: `${buoy().url}/api`, token: () => token });
    const server = await addServer(api, {
      name: 'web server',
      host: host.host,
      username: host.user,
      authType: 'key',
      privateKey: await readFile(host.key, 'utf8'),
    });
    serverId = server.id;
  });

  async function open(page: Page): Promise<void> {
    await openSignInLink(page, await buoy().newSignInLink());
    await page.getByText('web server').first().waitFor();
    await goWithin(page, `/servers/${serverId}/terminal`);
    await page.getByText('Commands run as deploy on web server').waitFor();
    await page.getByRole('button', { name: 'Open terminal' }).click();
    await page.getByText('Connected').waitFor();
  }
  const shows = (page: Page, text: string | RegExp) =>
    page.locator('.xterm-rows > div', { hasText: text }).first().waitFor();

  it('runs a command on a phone with on-screen keys, and shows the exit code', async () => {
    const page = await visit(phone);
    await open(page);
    await page.keyboard.type('echo $((6 * 7)) waves');
    await page.keyboard.press('Enter');
    await shows(page, '42 waves');

    await page.keyboard.type('sleep 1000');
    await page.keyboard.press('Enter');
    const control = page.getByRole('button', { name: 'Ctrl' });
    await control.tap();
    expect(await control.getAttribute('aria-pressed')).toBe('true');
    await page.keyboard.type('c');
    await shows(page, '^C');
    expect(await control.getAttribute('aria-pressed')).toBe('false');

    await page.keyboard.type('echo one ');
    await page.getByRole('button', { name: 'Pipe' }).tap();
    await page.keyboard.type(' tr o 0');
    await page.getByRole('button', { name: 'Left' }).tap();
    await page.keyboard.type('O');
    await page.keyboard.press('Enter');
    // The arrow put the letter before the last one: `tr o O0`, not `tr o 0O`.
    await shows(page, /^One\s*$/);
    expect(await findIssues(page)).toEqual(noIssues);

    await page.keyboard.type('exit 3');
    await page.keyboard.press('Enter');
    await page.getByRole('status').getByText('The shell has exited with code 3.').waitFor();
    await page.getByRole('button', { name: 'Open again' }).tap();
    await page.getByText('Connected').waitFor();
    await page.getByRole('button', { name: 'Close' }).tap();
    await page.getByText('You closed the terminal.').first().waitFor();
  });

  it('shows every colour under the content security policy in both themes, and follows resizes', async () => {
    const page = await visit({ ...desktop, colorScheme: 'dark' });
    await open(page);
    await page.keyboard.type("printf '\\e[38;2;255;100;0mtrue%s\\e[0m\\n' colour");
    await page.keyboard.press('Enter');
    const coloured = page.locator('.xterm-rows span', { hasText: /^truecolour$/ });
    await coloured.waitFor();
    const colour = () => coloured.evaluate((letters) => getComputedStyle(letters).color);
    expect(await colour()).toBe('rgb(255, 100, 0)');
    const background = () =>
      page
        .locator('.xterm .xterm-scrollable-element')
        .evaluate((element) => getComputedStyle(element).backgroundColor);
    const dark = await background();
    await page.emulateMedia({ colorScheme: 'light' });
    await page.waitForFunction(
      (before) =>
        getComputedStyle(document.querySelector('.xterm .xterm-scrollable-element') ?? document.body)
          .backgroundColor !== before,
      dark,
    );
    // As readable as on the dark background, so no longer the same colours.
    expect(await colour()).not.toBe('rgb(255, 100, 0)');
    expect(await findIssues(page)).toEqual(noIssues);

    await page.keyboard.type('clear; stty size');
    await page.keyboard.press('Enter');
    const sizeShown = async () => {
      const rows = page.locator('.xterm-rows > div', { hasText: /^\d+ \d+\s*$/ });
      await rows.first().waitFor();
      return (await rows.last().textContent())?.trim() ?? '';
    };
    const wide = await sizeShown();
    await page.setViewportSize({ width: 1100, height: 700 });
    await page.keyboard.type('clear; stty size');
    await page.keyboard.press('Enter');
    await page.waitForFunction(
      (before) =>
        [...document.querySelectorAll('.xterm-rows > div')].some(
          (row) => /^\d+ \d+\s*$/.test(row.textContent ?? '') && row.textContent?.trim() !== before,
        ),
      wide,
    );

    await page.keyboard.press('Shift+Escape');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Close');
  });
});
