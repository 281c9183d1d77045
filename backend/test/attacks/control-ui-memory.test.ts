// A person whose own gateway answers the Control UI with pages that do not end wants the memory of Buoy, which holds a page until it is whole.
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

/** Bytes, a little less than Buoy takes of a page. */
const PAGE = 4_000_000;
const PAGES = 30;
/** Of them in 32 MiB. */
const MOST_HELD = 8;

describe.skipIf(noSshd !== null)('a person whose gateway sends pages without end', () => {
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

  test('holds 32 MiB of Buoy, gets 429 for more, and a page again when they are gone', async () => {
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
    await until(40_000, async () => statuses.length >= PAGES - MOST_HELD);
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
