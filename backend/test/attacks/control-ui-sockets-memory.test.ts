// A WebSocket of the Control UI has two ends that one person may own: frames that never become whole, and ends that never read, must not fill
// Buoy's memory.
import { once } from 'node:events';
import { afterEach, describe, expect, test } from 'vitest';
import { until } from '../../../testbed/until.ts';
import { createFakeClock } from '../../src/lib/testing/fake-clock.ts';
import { type ControlUiRelay, startControlUiRelay, type Tab } from '../support/control-ui-relay.ts';

const MIB = 1_048_576;
/** As many as one person may have open. */
const TABS = 10;
/** Bytes, a little less than Buoy accepts of one frame. */
const LONG = 8 * MIB - 64;
const FRAMES = 3;
const MAX_HELD = 32 * MIB;
/** Bytes that the network between two of three processes may take itself. */
const ON_THE_WAY = 6 * MIB;

const cleanUp: Array<() => unknown> = [];
afterEach(async () => {
  for (const close of cleanUp.splice(0).reverse()) await close();
});

async function startRelay(options: Parameters<typeof startControlUiRelay>[0] = {}) {
  const relay = await startControlUiRelay(options);
  cleanUp.push(() => relay.close());
  return relay;
}

async function openTabs(person: string, count: number, relay: ControlUiRelay) {
  const tabs: Tab[] = [];
  while (tabs.length < count) tabs.push(await relay.open(person));
  return tabs;
}

/** What Buoy and the network have taken of `sent` in tabs that are open. */
const takenOf = (tabs: readonly Tab[], from: 'browser' | 'server', sent: number): number =>
  tabs
    .filter(({ closed }) => closed[from] === null)
    .reduce((sum, tab) => sum + sent - tab[from].bufferedAmount, 0);

describe('one person with ten tabs of Control UIs', () => {
  test('cannot hold more than 32 MiB by frames that never become whole', async () => {
    const relay = await startRelay();
    const tabs = await openTabs('ada', TABS, relay);
    for (const { browser } of tabs) browser.send(Buffer.alloc(LONG), { fin: false });
    const mayStay = Math.floor(MAX_HELD / LONG);
    await until(
      10_000,
      async () => tabs.filter(({ closed }) => closed.browser !== null).length >= TABS - mayStay,
    );
    expect(takenOf(tabs, 'browser', LONG)).toBeLessThanOrEqual(MAX_HELD + ON_THE_WAY);
  });

  test.each([
    ['a gateway that reads nothing', 'server', 'browser'],
    ['browsers that read nothing', 'browser', 'server'],
  ] as const)('cannot hold more than that by %s; another person goes on', async (_what, deaf, from) => {
    const relay = await startRelay();
    const tabs = await openTabs('ada', TABS, relay);
    const others = await openTabs('bob', 1, relay);
    for (const tab of tabs) tab[deaf].pause();
    for (const tab of tabs) for (let at = 0; at < FRAMES; at += 1) tab[from].send(Buffer.alloc(LONG));
    const ended = () => tabs.flatMap(({ closed }) => closed[from] ?? []);
    await until(10_000, async () => ended().length >= 5);
    expect(takenOf(tabs, from, FRAMES * LONG)).toBeLessThanOrEqual(MAX_HELD + TABS * ON_THE_WAY);
    const answer = once(others[0]![deaf], 'message');
    others[0]![from].send('still here');
    expect(String((await answer)[0])).toBe('still here');
  });
});

describe('a gateway', () => {
  test('cannot hold more than that by frames that wait until the secret is masked in them; another person goes on', async () => {
    const relay = await startRelay({ myTurn: () => new Promise(() => {}) });
    const tabs = await openTabs('ada', TABS, relay);
    const others = await openTabs('bob', 1, relay);
    for (const { server } of tabs)
      for (let at = 0; at < FRAMES; at += 1) server.send(Buffer.alloc(LONG, 'x'), { binary: false });
    const ended = () => tabs.filter(({ closed }) => closed.server !== null);
    await until(10_000, async () => ended().length >= TABS - Math.floor(MAX_HELD / LONG));
    expect(takenOf(tabs, 'server', FRAMES * LONG)).toBeLessThanOrEqual(MAX_HELD + TABS * ON_THE_WAY);
    const answer = once(others[0]!.browser, 'message');
    others[0]!.server.send('still here');
    expect(String((await answer)[0])).toBe('still here');
  });
});

describe('an end that takes nothing', () => {
  test('of what waits for it for 60 s is closed; the other one is told', async () => {
    const clock = createFakeClock();
    const relay = await startRelay({ clock });
    const tab = await relay.open('ada');
    tab.server.pause();
    for (let at = 0; at < 2; at += 1) tab.browser.send(Buffer.alloc(LONG));
    const told = await until(10_000, async () => {
      clock.pass(60_000);
      return tab.closed.browser;
    });
    expect(told).toEqual({ code: 1008, reason: 'nothing of what waits is read' });
  });

  test('for a while and then goes on gets an attachment of 7 MB as it was sent', async () => {
    const clock = createFakeClock();
    const relay = await startRelay({ clock });
    const tab = await relay.open('ada');
    const attachment = Buffer.from(Array.from({ length: 1_000 }, (_, at) => at % 251));
    const text = JSON.stringify({
      content: Buffer.alloc(5_300_000, attachment).toString('base64'),
      to: 'ä€𝄞',
    });
    expect(text.length).toBeGreaterThan(7_000_000);
    for (const [from, to] of [
      [tab.browser, tab.server],
      [tab.server, tab.browser],
    ] as const) {
      to.pause();
      const got: string[] = [];
      to.on('message', (data) => got.push(String(data)));
      from.send(text);
      from.send('behind it');
      await until(10_000, async () => from.bufferedAmount === 0);
      clock.pass(59_000);
      to.resume();
      await until(10_000, async () => got.length === 2);
      expect([got[0] === text, got[1]]).toEqual([true, 'behind it']);
      clock.pass(59_000);
    }
    expect(tab.closed).toEqual({ browser: null, server: null });
  });
});
