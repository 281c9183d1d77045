// Status pages show servers to people without an account: what they give away, to whom, and what a flood of visitors costs.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import BetterSqlite from 'better-sqlite3';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { signInByLink } from '../../../testbed/buoy-client.ts';
import { startBuoy } from '../../../testbed/buoy-process.ts';
import { type AccessFixture, ids, type Person, prepareAccessFixture } from '../support/access-fixture.ts';
import { longestBlockOfThree } from '../support/main-thread.ts';

const MAX_BLOCK_MS = 50;
const DAY_MS = 86_400_000;

let fixture: AccessFixture;
beforeAll(async () => {
  fixture = await prepareAccessFixture();
});
afterAll(() => fixture.running.close());
beforeEach(async () => {
  for (const { id } of (await fixture.as('super', 'GET', '/status-pages?limit=200')).json().statusPages)
    await fixture.as('super', 'DELETE', `/status-pages/${id}`);
});

const tokenIn = (url: string) => new URL(url).pathname.replace('/status/', '');
const visit = (url: string) => fixture.running.call('GET', `/status/${tokenIn(url)}`);
const namesAt = async (url: string) =>
  (await visit(url)).json().servers.map(({ name }: { name: string }) => name);
const make = async (person: Person, body: object): Promise<{ id: string; url: string }> => {
  const answer = await fixture.as(person, 'POST', '/status-pages', { title: 'Ours', ...body });
  expect(answer.statusCode, answer.body).toBe(201);
  const { statusPage, url } = answer.json();
  return { id: statusPage.id, url };
};
const database = () => new BetterSqlite(path.join(fixture.running.dataDir, 'buoy.db'));

describe('a link that does not work', () => {
  /** By what was done to them. */
  const deadLinks = async (): Promise<Record<string, string>> => {
    const [replaced, removed, expired, disabled] = [
      await make('owner', { tag: 'x' }),
      await make('owner', { tag: 'x' }),
      await make('owner', { tag: 'x', expiresInDays: 1 }),
      await make('stranger', { tag: 'x' }),
    ];
    await fixture.as('owner', 'POST', `/status-pages/${replaced.id}/rotate`);
    await fixture.as('owner', 'DELETE', `/status-pages/${removed.id}`);
    const stored = database();
    stored
      .prepare('update status_pages set expires_at = ? where id = ?')
      .run('2026-01-01T00:00:00.000Z', expired.id);
    stored.close();
    await fixture.as('super', 'POST', `/admin/users/${ids.stranger}/disable`);
    const links = { replaced, removed, expired, disabled };
    return {
      ...Object.fromEntries(Object.entries(links).map(([name, { url }]) => [name, tokenIn(url)])),
      unknown: 'A'.repeat(43),
      short: 'x',
      long: 'A'.repeat(200),
    };
  };
  afterEach(async () => {
    await fixture.as('super', 'POST', `/admin/users/${ids.stranger}/enable`);
    fixture.tokens.stranger = await fixture.running.signIn(Number(ids.stranger));
  });

  test('is answered the same, whatever the reason', async () => {
    const answers = new Set<string>();
    for (const token of Object.values(await deadLinks())) {
      const answer = await fixture.running.call('GET', `/status/${token}`, {
        headers: { 'x-request-id': 'same' },
      });
      const { date: _, ...headers } = answer.headers;
      for (const name of Object.keys(headers)) if (name.startsWith('x-ratelimit')) delete headers[name];
      answers.add(JSON.stringify([answer.statusCode, answer.body, headers]));
    }
    expect([...answers]).toEqual([expect.stringMatching(/^\[404,/)]);
  });

  test('is answered in the same time, whatever the reason', async () => {
    const links = Object.entries(await deadLinks()).filter(([name]) => name !== 'long');
    const spentMs = new Map<string, number[]>(links.map(([name]) => [name, []]));
    for (let round = 0; round < 200; round += 1)
      for (const [name, token] of links) {
        const before = performance.now();
        await fixture.running.call('GET', `/status/${token}`);
        spentMs.get(name)?.push(performance.now() - before);
      }
    const medians = Array.from(spentMs.values(), (all) => all.sort((a, b) => a - b)[100] ?? 0);
    expect(Math.max(...medians)).toBeLessThan(Math.min(...medians) * 1.5);
  });
});

describe('a status page', () => {
  test('loses a server at once with the role of its creator, and gets it back with the role', async () => {
    const serverId = await fixture.newServer({ name: 'shared pot', tags: ['shown'] });
    const pages = [await make('admin', { tag: 'shown' }), await make('admin', { serverIds: [serverId] })];
    const seen = () => Promise.all(pages.map(({ url }) => namesAt(url)));
    expect(await seen()).toEqual([['shared pot'], ['shared pot']]);
    await fixture.as('owner', 'PUT', `/servers/${serverId}/access/${ids.admin}`, { role: 'viewer' });
    expect(await seen()).toEqual([[], []]);
    await fixture.as('owner', 'PUT', `/servers/${serverId}/access/${ids.admin}`, { role: 'admin' });
    expect(await seen()).toEqual([['shared pot'], ['shared pot']]);
    await fixture.as('owner', 'DELETE', `/servers/${serverId}/access/${ids.admin}`);
    expect(await seen()).toEqual([[], []]);
  });

  test('loses a server at once when it is removed, also when the creator leaves it', async () => {
    const [removed, left] = [
      await fixture.newServer({ name: 'removed', tags: ['both'] }),
      await fixture.newServer({ name: 'left', tags: ['both'] }),
    ];
    const { url } = await make('admin', { tag: 'both' });
    expect(await namesAt(url)).toEqual(['left', 'removed']);
    await fixture.as('owner', 'DELETE', `/servers/${removed}`);
    expect(await namesAt(url)).toEqual(['left']);
    await fixture.as('admin', 'DELETE', `/servers/${left}/access/${ids.admin}`);
    expect(await namesAt(url)).toEqual([]);
  });

  test('of a disabled person is dead at once', async () => {
    await fixture.newServer({ name: 'kept', tags: ['kept'] });
    const { url } = await make('admin', { tag: 'kept' });
    expect(await namesAt(url)).toEqual(['kept']);
    await fixture.as('super', 'POST', `/admin/users/${ids.admin}/disable`);
    expect((await visit(url)).statusCode).toBe(404);
    await fixture.as('super', 'POST', `/admin/users/${ids.admin}/enable`);
    expect(await namesAt(url)).toEqual(['kept']);
    fixture.tokens.admin = await fixture.running.signIn(Number(ids.admin));
  });

  test('has no server of others: not for viewers, strangers, nor super-admins without a role', async () => {
    const serverId = await fixture.newServer({ name: 'not theirs', tags: ['theirs'] });
    for (const [person, status] of [
      ['viewer', 403],
      ['stranger', 404],
      ['super', 404],
    ] as const) {
      const chosen = await fixture.as(person, 'POST', '/status-pages', { title: 'x', serverIds: [serverId] });
      expect(chosen.statusCode).toBe(status);
      const { id, url } = await make(person, { tag: 'theirs' });
      expect(await namesAt(url)).toEqual([]);
      const change = await fixture.as(person, 'PUT', `/status-pages/${id}`, { serverIds: [serverId] });
      expect(change.statusCode).toBe(status);
    }
  });

  test('is managed by nobody else, except super-admins, who show no more servers by it', async () => {
    const serverId = await fixture.newServer({ name: 'of the owner' });
    const { id, url } = await make('admin', { tag: 'x' });
    for (const person of ['owner', 'viewer', 'stranger'] as const) {
      expect((await fixture.as(person, 'GET', '/status-pages')).json().statusPages).toEqual([]);
      for (const [method, rest, body] of [
        ['PUT', '', { title: 'mine' }],
        ['POST', '/rotate', undefined],
        ['DELETE', '', undefined],
      ] as const)
        expect((await fixture.as(person, method, `/status-pages/${id}${rest}`, body)).statusCode).toBe(404);
    }
    await fixture.as('owner', 'DELETE', `/servers/${serverId}/access/${ids.admin}`);
    const change = await fixture.as('super', 'PUT', `/status-pages/${id}`, { serverIds: [serverId] });
    expect(change.statusCode).toBe(404);
    expect((await fixture.as('super', 'DELETE', `/status-pages/${id}`)).statusCode).toBe(204);
    expect((await visit(url)).statusCode).toBe(404);
  });

  test('gives an API token no link, which would outlive it', async () => {
    await make('owner', { tag: 'x' });
    const { token } = (
      await fixture.as('owner', 'POST', '/me/tokens', { name: 'ci', scopes: ['admin'] })
    ).json();
    const call = (method: 'GET' | 'POST' | 'PUT' | 'DELETE', url: string, body?: object) =>
      fixture.running.call(method, url, { token: token.secret, body });
    const list = await call('GET', '/status-pages');
    expect(list.json().statusPages).toMatchObject([{ title: 'Ours', url: null }]);
    const [{ id }] = list.json().statusPages;
    expect((await call('POST', '/status-pages', { title: 'x', tag: 'x' })).statusCode).toBe(403);
    expect((await call('PUT', `/status-pages/${id}`, { tag: 'y' })).statusCode).toBe(403);
    expect((await call('POST', `/status-pages/${id}/rotate`)).statusCode).toBe(403);
    expect((await call('DELETE', `/status-pages/${id}`)).statusCode).toBe(204);
  });

  test('tells nothing of its servers but names and states', async () => {
    const serverId = await fixture.newServer({
      ...{ name: 'pot', host: 'secret-host.invalid', port: 4242, username: 'secret-user' },
      tags: ['shown', 'secret-tag'],
    });
    await fixture.as('owner', 'POST', `/servers/${serverId}/check`);
    const { id, url } = await make('owner', { title: 'Public', tag: 'shown' });
    const { body } = await visit(url);
    for (const secret of ['secret', '4242', 'shown', serverId, ids.owner, id, 'User 1', 'srv_'])
      expect(body).not.toContain(secret);
    const { servers, ...page } = JSON.parse(body);
    expect(Object.keys(page).sort()).toEqual(['maintenance', 'state', 'title', 'updatedAt']);
    expect(Object.keys(servers[0]).sort()).toEqual(['availability', 'name', 'since', 'state', 'strip']);
  });

  test('with numbered names tells no name, in maintenance either', async () => {
    const serverId = await fixture.newServer({ name: 'secret name', tags: ['numbered'] });
    await fixture.as('owner', 'POST', `/servers/${serverId}/maintenance`, {
      minutes: 5,
      reason: 'secret reason',
    });
    const { url } = await make('owner', { tag: 'numbered', names: 'numbered' });
    const answer = await visit(url);
    expect(answer.json().maintenance).toMatchObject([{ name: 'Server 1' }]);
    expect(answer.body).not.toContain('secret');
  });

  test('with markup in its title and names is data, and never a document', async () => {
    await fixture.newServer({ name: '<img src=x onerror=alert(1)>', tags: ['markup'] });
    const title = '</script><script>alert(1)</script>';
    const { url } = await make('owner', { title, tag: 'markup' });
    const answer = await visit(url);
    expect(answer.json()).toMatchObject({ title, servers: [{ name: '<img src=x onerror=alert(1)>' }] });
    expect(answer.headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringContaining("default-src 'none'"),
    });
  });
});

test('guesses are limited per address, apart from the calls of people there', async () => {
  const limited = await prepareAccessFixture({ RATE_LIMIT_GLOBAL: '5' });
  try {
    const statuses = [];
    for (let guess = 0; guess < 7; guess += 1)
      statuses.push((await limited.running.call('GET', `/status/guess-${guess}`)).statusCode);
    expect(statuses).toEqual([404, 404, 404, 404, 404, 429, 429]);
    expect((await limited.running.call('GET', '/auth/ways')).statusCode).toBe(200);
  } finally {
    await limited.running.close();
  }
});

test('a flood of visitors of a page with 200 servers keeps nobody waiting', async () => {
  const serverId = await fixture.newServer({ name: 'flood 0', tags: ['flood'] });
  const stored = database();
  const now = Date.now();
  stored.transaction(() => {
    const columns = stored
      .prepare(`select name from pragma_table_info('servers') where name not in ('id', 'name')`)
      .pluck()
      .all()
      .join(', ');
    const addServer = stored.prepare(
      `insert into servers (id, name, ${columns}) select ?, ?, ${columns} from servers where id = ?`,
    );
    const addStatus = stored.prepare(
      `insert into server_statuses (server_id, state, since, checked_at, reasons) values (?, 'up', ?, ?, '[]')`,
    );
    const addGrant = stored.prepare(
      `insert into grants (server_id, user_id, role, granted_by, created_at) values (?, ?, 'owner', ?, ?)`,
    );
    const addPoint = stored.prepare(
      `insert into history_points (server_id, step, at, state, watched_ms, up_ms, latencies) values (?, ?, ?, 'down', 3600000, 3590000, 0)`,
    );
    const at = (ms: number) => new Date(ms).toISOString();
    for (let index = 1; index < 200; index += 1) {
      const id = `srv_flood${index}`;
      addServer.run(id, `flood ${index}`, serverId);
      addStatus.run(id, at(now), at(now));
      addGrant.run(id, ids.owner, ids.owner, at(now));
      for (let hour = 1; hour < 2_160; hour += 1) addPoint.run(id, 'hour', at(now - hour * 3_600_000));
      for (let day = 1; day < 90; day += 1) addPoint.run(id, 'day', at(now - day * DAY_MS));
    }
  })();
  stored.close();
  const { id, url } = await make('owner', { tag: 'flood' });
  const { blockedMs, answer } = await longestBlockOfThree(async () => {
    // Nothing of an earlier try is kept.
    await fixture.as('owner', 'PUT', `/status-pages/${id}`, { title: 'Flooded' });
    const answers: Array<ReturnType<typeof visit>> = [];
    const guesses: Array<ReturnType<typeof visit>> = [];
    // Each comes in a turn of the event loop of its own, as from a socket; nobody waits for the answers to the others.
    for (let call = 0; call < 1_000; call += 1) {
      answers.push(visit(url));
      guesses.push(visit(`http://x/status/guess-${call}`));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await Promise.all(guesses);
    return (await Promise.all(answers)).map(({ statusCode }) => statusCode);
  }, MAX_BLOCK_MS);
  expect(answer).toEqual(Array.from({ length: 1_000 }, () => 200));
  expect((await visit(url)).json().servers).toHaveLength(200);
  expect(blockedMs).toBeLessThan(MAX_BLOCK_MS);
}, 120_000);

test('the token of a link is in no log, however its address is written', async () => {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'buoy-status-'));
  const buoy = await startBuoy({ DATA_DIR: dataDir, LOG_LEVEL: 'trace', RATE_LIMIT_GLOBAL: '10000' });
  try {
    const authorization = `Bearer ${await signInByLink(buoy)}`;
    const made = await fetch(`${buoy.url}/api/status-pages`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify({ title: 'Ours', tag: 'x' }),
    });
    const token = tokenIn(((await made.json()) as { url: string }).url);
    expect((await fetch(`${buoy.url}/api/status/${token}`)).status).toBe(200);
    for (const [method, place] of [
      ['GET', `/status/${token}`],
      ['POST', `/status/${token}`],
      ['POST', `/api/status/${token}`],
      ['GET', `/api/%73tatus/${token}`],
      ['GET', `/api/status/${token}/more`],
      ['GET', `/api/status/${token}?x=1`],
      ['GET', `/api//status/${token}`],
    ] as const)
      await fetch(`${buoy.url}${place}`, { method });
    const audit = await fetch(`${buoy.url}/api/admin/audit?limit=200`, { headers: { authorization } });
    expect(await audit.text()).not.toContain(token);
    await buoy.stop();
    expect(buoy.output()).toContain('/api/status/[redacted]');
    expect(buoy.output()).not.toContain(token);
  } finally {
    await buoy.kill();
    await rm(dataDir, { recursive: true, force: true });
  }
});
