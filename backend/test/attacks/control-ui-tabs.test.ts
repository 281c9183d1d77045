// Two servers on one origin in a real browser: a tab with the page of a hostile server must not reach the other server.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { browserMissing, openBrowser } from '../../../frontend/test/support/browser.ts';
import { noSshd } from '../../src/ssh/testing/loopback-sshd.ts';
import { entryFor, type HostileGateway, startHostileGateway } from '../support/hostile-gateway.ts';

type Browser = Awaited<ReturnType<typeof openBrowser>>;
type Context = Awaited<ReturnType<Browser['newContext']>>;
type Page = Awaited<ReturnType<Context['newPage']>>;

const missing = browserMissing || (noSshd ?? '');

/** `ok`, or `refused`. */
const fetched = (page: Page, path: string) =>
  page.evaluate(`fetch('${path}').then(() => 'ok', () => 'refused')`);

const connected = (page: Page, path: string) =>
  page.evaluate(`new Promise((resolve) => {
    const socket = new WebSocket(location.origin.replace('http', 'ws') + '${path}');
    socket.onopen = () => resolve('ok');
    socket.onerror = () => resolve('refused');
  })`);

describe.skipIf(missing !== '')(
  `a hostile tab that wants another server${missing && ` (${missing})`}`,
  () => {
    let fixture: HostileGateway;
    let browser: Browser;
    let context: Context;
    let token: string;
    let servers: { hostile: string; other: string };
    beforeAll(async () => {
      [fixture, browser] = await Promise.all([startHostileGateway(), openBrowser()]);
      fixture.gateway.pages['/'] = {
        status: 200,
        body: '<!doctype html><html><head></head><body><openclaw-app></openclaw-app></body></html>',
      };
      context = await browser.newContext();
      token = await fixture.signIn(7);
      servers = { hostile: await fixture.addServer(token), other: await fixture.addServer(token) };
    });
    afterAll(async () => {
      await browser?.close();
      await fixture?.close();
    });

    /** Enters from a page on the origin of Buoy, as Buoy's own page does. */
    async function enter(serverId: string): Promise<Page> {
      const page = await context.newPage();
      await page.goto(`${fixture.url}/api/health`);
      const { origin, code } = await entryFor(fixture, token, serverId);
      // Where the entry address holds a code, the tab opens it that way.
      if ((await fetch(`${origin}/enter`)).ok) await page.goto(`${origin}/enter#code=${code}`);
      else
        await page.evaluate(`
      document.head.innerHTML = '<meta name="referrer" content="origin">';
      document.body.innerHTML = '<form method="post" action="${origin}/enter"><input name="code" value="${code}"></form>';
      document.forms[0].submit();
    `);
      await page.waitForURL(new RegExp(`/s/${serverId}/$`));
      return page;
    }

    test('a tab of one server reaches that server alone and loses access to a window that it opens on the other', async () => {
      const tab = await enter(servers.hostile);
      expect(await fetched(tab, `/s/${servers.hostile}/`)).toBe('ok');
      expect(await connected(tab, `/s/${servers.hostile}`)).toBe('ok');

      const other = await enter(servers.other);
      expect(await fetched(other, `/s/${servers.other}/`)).toBe('ok');
      expect(await fetched(tab, `/s/${servers.other}/`)).toBe('refused');
      expect(await connected(tab, `/s/${servers.other}`)).toBe('refused');

      const popup = context.waitForEvent('page');
      await tab.evaluate(`window.held = window.open('/s/${servers.other}/'); 0`);
      await (await popup).waitForLoadState();
      const hold = `(() => { try { return held.document === null ? 'lost' : 'kept'; } catch { return 'lost'; } })()`;
      expect(await tab.evaluate(hold)).toBe('lost');
    });
  },
);
