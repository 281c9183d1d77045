// Status pages over HTTP: made, changed, given a new link and removed by their creators; read by anybody with the link.
import type { PublicStatus, StatusPage } from '@buoy/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SUPER_ID, startTestBuoy, type TestBuoy } from './support/test-buoy.ts';

const PATH = '/status-pages';

let running: TestBuoy;
let people = 100;
beforeAll(async () => {
  running = await startTestBuoy();
});
afterAll(() => running.close());

/** A person without servers and pages. */
async function newcomer() {
  people += 1;
  const id = people;
  const token = await running.signIn(id);
  const call = (method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: object, headers = {}) =>
    running.call(method, path, { token, body, headers });
  return {
    ...{ id: String(id), token, call },
    /** A server on which nothing listens. */
    async addServer(name: string, tags: string[] = []): Promise<string> {
      const { server } = (
        await call('POST', '/servers', {
          ...{ name, host: '127.0.0.1', port: 1, username: 'root' },
          ...{ authType: 'password', password: 'x', tags },
        })
      ).json();
      return server.id;
    },
    async make(body: object): Promise<{ statusPage: StatusPage; url: string }> {
      const made = await call('POST', PATH, body);
      expect(made.statusCode, made.body).toBe(201);
      return made.json();
    },
  };
}

const tokenOf = (url: string) => new URL(url).pathname.replace('/status/', '');
const visit = (url: string) => running.call('GET', `/status/${tokenOf(url)}`);
const seen = async (url: string): Promise<PublicStatus> => (await visit(url)).json();
const namesAt = async (url: string) => (await seen(url)).servers.map(({ name }) => name);

describe('status pages', () => {
  test('return 201 with a link that anybody can read without a sign-in', async () => {
    const ada = await newcomer();
    await ada.addServer('web', ['prod']);
    const { statusPage, url } = await ada.make({ title: 'Our assistants', tag: 'prod' });
    expect(statusPage).toEqual({
      ...{ id: expect.stringMatching(/^stp_/), title: 'Our assistants', tag: 'prod', serverIds: null },
      ...{ names: 'shown', showHistory: true, url, createdBy: ada.id, createdAt: expect.any(String) },
      ...{ expiresAt: null, lastSeenAt: null, version: 1 },
    });
    expect(url).toMatch(/^http:\/\/[^/]+\/status\/[\w-]{43}$/);
    const answer = await visit(url);
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({
      ...{ title: 'Our assistants', state: 'unknown', maintenance: [], updatedAt: expect.any(String) },
      servers: [
        {
          ...{ name: 'web', state: expect.stringMatching(/^(unknown|down)$/), since: expect.any(String) },
          availability: { h24: null, d7: null, d90: null },
          strip: Array.from({ length: 90 }, () => null),
        },
      ],
      state: expect.stringMatching(/^(unknown|down)$/),
    });
    expect(answer.headers).toMatchObject({
      ...{ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' },
      'x-robots-tag': 'noindex, nofollow',
    });
  });

  test('show when they were last seen, and the link again to their creator', async () => {
    const ada = await newcomer();
    const { url } = await ada.make({ title: 'Empty', tag: 'none' });
    await visit(url);
    const { statusPages } = (await ada.call('GET', PATH)).json();
    expect(statusPages).toMatchObject([{ title: 'Empty', url, lastSeenAt: expect.any(String) }]);
  });

  test('follow their tag, at once', async () => {
    const ada = await newcomer();
    const web = await ada.addServer('web', ['prod']);
    await ada.addServer('staging', ['PROD', 'production', 'pro_']);
    const { url } = await ada.make({ title: 'Prod', tag: 'prod' });
    expect(await namesAt(url)).toEqual(['web']);
    await ada.addServer('db', ['prod', 'eu']);
    expect(await namesAt(url)).toEqual(['db', 'web']);
    await ada.call('PUT', `/servers/${web}`, { tags: ['eu'] });
    expect(await namesAt(url)).toEqual(['db']);
  });

  test.each(['%', '_', '50 %', 'a"b', 'a\\b', '日本', "it's"])('follow the tag %j', async (tag) => {
    const ada = await newcomer();
    await ada.addServer('other', ['50 x', 'ab', 'x']);
    await ada.addServer('web', [tag]);
    const { url } = await ada.make({ title: 'Tag', tag });
    expect(await namesAt(url)).toEqual(['web']);
  });

  test('show chosen servers, by name or by number', async () => {
    const ada = await newcomer();
    const zoo = await ada.addServer('zoo');
    const ant = await ada.addServer('ant');
    await ada.addServer('not on it');
    const { url, statusPage } = await ada.make({ title: 'Two', serverIds: [zoo, ant] });
    expect(await namesAt(url)).toEqual(['ant', 'zoo']);
    await ada.call('PUT', `${PATH}/${statusPage.id}`, { names: 'numbered' });
    const answer = await visit(url);
    expect(answer.json().servers.map(({ name }: { name: string }) => name)).toEqual(['Server 1', 'Server 2']);
    expect(answer.body).not.toMatch(/ant|zoo/);
  });

  test('leave out the history where it is not shown', async () => {
    const ada = await newcomer();
    await ada.addServer('web', ['prod']);
    const { url } = await ada.make({ title: 'Short', tag: 'prod', showHistory: false });
    expect((await seen(url)).servers).toMatchObject([
      { availability: { h24: null, d7: null, d90: null }, strip: [] },
    ]);
  });

  test('say what is in maintenance, and what will be within a week', async () => {
    const ada = await newcomer();
    const web = await ada.addServer('web', ['prod']);
    const { url } = await ada.make({ title: 'Prod', tag: 'prod' });
    await ada.call('POST', `/servers/${web}/maintenance`, { minutes: 60, reason: 'secret upgrade' });
    const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();
    for (const days of [3, 9])
      await ada.call('POST', `/servers/${web}/maintenance`, { from: inDays(days), to: inDays(days + 1) });
    const answer = await visit(url);
    expect(answer.body).not.toContain('secret upgrade');
    expect(answer.json()).toMatchObject({ state: 'maintenance', servers: [{ state: 'maintenance' }] });
    expect(answer.json().maintenance).toEqual([
      { name: 'web', startsAt: expect.any(String), until: expect.any(String), active: true },
      { name: 'web', startsAt: expect.any(String), until: expect.any(String), active: false },
    ]);
    await ada.call('DELETE', `/servers/${web}/maintenance`);
    expect((await seen(url)).state).not.toBe('maintenance');
  });

  test('keep what a change leaves out, and take a tag or servers, whichever came last', async () => {
    const ada = await newcomer();
    const web = await ada.addServer('web', ['eu']);
    const { statusPage, url } = await ada.make({ title: 'One', serverIds: [web], names: 'numbered' });
    const put = async (body: object, headers = {}) =>
      ada.call('PUT', `${PATH}/${statusPage.id}`, body, headers);
    expect((await put({ title: 'Two' })).json().statusPage).toEqual({
      ...{ ...statusPage, title: 'Two', version: 2, url },
    });
    expect((await put({ tag: 'eu' })).json().statusPage).toMatchObject({ tag: 'eu', serverIds: null });
    expect((await put({ serverIds: [web] })).json().statusPage).toMatchObject({
      tag: null,
      serverIds: [web],
    });
    expect((await put({ expiresInDays: 2 })).json().statusPage.expiresAt).toEqual(expect.any(String));
    expect((await put({ expiresInDays: null })).json().statusPage).toMatchObject({
      ...{ title: 'Two', names: 'numbered', expiresAt: null, version: 6 },
    });
    expect((await put({ title: 'Three' }, { 'if-match': '"2"' })).statusCode).toBe(409);
    expect((await seen(url)).title).toBe('Two');
  });

  test('get a new link, and the old one is dead at once', async () => {
    const ada = await newcomer();
    const { statusPage, url } = await ada.make({ title: 'Links', tag: 'none' });
    expect((await visit(url)).statusCode).toBe(200);
    const rotated = await ada.call('POST', `${PATH}/${statusPage.id}/rotate`);
    expect(rotated.statusCode).toBe(200);
    expect(rotated.json().url).not.toBe(url);
    expect(rotated.json().statusPage).toMatchObject({ id: statusPage.id, url: rotated.json().url });
    expect((await visit(url)).statusCode).toBe(404);
    expect((await visit(rotated.json().url)).statusCode).toBe(200);
  });

  test('are gone at once when they are removed', async () => {
    const ada = await newcomer();
    const { statusPage, url } = await ada.make({ title: 'Gone', tag: 'none' });
    expect((await visit(url)).statusCode).toBe(200);
    expect((await ada.call('DELETE', `${PATH}/${statusPage.id}`)).statusCode).toBe(204);
    expect((await visit(url)).statusCode).toBe(404);
    expect((await ada.call('DELETE', `${PATH}/${statusPage.id}`)).statusCode).toBe(404);
  });

  test('are listed in pages, and all of them for a super-admin', async () => {
    const ada = await newcomer();
    for (const title of ['one', 'two', 'three']) await ada.make({ title, tag: 'x' });
    const first = (await ada.call('GET', `${PATH}?limit=2`)).json();
    expect(first.statusPages.map(({ title }: StatusPage) => title)).toEqual(['one', 'two']);
    const rest = (await ada.call('GET', `${PATH}?limit=2&cursor=${first.nextCursor}`)).json();
    expect(rest).toMatchObject({ statusPages: [{ title: 'three' }], nextCursor: null });
    const boss = await running.signIn(SUPER_ID);
    const all = (await running.call('GET', `${PATH}?limit=200`, { token: boss })).json().statusPages;
    expect(all.filter(({ createdBy }: StatusPage) => createdBy === ada.id)).toHaveLength(3);
  });

  test('return 409 for the twenty-first page of a person, also when all are made at once', async () => {
    const ada = await newcomer();
    const made = await Promise.all(
      Array.from({ length: 25 }, () => ada.call('POST', PATH, { title: 'Many', tag: 'x' })),
    );
    expect(made.filter(({ statusCode }) => statusCode === 201)).toHaveLength(20);
    expect(made.filter(({ statusCode }) => statusCode === 409)).toHaveLength(5);
  });

  test.each([
    ['neither a tag nor servers', { title: 'x' }],
    ['both', { title: 'x', tag: 'a', serverIds: ['srv_1'] }],
    ['no servers', { title: 'x', serverIds: [] }],
    ['the same server twice', { title: 'x', serverIds: ['srv_1', 'srv_1'] }],
    ['more than 200 servers', { title: 'x', serverIds: Array.from({ length: 201 }, (_, n) => `srv_${n}`) }],
    ['a hidden character in the title', { title: 'x‮y', tag: 'a' }],
    ['an empty title', { title: ' ', tag: 'a' }],
    ['a comma in the tag', { title: 'x', tag: 'a,b' }],
    ['other names', { title: 'x', tag: 'a', names: 'secret' }],
    ['no days', { title: 'x', tag: 'a', expiresInDays: 0 }],
    ['a link of one’s own', { title: 'x', tag: 'a', url: 'https://example.org' }],
  ])('return 400 for %s', async (_, body) => {
    const ada = await newcomer();
    expect((await ada.call('POST', PATH, body)).statusCode).toBe(400);
  });

  test('leave an audit entry for each change, with the title and without the link', async () => {
    const ada = await newcomer();
    const { statusPage, url } = await ada.make({ title: 'Audited', tag: 'x' });
    await ada.call('PUT', `${PATH}/${statusPage.id}`, { title: 'Audited too' });
    const { url: second } = (await ada.call('POST', `${PATH}/${statusPage.id}/rotate`)).json();
    await visit(second);
    await visit(url);
    await ada.call('DELETE', `${PATH}/${statusPage.id}`);
    const boss = await running.signIn(SUPER_ID);
    const log = await running.call('GET', `/admin/audit?userId=${ada.id}&action=status-pages`, {
      token: boss,
    });
    const entries = log
      .json()
      .entries.map(({ action, target, result }: Record<string, string>) => [...[action, target, result]]);
    expect(entries).toEqual([
      ['DELETE /status-pages/:id', 'Audited too', 'ok'],
      ['POST /status-pages/:id/rotate', 'Audited too', 'ok'],
      ['PUT /status-pages/:id', 'Audited too', 'ok'],
      ['POST /status-pages', 'Audited', 'ok'],
    ]);
    const whole = await running.call('GET', '/admin/audit?limit=200', { token: boss });
    for (const link of [url, second]) expect(whole.body).not.toContain(tokenOf(link));
  });
});
