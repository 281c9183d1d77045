// An admin of one server tries to reach the servers of another person through the Control UI, whose origin all servers share.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { noSshd } from '../../src/ssh/testing/loopback-sshd.ts';
import {
  createBrowser,
  entryFor,
  type HostileGateway,
  startHostileGateway,
} from '../support/hostile-gateway.ts';

describe.skipIf(noSshd !== null)('Control UI across servers of different people', () => {
  let fixture: HostileGateway;
  let attacker: string;
  let victim: string;
  /** The attacker's server, and the victim's. */
  let hostile: string;
  let own: string;
  beforeAll(async () => {
    fixture = await startHostileGateway({ RATE_LIMIT_GLOBAL: '300' });
    attacker = await fixture.signIn(7);
    victim = await fixture.signIn(8);
    hostile = await fixture.addServer(attacker);
    own = await fixture.addServer(victim);
  });
  afterAll(() => fixture.close());

  /** The answer that the browser gets below the path of a server. */
  const visit = (origin: string, serverId: string, cookie: string) =>
    fetch(`${origin}/s/${serverId}/`, { headers: { cookie, 'sec-fetch-site': 'same-origin' } });

  test.each([
    ['a site of the attacker', 'https://evil.example'],
    ['a link in a message', null],
  ])(
    'attacker cannot lead the victim to a hostile page by a code of their own from %s',
    async (_what, from) => {
      const browser = createBrowser();
      const entry = await entryFor(fixture, attacker, hostile);
      const answer = await browser.enter(entry, from);
      expect(answer.status).toBe(403);
      expect((await visit(entry.origin, hostile, browser.cookiesFor(`/s/${hostile}/`))).status).toBe(401);
    },
  );

  test('no address enters by itself: a page on another site cannot pass a code', async () => {
    const { origin } = await entryFor(fixture, attacker, hostile);
    expect((await fetch(`${origin}/enter`)).status).toBe(404);
  });

  test('hostile page cannot load in a browser that holds the cookie of another server', async () => {
    await fixture.call(attacker, 'POST', `/servers/${hostile}/access`, { userId: '8', role: 'admin' });
    const browser = createBrowser();
    const first = await entryFor(fixture, victim, hostile);
    await browser.enter(first, fixture.url);
    const before = browser.cookiesFor(`/s/${hostile}/`);
    expect((await visit(first.origin, hostile, before)).status).toBe(200);
    const socket = new WebSocket(`${first.origin.replace('http', 'ws')}/s/${hostile}/`, {
      headers: { cookie: before, origin: first.origin },
    });
    const closed = new Promise<number>((resolve) => socket.on('close', resolve));
    await new Promise((resolve) => socket.once('message', resolve));

    await browser.enter(await entryFor(fixture, victim, own), fixture.url);
    expect((await visit(first.origin, own, browser.cookiesFor(`/s/${own}/`))).status).toBe(200);
    for (const cookie of [before, browser.cookiesFor(`/s/${hostile}/`)])
      expect((await visit(first.origin, hostile, cookie)).status).toBe(401);
    expect(await closed).toBe(1008);
  });

  test('an open tab reaches nothing of another server: its policy ends at its own path', async () => {
    const browser = createBrowser();
    const entry = await entryFor(fixture, attacker, hostile);
    await browser.enter(entry, fixture.url);
    const page = await visit(entry.origin, hostile, browser.cookiesFor(`/s/${hostile}/`));
    const policy = page.headers.get('content-security-policy') ?? '';
    const { host } = new URL(entry.origin);
    const own = `${host}/s/${hostile}/`;
    for (const [name, source] of [
      ...['connect-src', 'frame-src', 'img-src', 'form-action'].map((each) => [each, own] as const),
      ...['script-src', 'worker-src'].map((each) => [each, `${own}assets/`] as const),
    ]) {
      const sources = new RegExp(`${name} ([^;]*)`).exec(policy)?.[1]?.split(' ') ?? [];
      expect(sources, name).toContain(source);
      expect(sources, name).not.toContain("'self'");
    }
    expect(page.headers.get('cross-origin-opener-policy')).toBe('noopener-allow-popups');
  });

  test('a planted second session cookie is refused together with the real one', async () => {
    const browser = createBrowser();
    const entry = await entryFor(fixture, victim, own);
    await browser.enter(entry, fixture.url);
    const cookie = browser.cookiesFor(`/s/${own}/`);
    const name = cookie.split('=')[0];
    expect((await visit(entry.origin, own, cookie)).status).toBe(200);
    expect((await visit(entry.origin, own, `${cookie}; ${name}=planted`)).status).toBe(401);
    expect((await visit(entry.origin, own, `${name}=planted; ${cookie}`)).status).toBe(401);
  });

  test('invalid cookies query the database no more often than the rate limit allows', async () => {
    const { origin } = await entryFor(fixture, attacker, hostile);
    const statuses: number[] = [];
    for (let count = 0; count < 320; count += 1)
      statuses.push((await visit(origin, own, `buoy_control_ui=made-up-${count}`)).status);
    expect(statuses[0]).toBe(401);
    expect(statuses.at(-1)).toBe(429);
  });
});
