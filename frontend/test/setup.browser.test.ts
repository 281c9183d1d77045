// The setup of OpenClaw on real hosts, by a person with a phone.
import { readFile } from 'node:fs/promises';
import { createClient } from '@buoy/contract/client';
import type { Locator } from 'playwright-core';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import { addServer, signInByNewLink } from '../../testbed/buoy-client.ts';
import { BOT_TOKEN } from '../../testbed/forge-init-data.ts';
import { acquireHost, type Host, type HostOptions } from '../../testbed/hosts.ts';
import { npmRegistry } from '../../testbed/npm-registry.ts';
import { openSignInLink } from '../../testbed/open-sign-in-link.ts';
import { testHost } from '../../testbed/test-hosts.ts';
import { browserMissing, phone } from './support/browser.ts';
import { findIssues, noIssues, settled } from './support/page-checks.ts';
import { acceptAsBerta } from './support/telegram-in-browser.ts';
import { useWatchedPages } from './support/watched-pages.ts';

const missing = browserMissing || inject('hostsMissing');
const PORT = 18_789;
const KEY = 'sk-ant-of-nobody-0123456789';
const MAX_TAPS = 8;
/** Milliseconds: 70 s on an idle machine. */
const SETUP_MS = 400_000;
const MINUTES = 60_000;

/** A bare host of one test: what it has installed is nothing for the next one. */
async function acquire(name: string, options: Omit<HostOptions, 'name'> = {}): Promise<Host> {
  const host = await acquireHost({ name: testHost(name), ...options });
  onTestFinished(() => host.down());
  return host;
}

describe.skipIf(missing !== '')(`setup in the browser${missing && ` (skipped: ${missing})`}`, () => {
  const { buoy, visit } = useWatchedPages(
    { NPM_REGISTRY: npmRegistry(), TELEGRAM_BOT_TOKEN: BOT_TOKEN },
    { buoyFor: 'test' },
  );

  it(
    'takes a bare server from “Add server” to a running gateway in eight taps on a phone',
    async () => {
      const host = await acquire('setup-phone');
      const page = await visit(phone);
      let taps = 0;
      const tap = async (target: Locator) => {
        taps += 1;
        await target.tap();
      };
      const type = async (field: string, text: string) => {
        await tap(page.getByLabel(field, { exact: true }));
        await page.getByLabel(field, { exact: true }).fill(text);
      };
      await openSignInLink(page, await buoy().newSignInLink());
      await page.getByRole('heading', { name: 'No servers yet' }).waitFor();

      await type('Paste an address or an ssh command', `ssh ${host.user}@${host.host}`);
      await tap(page.getByRole('button', { name: 'Copy the command for the server' }));
      const command = await page.getByText(/^mkdir -p ~\/\.ssh/).textContent();
      expect(await host.exec(command ?? '', { user: 'deploy' })).toMatchObject({ code: 0 });
      await tap(page.getByRole('button', { name: 'Trust this key and save' }));

      const setup = page.getByRole('region', { name: 'Set up OpenClaw' });
      const start = setup.getByRole('button', { name: 'Set up OpenClaw' });
      await page.getByText('OpenClaw is not installed yet. Set it up below.').waitFor();
      await setup.getByText('The server has no Node.js.').waitFor();
      await setup.getByText(/^\d+ checks passed$/).waitFor();
      await settled(page);
      expect(await findIssues(page)).toEqual(noIssues);
      await type('API key', KEY);
      await tap(start);

      const progress = page.getByRole('region', { name: 'OpenClaw setup' });
      await progress.getByRole('list', { name: 'Steps' }).waitFor();
      // The task goes on without the page, and the page finds it again.
      await page.reload();
      await progress.getByRole('list', { name: 'Steps' }).waitFor();
      expect(await findIssues(page)).toEqual(noIssues);
      await page.getByText(`OpenClaw 2026.9.6 runs on port ${PORT}.`).waitFor({ timeout: SETUP_MS });
      expect(taps).toBeLessThanOrEqual(MAX_TAPS);

      await page.getByText('Running and ready').waitFor();
      const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
      expect(kept).not.toContain(KEY);
      await page.getByRole('link', { name: 'Open chats' }).tap();
      await page.getByRole('button', { name: 'New chat' }).waitFor();
    },
    10 * MINUTES,
  );

  it(
    'names what blocks a setup, asks for the password for sudo once it can start, and keeps the answers of a failed one',
    async () => {
      const host = await acquire('setup-blocked', { sudo: 'password' });
      const listen = `@s=IO::Socket::INET->new(LocalAddr=>"127.0.0.1",LocalPort=>${PORT},Listen=>1); sleep`;
      const arranged = await host.exec(
        [
          'rm -f /var/lib/systemd/linger/deploy',
          `systemd-run --quiet --unit=squatter --uid=nobody perl -MIO::Socket::INET -e '${listen}'`,
          `timeout 20 sh -c 'until ss -Hltn sport = :${PORT} | grep -q .; do :; done'`,
        ].join(' && '),
      );
      expect(arranged).toMatchObject({ code: 0 });
      const token = await signInByNewLink(buoy());
      const api = createClient({ baseUrl: `${buoy().url}/api`, token: () => token });
      const { id } = await addServer(api, {
        ...{ name: 'blocked', host: host.host, port: host.port, username: host.user },
        ...{ authType: 'key', privateKey: await readFile(host.key, 'utf8') },
      });
      const page = await visit({ ...phone, reducedMotion: 'reduce' });
      await openSignInLink(page, await buoy().newSignInLink());
      await page.getByRole('link', { name: 'blocked' }).tap();

      const setup = page.getByRole('region', { name: 'Set up OpenClaw' });
      const start = setup.getByRole('button', { name: 'Set up OpenClaw' });
      await setup.getByText(`A program of nobody (uid 65534) listens on port ${PORT}.`).waitFor();
      await setup.getByText('Setup can start once this is solved: Gateway port.').waitFor();
      expect(await start.isDisabled()).toBe(true);
      expect(await page.getByLabel('Password for sudo').count()).toBe(0);

      const { invite } = await api('POST /servers/:id/invites', { params: { id }, body: { role: 'viewer' } });
      const viewer = await visit(phone);
      await acceptAsBerta(viewer, invite.url);
      await viewer.getByText('An admin of this server can set up OpenClaw.').waitFor();
      await viewer.getByText(`A program of nobody (uid 65534) listens on port ${PORT}.`).waitFor();
      expect(await viewer.getByRole('button', { name: 'Set up OpenClaw' }).count()).toBe(0);

      const german = await visit({ ...phone, locale: 'de-DE', reducedMotion: 'reduce' });
      await openSignInLink(german, await buoy().newSignInLink());
      await german.getByRole('link', { name: 'blocked' }).tap();
      await german.getByText('Zuerst muss das behoben sein: Port des Gateways.').waitFor();
      await settled(german);
      expect(await findIssues(german)).toEqual(noIssues);

      expect(await host.exec('systemctl stop squatter')).toMatchObject({ code: 0 });
      await setup.getByRole('button', { name: 'Check again' }).tap();
      await page.getByLabel('Password for sudo').fill(host.password);
      await page.getByLabel('API key', { exact: true }).fill(KEY);
      await page.getByRole('button', { name: 'Advanced settings' }).tap();
      await page.getByLabel('OpenClaw version').fill('2026.9.999');
      await setup.getByText('Show what it runs').tap();
      await setup.getByText('Install OpenClaw', { exact: true }).tap();
      await setup.getByText("OPENCLAW_VERSION='2026.9.999'").waitFor();
      expect(await setup.textContent()).not.toContain(KEY);
      expect(await findIssues(page)).toEqual(noIssues);
      await start.tap();
      await page.getByText('Choose another version, or “latest”.').waitFor({ timeout: SETUP_MS });
      await page.getByText('Enter the key again: Buoy deletes keys when a setup ends.').waitFor();
      expect(await page.getByLabel('OpenClaw version').inputValue()).toBe('2026.9.999');
      expect(await page.getByLabel('API key', { exact: true }).inputValue()).toBe('');
      expect(await page.getByLabel('Password for sudo').inputValue()).toBe('');
      await setup.getByRole('button', { name: 'Start again' }).waitFor();
    },
    10 * MINUTES,
  );
});
