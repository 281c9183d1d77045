// Buoy holds a page of the Control UI in memory until it is complete, so a gateway that sends pages without end could exhaust that memory.
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

/** Bytes, a little less than Buoy accepts of one page. */
const PAGE = 4_000_000;
const PAGES = 30;
/** Pages that fit into 32 MiB. */
const MAX_HELD = 8;

describe.skipIf(noSshd !== null)('Control UI pages without end', () => {
  let fixture: HostileGateway;
  let web: Server;
  beforeAll(async () => {
    fixture = await startHostileGateway();
  });
  afterAll(async () => {
    web?.closeAllConnections();
    web?.close();
    await fixture.close();
  });

  test('one person fills at most 32 MiB of memory, gets 429 for more, and can load pages again later', async () => {
    const token = await fixture.signIn(7);
    const serverId = await fixture.addServer(token);
    const browser = createBrowser();
    const entry = await entryFor(fixture, token, serverId);
    await browser.enter(entry, fixture.url);
    const { port } = fixture.gateway;
    await fixture.gateway.stop();
    let isEndless = true;
    web = createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' });
      if (isEndless) response.write(Buffer.alloc(PAGE, 'x'));
      else response.end('<p>whole</p>');
    });
    await new Promise<void>((resolve) => web.listen(port, '127.0.0.1', resolve));
    const base = `/s/${serverId}/`;
    const leaving = new AbortController();
    const page = (signal: AbortSignal | null = null) =>
      fetch(`${entry.origin}${base}`, { headers: { cookie: browser.cookiesFor(base) }, signal });
    const statuses: number[] = [];
    for (let count = 0; count < PAGES; count += 1)
      page(leaving.signal).then(
        ({ status }) => statuses.push(status),
        () => undefined,
      );
    await until(40_000, async () => statuses.length >= PAGES - MAX_HELD);
    expect(new Set(statuses)).toEqual(new Set([429]));
    leaving.abort();
    isEndless = false;
    const answer = await until(20_000, async () => {
      const again = await page();
      return again.status === 200 ? again.text() : null;
    });
    expect(answer).toBe('<p>whole</p>');
  }, 90_000);
});
