// The real Control UI in a browser, opened by the button and by a link: it loads, connects and lists the agents.
import { readFile } from 'node:fs/promises';
import { type Client, createClient } from '@buoy/contract/client';
import type { BrowserContext, Page } from 'playwright-core';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { addServer, signInByLink, untilUp } from '../../testbed/buoy-client.ts';
import { acquireHost, currentOpenclawLayer, type Host, previousOpenclawLayer } from '../../testbed/hosts.ts';
import { isLongRun } from '../../testbed/long-run.ts';
import { openSignInLink } from '../../testbed/open-sign-in-link.ts';
import { testHost } from '../../testbed/test-hosts.ts';
import { browserMissing } from './support/browser.ts';
import { useWatchedPages } from './support/watched-pages.ts';

const missing = browserMissing || inject('hostsMissing');
const versions = [
  { version: '2026.9.6', name: testHost('gateway'), layer: currentOpenclawLayer, agents: /New agent/ },
  {
    version: '2026.7.35',
    name: testHost('gateway-previous'),
    layer: previousOpenclawLayer,
    agents: /Core Files/,
  },
].slice(0, isLongRun ? 2 : 1);

/** The requests and responses of a tab with the Control UI. */
type Watched = { sockets: string[]; frames: string[]; elsewhere: string[]; failures: string[] };

function watch(context: BrowserContext, isOwn: (origin: string) => boolean): Watched {
  const seen: Watched = { sockets: [], frames: [], elsewhere: [], failures: [] };
  context.on('page', (page) => {
    page.on('websocket', (socket) => {
      seen.sockets.push(socket.url());
      socket.on('framereceived', ({ payload }) => seen.frames.push(String(payload)));
    });
    page.on('response', (response) => {
      if (
        response.status() >= 400 &&
        /\.(js|css|html)(\?|$)/.test(response.url()) &&
        !/sw\.js/.test(response.url())
      )
        seen.failures.push(`${response.status()} ${response.url()}`);
    });
    page.on('request', (request) => {
      const { protocol, origin } = new URL(request.url());
      if (protocol.startsWith('http') && !isOwn(origin)) seen.elsewhere.push(request.url());
    });
  });
  return seen;
}

describe.skipIf(missing !== '')(`the Control UI in a browser${missing && ` (skipped: ${missing})`}`, () => {
  const { buoy, visit } = useWatchedPages();
  let api: Client;

  beforeAll(async () => {
    const token = await signInByLink(buoy());
    api = createClient({ baseUrl: `${buoy().url}/api`, token: () => token });
  });

  const add = async (host: Host) => {
    const { id } = await addServer(api, {
      name: host.name,
      host: host.host,
      username: host.user,
      authType: 'key',
      privateKey: await readFile(host.key, 'utf8'),
    });
    await untilUp(api, id);
    return id;
  };
  /** The agents as OpenClaw's own page lists them. */
  const showsAgents = async (tab: Page, id: string, words: RegExp) => {
    await tab.goto(new URL(`/s/${id}/agents`, tab.url()).href);
    await tab.getByText(words).first().waitFor({ timeout: 60_000 });
    await tab.getByText('main').first().waitFor();
  };

  it.each(versions)(
    'of OpenClaw $version opens from the server page',
    { timeout: 300_000 },
    async ({ name, layer, agents }) => {
      const host = await acquireHost({ name, layer, waitGateway: true });
      const id = await add(host);
      const config = await host.exec(['cat', '/home/deploy/.openclaw/openclaw.json'], { user: 'deploy' });
      const gatewayToken = /"token":\s*"([^"]{16,})"/.exec(config.stdout)?.[1] ?? expect.unreachable();
      const page = await visit();
      const hostname = new URL(buoy().url).hostname;
      const seen = watch(page.context(), (origin) => new URL(origin).hostname === hostname);
      await openSignInLink(page, await buoy().newSignInLink());
      await page.getByText(host.name).first().click();

      const opening = page.context().waitForEvent('page');
      await page.getByRole('button', { name: 'Open Control UI' }).click();
      const tab = await opening;
      await tab.waitForURL(new RegExp(`/s/${id}/`), { timeout: 60_000 });
      await tab.locator('openclaw-app').waitFor({ state: 'attached' });
      await page.getByText('ssh -N -L 18789:127.0.0.1:18789').waitFor();
      const origin = new URL(tab.url()).origin;
      expect(origin).not.toBe(buoy().url);
      await showsAgents(tab, id, agents);

      const connected = `${origin.replace('http', 'ws')}/s/${id}`;
      expect(seen.sockets).toContain(connected);
      expect(seen.frames.some((frame) => frame.includes('"hello-ok"'))).toBe(true);
      expect(seen.frames.some((frame) => frame.includes(gatewayToken))).toBe(false);
      const kept = await tab.evaluate(() =>
        JSON.stringify([
          document.cookie,
          { ...localStorage },
          { ...sessionStorage },
          document.documentElement.outerHTML,
        ]),
      );
      expect(kept).not.toContain(gatewayToken);
      expect(kept).not.toContain('buoy_control_ui');
      expect(seen.failures).toEqual([]);
      expect(seen.elsewhere).toEqual([]);

      // The command for one's own terminal stays on the page of a server that is out of reach for a moment.
      await page.route(
        (url) => url.pathname.endsWith('/openclaw/status'),
        (route) =>
          route.fulfill({
            status: 503,
            json: { error: 'The server cannot be reached.', code: 'unreachable' },
          }),
      );
      await page.getByRole('button', { name: 'Open Control UI' }).waitFor({ state: 'hidden' });
      expect(await page.getByText('ssh -N -L 18789:127.0.0.1:18789').isVisible()).toBe(true);

      // Signing out ends the Control UI session.
      await page.getByRole('button', { name: 'Sign out' }).click();
      await page
        .getByText(/sign in/i)
        .first()
        .waitFor();
      await tab.goto(`${origin}/s/${id}/`);
      await tab.getByText('This Control UI session has ended.').waitFor();
    },
  );

  it.runIf(isLongRun)(
    'opens from a link once for the person it was created for, and never without a sign-in',
    async () => {
      const [{ name, layer, agents }] = versions as [(typeof versions)[number]];
      const id = (await api('GET /servers')).servers.find((server) => server.name === name)?.id ?? '';
      expect(id).not.toBe('');
      await acquireHost({ name, layer, waitGateway: true });
      const { url } = await api('GET /servers/:id/openclaw/dashboard-url', { params: { id } });

      const strangers = await visit();
      await strangers.goto(url);
      await strangers
        .getByText(/sign in/i)
        .first()
        .waitFor();

      const page = await visit();
      await openSignInLink(page, await buoy().newSignInLink());
      await page.getByText(name).first().waitFor();
      const tab = await page.context().newPage();
      await tab.goto(url);
      await tab.waitForURL(new RegExp(`/s/${id}/`), { timeout: 60_000 });
      await showsAgents(tab, id, agents);

      const again = await page.context().newPage();
      await again.goto(url);
      await again.getByText('This link to the Control UI was already used').waitFor();
      expect(again.url()).toBe(`${buoy().url}/control-ui`);
    },
  );
});
