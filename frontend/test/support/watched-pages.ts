// The pages of a suite: fresh profiles, closed after each test, which fails on recorded complaints.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { type BuoyProcess, startBuoy } from '../../../testbed/buoy-process.ts';
import { newSignInLink } from '../../../testbed/sign-in-link.ts';
import { openBrowser, openPage, type PageOptions, type WatchedPage } from './browser.ts';

export type WatchedPages = {
  buoy(): BuoyProcess;
  /** DATA_DIR of that Buoy. */
  dataDir(): string;
  visit(options?: PageOptions): Promise<Page>;
};

/**
 * Registers the hooks of a suite: one browser, one Buoy with these settings, no complaints after any test. A story that begins with
 * an empty Buoy takes one `buoyFor` each `test`, else its second try would find what the first has left.
 */
export function useWatchedPages(
  settings: Record<string, string> = {},
  { buoyFor = 'suite' }: { buoyFor?: 'suite' | 'test' } = {},
): WatchedPages {
  let browser: Browser | undefined;
  let buoy: BuoyProcess | undefined;
  let dataDir: string | undefined;
  const open: WatchedPage[] = [];
  const running = <T>(thing: T | undefined): T => {
    if (thing === undefined) throw new Error('The suite has not started.');
    return thing;
  };

  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser?.close());
  const [before, after] = buoyFor === 'test' ? [beforeEach, afterEach] : [beforeAll, afterAll];
  before(async () => {
    dataDir = await mkdtemp(path.join(tmpdir(), 'buoy-browser-'));
    const environment = {
      DATA_DIR: dataDir,
      LOG_LEVEL: 'warn',
      RATE_LIMIT_GLOBAL: '100000',
      RATE_LIMIT_AUTH: '100000',
      ...settings,
    };
    const started = await startBuoy(environment);
    buoy = { ...started, newSignInLink: () => newSignInLink(started.url, environment) };
  });
  after(async () => {
    await buoy?.stop();
    if (dataDir !== undefined) await rm(dataDir, { recursive: true, force: true });
  });
  afterEach(async ({ task }) => {
    const pages = open.splice(0);
    // A timeout names only what was missing; this logs what the page showed.
    if (task.result?.state === 'fail')
      for (const { page } of pages)
        process.stdout.write(`\n${page.url()} showed:\n${await page.locator('body').textContent()}\n`);
    await Promise.all(pages.map((watched) => watched.close()));
    const complaints = pages.flatMap((watched) => watched.complaints);
    // Said again as the message: a call that missed its deadline is known by its words.
    expect(complaints, complaints.join('\n')).toEqual([]);
  });

  return {
    buoy: () => running(buoy),
    dataDir: () => running(dataDir),
    async visit(options = {}) {
      const watched = await openPage(running(browser), running(buoy).url, options);
      open.push(watched);
      return watched.page;
    },
  };
}
