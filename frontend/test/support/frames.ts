// Measures the main thread time of single interactions; more than a frame is felt as a hitch.
import type { CDPSession, Page } from 'playwright-core';
import { YARDSTICK_MS, yardstick } from '../../../testbed/yardstick.ts';

export type FrameMeter = {
  /**
   * Does one step, waits until it is on the screen, and answers the milliseconds of computing time that it took: those of all of its
   * frames together. Time in which the machine did other things does not count, and a slow machine is allowed for.
   */
  costOf(step: () => Promise<unknown>): Promise<number>;
  /** Measures how slow the machine is now; for the steps from here on. */
  calibrate(): Promise<void>;
};

/** Source: https://chromedevtools.github.io/devtools-protocol/tot/Performance/ (Chromium alone) */
export async function createFrameMeter(page: Page): Promise<FrameMeter> {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  let slowness = 1;
  const yardstickMs = async (): Promise<number> => {
    const before = await taskSeconds(session);
    await page.evaluate(yardstick);
    return ((await taskSeconds(session)) - before) * 1000;
  };
  // The first run compiles it.
  await yardstickMs();
  return {
    async calibrate() {
      slowness = Math.max(1, (await yardstickMs()) / YARDSTICK_MS);
    },
    async costOf(step) {
      const before = await taskSeconds(session);
      await step();
      await page.evaluate(
        () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))),
      );
      return (((await taskSeconds(session)) - before) * 1000) / slowness;
    },
  };
}

async function taskSeconds(session: CDPSession): Promise<number> {
  const { metrics } = await session.send('Performance.getMetrics');
  const metric = metrics.find(({ name }) => name === 'TaskDuration');
  if (metric === undefined) throw new Error('This browser does not count the time of its tasks.');
  return metric.value;
}
