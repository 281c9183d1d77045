// Several bare hosts set up together by a person with a phone, and the settings of a gateway that Buoy has set up.
import { type Client, createClient } from '@buoy/contract/client';
import type { Page } from 'playwright-core';
import { beforeEach, describe, expect, inject, it, onTestFinished } from 'vitest';
import { addServer, signInByNewLink, untilUp } from '../../testbed/buoy-client.ts';
import { BOT_TOKEN } from '../../testbed/forge-init-data.ts';
import { acquireHost, type Host } from '../../testbed/hosts.ts';
import { npmRegistry } from '../../testbed/npm-registry.ts';
import { openSignInLink } from '../../testbed/open-sign-in-link.ts';
import { testHost } from '../../testbed/test-hosts.ts';
import { until } from '../../testbed/until.ts';
import { browserMissing, phone } from './support/browser.ts';
import { findIssues, noIssues, settled } from './support/page-checks.ts';
import { acceptAsBerta } from './support/telegram-in-browser.ts';
import { useWatchedPages } from './support/watched-pages.ts';

const missing = browserMissing || inject('hostsMissing');
const KEY = 'sk-ant-of-nobody-0123456789';
const OTHER_PASSWORD = 'another-password';
/** Milliseconds: two setups side by side take 150 s on an idle machine. */
const SETUP_MS = 600_000;
const MINUTES = 60_000;

async function acquire(name: string): Promise<Host> {
  const host = await acquireHost({ name: testHost(name) });
  onTestFinished(() => host.down());
  return host;
}

describe.skipIf(missing !== '')(`bulk setup of hosts${missing && ` (skipped: ${missing})`}`, () => {
  const { buoy, visit } = useWatchedPages(
    { NPM_REGISTRY: npmRegistry(), TELEGRAM_BOT_TOKEN: BOT_TOKEN },
    { buoyFor: 'test' },
  );
  let api: Client;

  beforeEach(async () => {
    const token = await signInByNewLink(buoy());
    api = createClient({ baseUrl: `${buoy().url}/api`, token: () => token });
  });

  const open = async (path: string): Promise<Page> => {
    const page = await visit({ ...phone, reducedMotion: 'reduce' });
    await openSignInLink(page, await buoy().newSignInLink());
    await page.getByRole('heading', { level: 1, name: 'Servers' }).waitFor();
    await page.goto(`${buoy().url}${path}`);
    return page;
  };
  const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).tap();
  const field = (page: Page, label: string) => page.getByLabel(label, { exact: true });
  const expectFlawless = async (page: Page) => {
    await settled(page);
    expect(await findIssues(page)).toEqual(noIssues);
  };

  it(
    'sets up two bare servers, asks for the login again only for the one that refused it, and continues without its page',
    async () => {
      const [one, two] = [await acquire('bulk-one'), await acquire('bulk-two')];
      expect(await two.exec(`echo deploy:${OTHER_PASSWORD} | chpasswd`)).toMatchObject({ code: 0 });
      const page = await open('/servers/new/several');
      page.setDefaultTimeout(MINUTES);
      await field(page, 'Servers, one per line').fill(`one ${one.host}\ntwo ${two.host}:22 ${two.user}`);
      await field(page, 'Login name').fill(one.user);
      await field(page, 'Password').last().fill(one.password);
      await field(page, 'Tags (optional)').fill('fleet');
      await press(page, 'Read host keys');

      const keys = page.getByRole('list', { name: 'Check the host keys' }).getByRole('listitem');
      for (const host of [one, two]) {
        const row = keys.filter({ hasText: host.host });
        await row.getByText(/SHA256:/).waitFor();
        const shown = (await row.textContent()) ?? '';
        expect(Object.values(host.hostKeys).some((key) => shown.includes(key))).toBe(true);
      }
      await page.getByRole('checkbox', { name: 'Trust this key one' }).check();
      await page.getByText('1 server without a trusted key is left out.').waitFor();
      await press(page, 'Trust all keys (2)');
      await expectFlawless(page);
      expect((await api('GET /servers')).servers).toEqual([]);
      await press(page, 'Continue with 2 servers');
      await field(page, 'API key').fill(KEY);
      await press(page, 'Add and set up 2 servers');

      const rows = page.getByRole('list', { name: 'Setups' }).getByRole('listitem');
      const [rowOfOne, rowOfTwo] = ['one', 'two'].map((name) =>
        rows.filter({ has: page.getByRole('link', { name, exact: true }) }),
      ) as [typeof rows, typeof rows];
      await rowOfTwo.getByText('✕ Failed').waitFor();
      await rowOfOne.getByText('◐ Setting up').waitFor();
      await page.getByText('You can close Buoy').waitFor();
      await expectFlawless(page);
      const { servers } = await api('GET /servers', { query: { tag: 'fleet' } });
      expect(servers.map(({ name }) => name)).toEqual(['one', 'two']);

      await press(page, 'Try again with 1 server');
      await field(page, 'Password').last().fill(OTHER_PASSWORD);
      await field(page, 'API key').fill(KEY);
      await press(page, 'Set up 1 server');
      await rowOfTwo.getByText('◐ Setting up').waitFor();
      const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
      for (const secret of [KEY, OTHER_PASSWORD, one.password]) expect(kept).not.toContain(secret);

      // The tasks continue without the page, and the page finds them by the servers.
      await page.reload();
      const found = page.getByRole('list', { name: 'Not set up yet' }).getByRole('listitem');
      await found.filter({ hasText: 'two' }).getByText('◐ Setting up').waitFor();
      await expectFlawless(page);
      await until(SETUP_MS, async () => {
        const { tasks } = await api('GET /tasks', { query: { status: 'succeeded' } });
        return tasks.filter(({ type }) => type === 'setup').length === 2;
      });
      for (const { id } of servers) await untilUp(api, id);
      await until(MINUTES, async () => (await found.count()) === 0);
      expect((await api('GET /servers')).servers).toHaveLength(2);
    },
    15 * MINUTES,
  );

  it(
    'moves a gateway to another port and gives it a new token after a question, for admins only',
    async () => {
      const host = await acquire('gateway-settings');
      const { id } = await addServer(api, {
        ...{ name: 'moved', host: host.host, port: host.port, username: host.user },
        ...{ authType: 'password', password: host.password },
      });
      const { task } = await api('POST /servers/:id/setup/run', {
        params: { id },
        body: { onboard: { provider: 'skip' } },
      });
      await until(SETUP_MS, async () => {
        const { status } = (await api('GET /tasks/:id', { params: { id: task.id } })).task;
        return status === 'succeeded';
      });
      await untilUp(api, id);
      const tokenOf = async () => {
        const { stdout } = await host.exec('cat ~/.openclaw/openclaw.json', { user: 'deploy' });
        return JSON.parse(stdout).gateway.auth.token as string;
      };
      const before = await tokenOf();

      const page = await open(`/servers/${id}`);
      page.setDefaultTimeout(2 * MINUTES);
      await page.getByText('Gateway settings').tap();
      await page.getByText('No changes.').waitFor();
      await field(page, 'Listens on').selectOption('lan');
      await page.getByText('Restrict the port by a firewall.').waitFor();
      await expectFlawless(page);
      await field(page, 'Listens on').selectOption('loopback');
      await field(page, 'Port').fill('18790');
      await press(page, 'Save');
      const move = page.getByRole('dialog', { name: 'Change the gateway on moved?' });
      await move.getByText('Port: 18789 → 18790').waitFor();
      await move.getByRole('button', { name: 'Change now' }).tap();
      await page.getByText('The gateway is set to port 18790, loopback. It was restarted.').waitFor();
      expect((await untilUp(api, id)).status.gateway.port).toBe(18_790);
      expect(await tokenOf()).toBe(before);

      await press(page, 'New token');
      const question = page.getByRole('dialog', { name: 'Give the gateway on moved a new token?' });
      await question.getByText('Devices and programs that use the old token lose access at once.').waitFor();
      await question.getByRole('button', { name: 'Make a new token' }).tap();
      await page.getByText('The gateway has a new token. It was restarted.').waitFor();
      const after = await tokenOf();
      expect(after).not.toBe(before);
      expect(await page.content()).not.toContain(after);
      expect((await untilUp(api, id)).status.gateway.port).toBe(18_790);

      const { invite } = await api('POST /servers/:id/invites', { params: { id }, body: { role: 'viewer' } });
      const viewer = await visit(phone);
      await acceptAsBerta(viewer, invite.url);
      await viewer.getByText('Running and ready').waitFor();
      expect(await viewer.getByText('Gateway settings').count()).toBe(0);
    },
    15 * MINUTES,
  );
});
