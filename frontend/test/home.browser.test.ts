import { createServer } from 'node:net';
import { type Client, createClient } from '@buoy/contract/client';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { addServer, signInByLink } from '../../testbed/buoy-client.ts';
import { openSignInLink } from '../../testbed/open-sign-in-link.ts';
import { until } from '../../testbed/until.ts';
import { browserMissing, desktop, phone } from './support/browser.ts';
import { createFrameMeter, type FrameMeter } from './support/frames.ts';
import { useWatchedPages } from './support/watched-pages.ts';

const skipReason = browserMissing === '' ? '' : ` (skipped: ${browserMissing})`;

const SERVERS = 200;
/** Best of this many rounds: on a busy machine single rounds take longer. */
const ROUNDS = 3;
/** Milliseconds; longer steps are felt as a hitch. */
const LONG_FRAME_MS = 50;

/** A port on loopback where nothing listens. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

const nameOf = (index: number) => `${index % 3 === 0 ? 'web' : 'worker'}-${String(index).padStart(3, '0')}`;

describe.skipIf(browserMissing !== '')(`the list of ${SERVERS} servers in a browser${skipReason}`, () => {
  const { buoy, visit } = useWatchedPages();
  let api: Client;

  beforeAll(async () => {
    const token = await signInByLink(buoy());
    api = createClient({ baseUrl: `${buoy().url}/api`, token: () => token });
    const port = await closedPort();
    for (let index = 0; index < SERVERS; index += 1)
      await addServer(api, {
        name: nameOf(index),
        host: '127.0.0.1',
        port,
        username: 'deploy',
        authType: 'password',
        password: 'never right',
        tags: [index % 2 === 0 ? 'prod' : 'staging', `region-${index % 4}`],
      });
    await until(60_000, async () => {
      const { servers } = await api('GET /servers', { query: { state: 'unreachable', limit: 200 } });
      return servers.length === SERVERS;
    });
  });

  const home = async (options: Parameters<typeof visit>[0] = {}) => {
    const page = await visit(options);
    await openSignInLink(page, await buoy().newSignInLink());
    await page.getByRole('heading', { name: `Unreachable · ${SERVERS}` }).waitFor();
    return page;
  };
  const search = (page: Page) => page.getByRole('searchbox');
  const rows = (page: Page) => page.getByRole('list', { name: 'Unreachable' }).getByRole('listitem');

  it('filters servers by name and tags, and keeps the filter after opening a server and a reload', async () => {
    const page = await home(phone);
    await search(page).fill('WEB-');
    await page.getByRole('heading', { name: /^Unreachable · 67$/ }).waitFor();
    await page.getByRole('button', { name: 'prod' }).click();
    await page.getByRole('button', { name: 'region-2' }).click();
    await page.getByRole('heading', { name: /^Unreachable · 17$/ }).waitFor();
    expect(await page.getByRole('button', { name: 'prod' }).getAttribute('aria-pressed')).toBe('true');

    await rows(page).first().click();
    await page.getByRole('heading', { level: 1, name: 'web-006' }).waitFor();
    await page.getByRole('link', { name: 'All servers' }).click();
    await page.getByRole('heading', { name: /^Unreachable · 17$/ }).waitFor();
    await page.reload();
    await page.getByRole('heading', { name: /^Unreachable · 17$/ }).waitFor();
    expect(await search(page).inputValue()).toBe('WEB-');

    await search(page).fill('no such server');
    await page.getByText('No server matches').waitFor();
    await page.getByRole('button', { name: 'Show all servers' }).click();
    await page.getByRole('heading', { name: `Unreachable · ${SERVERS}` }).waitFor();
  });

  it('shows each server’s state, cause and age in one line on a desktop and two on a phone', async () => {
    for (const [options, height] of [
      [desktop, 48],
      [phone, 64],
    ] as const) {
      const page = await home(options);
      const row = rows(page).first();
      expect(await row.textContent()).toMatch(
        /web-000.*127\.0\.0\.1.*Unreachable.*(refused|reached).*Checked/,
      );
      expect((await row.boundingBox())?.height).toBeLessThanOrEqual(height + 1);
    }
  });

  it.each([
    ['phone', phone],
    ['desktop', desktop],
  ] as const)('scrolls and filters without a frame over 50 ms on a %s', async (_name, size) => {
    const page = await home(size);
    const meter = await createFrameMeter(page);
    const rounds: Record<string, number>[] = [];
    const isQuick = (costs: Record<string, number>) =>
      Object.values(costs).every((ms) => ms <= LONG_FRAME_MS);
    while (rounds.length < ROUNDS && !rounds.some(isQuick)) rounds.push(await scrollAndFilter(page, meter));
    expect(rounds.some(isQuick), `no round was in time: ${JSON.stringify(rounds)}`).toBe(true);
  });

  /** Milliseconds of the slowest step of each kind. */
  async function scrollAndFilter(page: Page, meter: FrameMeter): Promise<Record<string, number>> {
    await meter.calibrate();
    const costs: Record<string, number> = {};
    const step = async (name: string, act: () => Promise<unknown>) => {
      costs[name] = Math.round(Math.max(costs[name] ?? 0, await meter.costOf(act)));
    };
    const scroll = async (by: number) => {
      const { top, end } = await page.evaluate(() => ({
        top: window.scrollY,
        end: document.documentElement.scrollHeight - window.innerHeight,
      }));
      if (by > 0 ? top >= end - 1 : top <= 0) return false;
      await step(by > 0 ? 'scroll down' : 'scroll up', () =>
        page.evaluate((pixels) => window.scrollBy(0, pixels), by),
      );
      return true;
    };
    while (await scroll(600));
    while (await scroll(-600));

    await search(page).focus();
    for (const key of ['w', 'e', 'b', '-', '1', ...Array(5).fill('Backspace')])
      await step(key, () => page.keyboard.press(key));
    await page.getByRole('heading', { name: `Unreachable · ${SERVERS}` }).waitFor();
    for (const count of [100, SERVERS]) {
      await step(`tag, ${count} left`, () => page.getByRole('button', { name: 'prod' }).click());
      await page.getByRole('heading', { name: `Unreachable · ${count}` }).waitFor();
    }
    return costs;
  }

  it('requests the status of visible servers only, one at a time', async () => {
    const page = await visit(phone);
    const asked = new Set<string>();
    let atOnce = 0;
    let most = 0;
    const isStatus = (url: string) => url.endsWith('/openclaw/status');
    page.on('request', (request) => {
      if (!isStatus(request.url())) return;
      asked.add(request.url());
      atOnce += 1;
      most = Math.max(most, atOnce);
    });
    page.on('response', (response) => {
      if (isStatus(response.url())) atOnce -= 1;
    });
    await openSignInLink(page, await buoy().newSignInLink());
    await page.getByRole('heading', { name: `Unreachable · ${SERVERS}` }).waitFor();
    for (const _ of [1, 2, 3]) await page.waitForResponse((response) => isStatus(response.url()));
    expect(most).toBe(1);
    const { servers } = await api('GET /servers', { query: { q: 'web-0', limit: 200 } });
    const first = servers.slice(0, 20).map(({ id }) => id);
    for (const url of asked) expect(first.some((id) => url.includes(id))).toBe(true);
  });

  it('shows changed, added and removed servers live, without polling', async () => {
    // What a try before this one has left.
    const { servers: left } = await api('GET /servers', { query: { q: 'a new', limit: 200 } });
    for (const { id, name } of left)
      if (name === 'a new server') await api('DELETE /servers/:id', { params: { id } });
      else await api('PUT /servers/:id', { params: { id }, body: { name: nameOf(0) } });
    const page = await home(desktop);
    const asked: string[] = [];
    page.on('request', (request) => {
      const { pathname } = new URL(request.url());
      if (/^\/api\/servers(\/events)?$/.test(pathname)) asked.push(pathname);
    });
    const { servers } = await api('GET /servers', { query: { q: nameOf(0), limit: 1 } });
    const { id, host, port } = servers[0] ?? expect.unreachable();
    await api('PUT /servers/:id', { params: { id }, body: { name: 'a new name' } });
    await page.getByText('a new name').waitFor();
    await addServer(api, {
      ...{ name: 'a new server', host, port, username: 'deploy' },
      ...{ authType: 'password', password: 'never right', tags: [] },
    });
    await page.getByText('a new server').waitFor();
    await page.getByRole('heading', { name: `Unreachable · ${SERVERS + 1}` }).waitFor();
    const added = await api('GET /servers', { query: { q: 'a new server', limit: 1 } });
    await api('DELETE /servers/:id', { params: { id: added.servers[0]?.id ?? '' } });
    await page.getByText('a new server').waitFor({ state: 'detached' });
    await api('PUT /servers/:id', { params: { id }, body: { name: nameOf(0) } });
    await page.getByText('a new name').waitFor({ state: 'detached' });
    expect(asked).toEqual([]);
  });

  it('refreshes the list on pull-down', async () => {
    const page = await home(phone);
    const touch = await page.context().newCDPSession(page);
    const at = (type: 'touchStart' | 'touchMove' | 'touchEnd', y: number) =>
      touch.send('Input.dispatchTouchEvent', {
        type,
        touchPoints: type === 'touchEnd' ? [] : [{ x: 200, y }],
      });
    await at('touchStart', 150);
    for (let y = 160; y <= 340; y += 20) await at('touchMove', y);
    await page.getByText('Release to refresh').waitFor();
    const read = page.waitForResponse((response) => new URL(response.url()).pathname === '/api/servers');
    await at('touchEnd', 340);
    await read;
    await page.getByText('Release to refresh').waitFor({ state: 'hidden' });
  });

  it('keeps the list while offline, shows its age, and resumes by itself', async () => {
    const page = await home({ ...phone, goesOffline: true });
    await page.context().setOffline(true);
    await page.getByText('This device is offline.').waitFor();
    await page.getByText(/The data shown is from/).waitFor();
    expect(await rows(page).count()).toBe(SERVERS);
    const again = page.waitForResponse((response) => new URL(response.url()).pathname === '/api/servers');
    await page.context().setOffline(false);
    await page.getByText('This device is offline.').waitFor({ state: 'hidden' });
    await again;
  });
});
