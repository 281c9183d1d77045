// A WebSocket of the Control UI has two ends that one person may own: frames that never become whole, and ends that never read, must not fill
// Buoy's memory.
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { afterEach, describe, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { until } from '../../../testbed/until.ts';
import { type Clock, systemClock } from '../../src/lib/clock.ts';
import { createFakeClock } from '../../src/lib/testing/fake-clock.ts';
import { createSocketRelay } from '../../src/openclaw/dashboard/relay-socket.ts';
import { createHeldFrames } from '../../src/openclaw/gateway/held-frames.ts';

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

/** A relay between browsers and a gateway that are both the test's. */
async function startRelay(clock: Clock = systemClock) {
  const gateway = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
  await once(gateway, 'listening');
  const { port } = gateway.address() as AddressInfo;
  const gatewayTunnel = {
    open: async () => ({
      stream: connect(port, '127.0.0.1') as Duplex,
      access: { port, auth: { token: 'a-secret-of-the-gateway' }, problem: null } as never,
      isFresh: true,
    }),
    refused: () => {},
  };
  const relay = createSocketRelay({ gatewayTunnel, heldFrames: createHeldFrames(), clock });
  const http = createServer();
  http.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const userId = String(request.headers['x-person']);
    const watch = () => () => undefined;
    const stillAdmitted = () => Promise.resolve();
    const to = { serverId: 'srv_1', userId, path: '/x', base: 'http://x/s/1', stillAdmitted, watch };
    relay.relay(to, request, socket, head).catch(() => socket.destroy());
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  cleanUp.push(() => {
    for (const one of gateway.clients) one.terminate();
    gateway.close();
    http.closeAllConnections();
    http.close();
  });
  return {
    /** A tab of this person; `closed` is how Buoy closed each end, once it did. */
    async open(person: string) {
      const taken = once(gateway, 'connection') as Promise<[WebSocket]>;
      const url = `ws://127.0.0.1:${(http.address() as AddressInfo).port}/x`;
      const browser = new WebSocket(url, { headers: { 'x-person': person }, perMessageDeflate: false });
      cleanUp.push(() => browser.terminate());
      const [[server]] = await Promise.all([taken, once(browser, 'open')]);
      const tab = { browser, server, closed: { browser: null, server: null } as Ends };
      for (const end of ['browser', 'server'] as const) {
        tab[end].on('error', () => undefined);
        tab[end].on('close', (code, reason) => {
          tab.closed[end] = { code, reason: String(reason) };
        });
      }
      return tab;
    },
  };
}
type Ended = { code: number; reason: string } | null;
type Ends = { browser: Ended; server: Ended };
type Tab = Awaited<ReturnType<Awaited<ReturnType<typeof startRelay>>['open']>>;

async function openTabs(person: string, count: number, relay: Awaited<ReturnType<typeof startRelay>>) {
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

describe('an end that takes nothing', () => {
  test('of what waits for it for 60 s is closed; the other one is told', async () => {
    const clock = createFakeClock();
    const relay = await startRelay(clock);
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
    const relay = await startRelay(clock);
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
