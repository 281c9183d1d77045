// Somebody with a valid Control UI session, or a script in its page, asks without end: that must not take Buoy from everybody else.
import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../../../testbed/until.ts';
import { noSshd } from '../../src/ssh/testing/loopback-sshd.ts';
import {
  createBrowser,
  entryFor,
  type HostileGateway,
  startHostileGateway,
} from '../support/hostile-gateway.ts';

/** Calls in a row that one person may make, and milliseconds until one is back. */
const MAX_CALLS = 1_000;
const REFILL_MS = 100;
/** Requests of one person that may be open at a time. */
const MAX_OPEN = 128;

describe.skipIf(noSshd !== null)('calls of a Control UI without end', () => {
  let fixture: HostileGateway;
  let web: Server;
  let isHanging = false;
  beforeAll(async () => {
    fixture = await startHostileGateway();
    web = createServer((_request, response) => {
      if (!isHanging) response.end('ok');
    });
  });
  afterAll(async () => {
    web?.closeAllConnections();
    web?.close();
    await fixture.close();
  });

  /** A browser of the person in the Control UI of a new server. */
  async function enter(person: number) {
    const token = await fixture.signIn(person);
    const serverId = await fixture.addServer(token);
    const browser = createBrowser();
    const entry = await entryFor(fixture, token, serverId);
    await browser.enter(entry, fixture.url);
    const base = `/s/${serverId}`;
    const ask = (path: string, signal: AbortSignal | null) =>
      fetch(`${entry.origin}${path}`, {
        headers: { cookie: browser.cookiesFor(path) },
        redirect: 'manual',
        signal,
      });
    return {
      /** What Buoy answers by itself: the most calls that there can be. */
      address: () => ask(base, null),
      page: (signal: AbortSignal | null = null) => ask(`${base}/`, signal),
    };
  }

  test('one person gets a thousand answers in a row over all browsers, then ten a second; others are not held up', async () => {
    const [one, other, neighbour] = [await enter(7), await enter(7), await enter(8)];
    const began = performance.now();
    const statuses: number[] = [];
    let refusal: unknown;
    const callOften = async (browser: typeof one) => {
      for (let count = 0; count < 150; count += 1) {
        const answer = await browser.address();
        statuses.push(answer.status);
        const text = await answer.text();
        if (answer.status === 429)
          refusal = { ...JSON.parse(text), after: answer.headers.get('retry-after') };
      }
    };
    await Promise.all(Array.from({ length: 12 }, (_, at) => callOften(at % 2 === 0 ? one : other)));
    const backAgain = (performance.now() - began) / REFILL_MS;
    const granted = statuses.filter((status) => status === 308).length;
    expect(new Set(statuses)).toEqual(new Set([308, 429]));
    expect(granted).toBeGreaterThanOrEqual(MAX_CALLS);
    expect(granted).toBeLessThanOrEqual(MAX_CALLS + backAgain);
    expect(refusal).toMatchObject({ code: 'rate_limited', after: '1' });
    expect((await neighbour.address()).status).toBe(308);
  });

  test('one person has 128 open requests at most, and more once those have ended', async () => {
    // Two servers: the queue of one has no room for so many.
    const pages = [await enter(9), await enter(9)];
    const { port } = fixture.gateway;
    await fixture.gateway.stop();
    await new Promise<void>((resolve) => web.listen(port, '127.0.0.1', resolve));
    for (const { page } of pages) await until(20_000, async () => (await page()).status === 200);
    isHanging = true;
    const leaving = new AbortController();
    const answers: Array<{ status: number; text: string }> = [];
    for (let count = 0; count < MAX_OPEN + 32; count += 1)
      pages[count % 2]?.page(leaving.signal).then(
        async (answer) => answers.push({ status: answer.status, text: await answer.text() }),
        () => undefined,
      );
    await until(20_000, async () => answers.length >= 32);
    expect(answers.map(({ status }) => status)).toEqual(Array(32).fill(429));
    expect(answers[0]?.text).toContain('requests to Control UIs are open');
    isHanging = false;
    leaving.abort();
    for (const { page } of pages) await until(20_000, async () => (await page()).status === 200);
  }, 150_000);
});
