// The history of a server with seeded checks: charts, ranges, gaps and the table, on a phone and on a desktop.
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createClient } from '@buoy/contract/client';
import type { Locator, Page } from 'playwright-core';
import { beforeEach, describe, expect, it } from 'vitest';
import { addServer, signInByNewLink } from '../../testbed/buoy-client.ts';
import { isLongRun } from '../../testbed/long-run.ts';
import { openSignInLink } from '../../testbed/open-sign-in-link.ts';
import { browserMissing, desktop, type PageOptions } from './support/browser.ts';
import { findIssues, noIssues, settled } from './support/page-checks.ts';
import { useWatchedPages } from './support/watched-pages.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const GIB = 2 ** 30;
/** The narrowest screen. */
const narrow = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true } as const;
const pictures = path.resolve(import.meta.dirname, '../../.cache/screenshots');
const skipReason = browserMissing === '' ? '' : ` (skipped: ${browserMissing})`;

/** Runs in the page: for each column of the plotted area, whether a pixel of the line is in it. */
function columnsWithLine(chart: Element): boolean[] {
  const canvas = chart.querySelector('canvas');
  const area = chart.querySelector('.u-over')?.getBoundingClientRect();
  const context = canvas?.getContext('2d');
  if (canvas == null || context == null || area === undefined) return [];
  const whole = canvas.getBoundingClientRect();
  const scale = canvas.width / whole.width;
  const [left, top] = [(area.left - whole.left) * scale, (area.top - whole.top) * scale];
  const [width, height] = [Math.floor(area.width * scale), Math.floor(area.height * scale)];
  const { data } = context.getImageData(left, top, width, height);
  // The colour of the line is opaque and far from grey, unlike the grid and the area below the line.
  const isLine = (at: number) =>
    (data[at + 3] ?? 0) > 200 && Math.abs((data[at] ?? 0) - (data[at + 2] ?? 0)) > 60;
  return Array.from({ length: width }, (_, x) =>
    Array.from({ length: height }, (_, y) => y).some((y) => isLine((y * width + x) * 4)),
  );
}

describe.skipIf(browserMissing !== '')(`the history of a server in a browser${skipReason}`, () => {
  const { buoy, dataDir, visit } = useWatchedPages({}, { buoyFor: 'test' });
  let id: string;

  beforeEach(async () => {
    const token = await signInByNewLink(buoy());
    const api = createClient({ baseUrl: `${buoy().url}/api`, token: () => token });
    ({ id } = await addServer(api, {
      ...{ name: 'first pot', host: '127.0.0.1', port: 9, username: 'deploy' },
      ...{ authType: 'password', password: 'never right', tags: [] },
    }));
  });

  /** Checks of 20 hours with a pause of four hours and an outage, and hours and days before them. */
  function seed(): void {
    const now = Date.now();
    const database = new DatabaseSync(path.join(dataDir(), 'buoy.db'), { timeout: 5_000 });
    const insert = database.prepare(`insert or replace into history_points
      (server_id, step, at, state, watched_ms, up_ms, latency_ms, latencies, disk_used_share, memory_used_share,
       gateway_rss_bytes, sessions, tokens, cost_usd) values (?, ?, ?, ?, ?, ?, ?, 1, ?, ?, ?, ?, ?, ?)`);
    const add = (step: string, ms: number, state: string, watchedMs: number) => {
      const isUp = state === 'up';
      const wave = Math.sin((now - ms) / (3 * HOUR_MS));
      const ofDay = (ms % DAY_MS) / DAY_MS;
      insert.run(
        ...[id, step, new Date(ms).toISOString(), state, watchedMs, isUp ? watchedMs : watchedMs / 2],
        ...[120 + Math.round(60 * wave), 0.5 + 0.05 * wave, 0.4 + 0.2 * wave],
        ...(isUp ? [Math.round(GIB * (0.6 + 0.1 * wave)), 4 + Math.round(3 * wave)] : [null, null]),
        ...[Math.round(900_000 * ofDay), 3.2 * ofDay],
      );
    };
    database.exec('begin');
    for (let ago = 20 * HOUR_MS; ago >= 2 * MINUTE_MS; ago -= 2 * MINUTE_MS) {
      if (ago < 10 * HOUR_MS && ago > 6 * HOUR_MS) continue;
      add('raw', now - ago, ago < 3 * HOUR_MS && ago > 2 * HOUR_MS ? 'down' : 'up', 0);
    }
    const [hour, day] = [Math.floor(now / HOUR_MS) * HOUR_MS, Math.floor(now / DAY_MS) * DAY_MS];
    for (let hours = 1; hours <= 6 * 24; hours += 1)
      add('hour', hour - hours * HOUR_MS, hours === 3 ? 'down' : 'up', HOUR_MS);
    for (let days = 1; days <= 60; days += 1)
      if (days < 20 || days > 25) add('day', day - days * DAY_MS, days === 40 ? 'unreachable' : 'up', DAY_MS);
    database.exec('commit');
    database.close();
  }

  async function open(options: PageOptions = {}, search = ''): Promise<Page> {
    const page = await visit(options);
    await openSignInLink(page, await buoy().newSignInLink());
    await page.getByText('first pot').first().waitFor();
    await page.goto(`${buoy().url}/servers/${id}/history${search}`);
    await page.getByRole('region', { name: 'Availability' }).waitFor();
    await settled(page);
    return page;
  }

  const chartOf = (page: Page, name: string): Locator =>
    page.getByRole('region', { name, exact: true }).getByRole('img');

  it('draws a line for each value, and none where nobody checked the server', async () => {
    seed();
    const page = await open();
    for (const name of [
      'Response time',
      'Disk',
      'Memory',
      'Gateway memory',
      'Sessions',
      'Tokens of the day',
      'Cost of the day',
    ])
      await expect
        .poll(async () => (await chartOf(page, name).evaluate(columnsWithLine)).filter(Boolean).length)
        .toBeGreaterThan(50);
    const drawn = await chartOf(page, 'Disk').evaluate(columnsWithLine);
    const at = (hoursAgo: number) => drawn[Math.round(((24 - hoursAgo) / 24) * drawn.length)];
    expect([22, 15, 9, 8, 7, 4].map(at)).toEqual([false, true, false, false, false, true]);
    expect(await chartOf(page, 'Disk').getAttribute('aria-label')).toMatch(
      /^Disk: lowest 45%, highest 55%, latest \d\d%/,
    );
    await page.getByRole('img', { name: 'State over time: Not checked, Up, Down' }).waitFor();
    expect(await page.getByRole('region', { name: 'Availability' }).textContent()).toMatch(
      /Last 24 hours97\.\d+%/,
    );
    expect(await findIssues(page)).toEqual(noIssues);
  });

  it('keeps the selected range in the address, and shows the worst state of an hour or a day', async () => {
    seed();
    const page = await open();
    await page.getByRole('radio', { name: '7 days' }).check();
    await page.getByText('Each hour shows its worst state.').waitFor();
    expect(new URL(page.url()).search).toBe('?range=7d');
    await page.getByRole('radio', { name: '90 days' }).check();
    await page.getByText('Each day (UTC) shows its worst state.').waitFor();
    await page.reload();
    await page.getByText('Each day (UTC) shows its worst state.').waitFor();
    expect(await page.getByRole('radio', { name: '90 days' }).isChecked()).toBe(true);
    await page.getByRole('img', { name: /^State over time: Not checked, Up, Unreachable/ }).waitFor();
    await page.getByRole('radio', { name: '24 hours' }).check();
    await page.getByText('Each day (UTC) shows its worst state.').waitFor({ state: 'detached' });
    expect(new URL(page.url()).search).toBe('');
  });

  it('lists the same values in a table that is folded, newest first', async () => {
    seed();
    const page = await open({}, '?range=90d');
    const table = page.getByRole('table', { name: 'Values over time' });
    expect(await table.count()).toBe(0);
    await page.getByText('Show as a table').click();
    const yesterday = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeZone: 'UTC' }).format(
      Date.now() - DAY_MS,
    );
    const row = table.getByRole('row').filter({ has: page.getByRole('rowheader', { name: yesterday }) });
    await row.getByRole('cell', { name: 'Up', exact: true }).waitFor();
    expect(await row.textContent()).toMatch(/Up100%\d+ ms\d\d%\d\d%\d+ MB\d0\$0\.00$/);
    const days = await table.getByRole('rowheader').allTextContents();
    const times = days.map((one) => Date.parse(one));
    expect(times).toEqual(times.toSorted((one, other) => other - one));
    expect(await findIssues(page)).toEqual(noIssues);
  });

  it.each([
    ['light', narrow, 'ru-RU'],
    ['dark', narrow, 'de-DE'],
    ['dark', { ...desktop, viewport: { width: 1280, height: 800 } }, 'en-US'],
  ] as const)('fits a %s screen of %o in %s', async (colorScheme, size, locale) => {
    seed();
    const page = await visit({ ...size, colorScheme, locale, reducedMotion: 'reduce' });
    await openSignInLink(page, await buoy().newSignInLink());
    await page.getByText('first pot').first().waitFor();
    await page.goto(`${buoy().url}/servers/${id}/history`);
    await expect.poll(() => page.locator('main canvas').count()).toBe(7);
    await settled(page);
    expect(await findIssues(page)).toEqual(noIssues);
    if (!isLongRun) return;
    await mkdir(pictures, { recursive: true });
    await page.screenshot({
      path: path.join(pictures, `history-${size.viewport.width}-${colorScheme}.png`),
      fullPage: true,
    });
  });
});
