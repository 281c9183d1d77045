// The pages of one suite: opened in fresh profiles, closed after each test, and heard if they had something to complain about.
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { openBrowser, openPage, type PageOptions, type WatchedPage } from './browser.ts';
import { type RunningBuoy, startBuoy } from './start-buoy.ts';

export type WatchedPages = {
  buoy(): RunningBuoy;
  visit(options?: PageOptions): Promise<Page>;
};

/** Registers the hooks of a suite: one browser, one Buoy with these settings, no complaints after any test. */
export function useWatchedPages(settings: Record<string, string> = {}): WatchedPages {
  let browser: Browser | undefined;
  let buoy: RunningBuoy | undefined;
  const open: WatchedPage[] = [];
  const running = <T>(thing: T | undefined): T => {
    if (thing === undefined) throw new Error('The suite has not started.');
    return thing;
  };

  beforeAll(async () => {
    browser = await openBrowser();
    buoy = await startBuoy(settings);
  });
  afterAll(async () => {
    await browser?.close();
    await buoy?.stop();
  });
  afterEach(async ({ task }) => {
    const pages = open.splice(0);
    // A time-out says only what was not there: this says what was.
    if (task.result?.state === 'fail')
      for (const { page } of pages)
        process.stdout.write(`\n${page.url()} showed:\n${await page.locator('body').textContent()}\n`);
    await Promise.all(pages.map((watched) => watched.close()));
    expect(pages.flatMap((watched) => watched.complaints)).toEqual([]);
  });

  return {
    buoy: () => running(buoy),
    async visit(options = {}) {
      const watched = await openPage(running(browser), running(buoy).url, options);
      open.push(watched);
      return watched.page;
    },
  };
}
