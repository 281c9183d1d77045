// One dead server among ten does not slow down the other nine.
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import { untilUp } from '../../testbed/buoy-client.ts';
import { acquireHost, currentOpenclawLayer, type Host } from '../../testbed/hosts.ts';
import { testHost } from '../../testbed/test-hosts.ts';
import { type LiveBuoy, startLiveBuoy } from './support/live-buoy.ts';

const OTHERS = 9;
const ROUNDS = 15;
/** Milliseconds of timing noise on a shared machine; a wait for the dead server would take seconds. */
const NOISE_MS = 40;
const FROZEN_DEADLINE_MS = 3_500;

describe.skipIf(inject('hostsMissing') !== '')('a frozen server among ten', () => {
  let alive: Host;
  let frozen: Host;
  let live: LiveBuoy;

  beforeAll(async () => {
    alive = await acquireHost({ name: testHost('gateway'), layer: currentOpenclawLayer, waitGateway: true });
    frozen = await acquireHost({ name: testHost('frozen'), layer: currentOpenclawLayer, waitGateway: true });
    live = await startLiveBuoy();
  });
  afterEach(() => frozen.fault('none'));
  afterAll(async () => {
    await live?.close();
    await frozen?.down();
  });

  test('the other nine return their status as fast as before', async () => {
    const others: string[] = [];
    for (let index = 0; index < OTHERS; index += 1) others.push((await live.add(alive, `alive-${index}`)).id);
    const dead = (await live.add(frozen)).id;
    for (const id of [...others, dead]) await untilUp(live.api, id);

    const status = (id: string) => live.api('GET /servers/:id/openclaw/status', { params: { id } });
    /** Median milliseconds of one call to each of the nine, one after the other, over some rounds. */
    const pace = async (): Promise<number> => {
      const times: number[] = [];
      for (let round = 0; round < ROUNDS; round += 1)
        for (const id of others) {
          const started = performance.now();
          expect((await status(id)).source).toBe('gateway');
          times.push(performance.now() - started);
        }
      return times.sort((one, other) => one - other)[Math.floor(times.length / 2)] ?? Number.NaN;
    };

    const before = await pace();
    await frozen.fault('freeze');
    let asking = true;
    const deadAnswers: number[] = [];
    const sources: string[] = [];
    const polling = (async () => {
      while (asking) {
        const started = performance.now();
        const answer = await status(dead).catch((error: { code: string }) => ({ source: error.code }));
        deadAnswers.push(performance.now() - started);
        sources.push(answer.source);
      }
    })();
    const during = await pace();
    asking = false;
    await polling;

    expect(during).toBeLessThan(before * 2 + NOISE_MS);
    expect(Math.max(...deadAnswers), sources.join()).toBeLessThan(FROZEN_DEADLINE_MS);
    expect(sources).not.toContain('gateway');
  });
});
