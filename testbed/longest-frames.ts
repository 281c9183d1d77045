// The longest frame, in wall-clock time, while scrolling and filtering the list of servers.
import type { Browser, Page } from 'playwright-core';
import { openSignInLink } from './open-sign-in-link.ts';

/** Each act is done so often; the best counts, because a machine that does other things at that moment says nothing of the page. */
const ROUNDS = 3;
/** Pixels of one turn of the wheel, and turns until the end of two hundred rows. */
const WHEEL_PX = 400;
const TURNS = 30;

/** Runs in the page: notes the milliseconds between two frames until it is read. */
const startMeter = `(() => {
  const gaps = [];
  let last = performance.now();
  let isRunning = true;
  const tick = (now) => {
    gaps.push(now - last);
    last = now;
    if (isRunning) requestAnimationFrame(tick);
  };
  requestAnimationFrame(tick);
  window.readFrameMeter = () => {
    isRunning = false;
    return Math.max(...gaps.slice(1));
  };
})()`;

/** @returns act → milliseconds of its longest frame */
export async function longestFrames(
  browser: Browser,
  signInLink: string,
  viewport: { width: number; height: number },
): Promise<Record<string, number>> {
  const context = await browser.newContext({ viewport });
  try {
    const page = await context.newPage();
    await openSignInLink(page, signInLink);
    await page.getByRole('searchbox').waitFor();
    await page.mouse.move(viewport.width / 2, viewport.height / 2);
    const acts: Record<string, () => Promise<void>> = {
      'scroll down': () => turnWheel(page, WHEEL_PX),
      'scroll up': () => turnWheel(page, -WHEEL_PX),
      type: async () => {
        await page.getByRole('searchbox').focus();
        for (const key of [...'server-1', ...Array<string>(8).fill('Backspace')])
          await page.keyboard.press(key);
      },
      tag: async () => {
        for (const _ of [1, 2]) await page.getByRole('button', { name: 'prod' }).click();
      },
    };
    const longest: Record<string, number> = {};
    for (const [name, act] of Object.entries(acts)) {
      const rounds: number[] = [];
      for (let round = 0; round < ROUNDS; round += 1) rounds.push(await longestDuring(page, act));
      longest[name] = Math.min(...rounds);
    }
    return longest;
  } finally {
    await context.close();
  }
}

async function turnWheel(page: Page, by: number): Promise<void> {
  for (let turn = 0; turn < TURNS; turn += 1) {
    await page.mouse.wheel(0, by);
    await nextFrame(page);
  }
}

async function longestDuring(page: Page, act: () => Promise<void>): Promise<number> {
  await page.evaluate(startMeter);
  await act();
  await nextFrame(page);
  return page.evaluate<number>('window.readFrameMeter()');
}

/** Until what was asked for is on the screen. */
async function nextFrame(page: Page): Promise<void> {
  await page.evaluate(
    'new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve(null))))',
  );
}
