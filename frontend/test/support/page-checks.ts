// Checks that hold on every page: axe, no horizontal scrolling, and touch target sizes.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { AxeResults, RunOptions } from 'axe-core';
import type { Page } from 'playwright-core';

const axeSource = readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** WCAG 2.2 AA and all below it. */
const rules: RunOptions = {
  runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
};

/** CSS pixels: the minimum touch target. */
const TARGET_PX = 44;

export type PageIssues = { violations: string[]; overflow: number; small: string[] };

export const noIssues: PageIssues = { violations: [], overflow: 0, small: [] };

/** Goes to a path of the app as a link would: without loading it anew. */
export async function goWithin(page: Page, path: string): Promise<void> {
  await page.evaluate((to) => {
    window.history.pushState(null, '', to);
    window.dispatchEvent(new PopStateEvent('popstate'));
  }, path);
}

/** Waits until nothing on the page says that it is still loading. */
export async function settled(page: Page): Promise<void> {
  await page.locator('main h1').first().waitFor();
  await page.waitForFunction(() => document.querySelector('[role="status"][aria-label]') === null);
}

/** CSS pixels by which the page is wider than the screen. */
export function overflowOf(page: Page): Promise<number> {
  return page.evaluate(() => Math.max(0, document.documentElement.scrollWidth - window.innerWidth));
}

/** Checks the page as it is displayed now. */
export async function findIssues(page: Page): Promise<PageIssues> {
  // It stays while the page is not loaded anew, and half a megabyte takes a while to read.
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(await axeSource);
  const { violations } = await page.evaluate(
    (options) => (window as unknown as { axe: { run(o: RunOptions): Promise<AxeResults> } }).axe.run(options),
    rules,
  );
  const measured = await page.evaluate((least) => {
    const isInText = (element: HTMLElement) => element.matches('p a, li p a, .prose a');
    return {
      small: [
        ...document.querySelectorAll<HTMLElement>(
          'main a, main button, main input, main select, header a, header button',
        ),
      ]
        .filter((element) => element.getClientRects().length > 0 && !isInText(element))
        // A checkbox is as large as its label.
        .map((element) => element.closest<HTMLElement>('label') ?? element)
        .filter((element) => element.getBoundingClientRect().height < least)
        .map((element) => element.outerHTML.slice(0, 140)),
    };
  }, TARGET_PX);
  return {
    violations: violations.flatMap(({ id, help, nodes }) =>
      nodes.map(({ html }) => `${id}: ${help}: ${html.slice(0, 160)}`),
    ),
    overflow: await overflowOf(page),
    ...measured,
  };
}
