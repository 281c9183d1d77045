// Update policies over HTTP: what a person sets for a tag, and what it does to updates of their servers.
import type { UpdatePolicy } from '@buoy/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SUPER_ID, startTestBuoy, type TestBuoy } from './support/test-buoy.ts';

const PATH = '/update-policies';
const window = { days: ['mon', 'sun'], start: '22:00', end: '04:00', timezone: 'Europe/Berlin' };

let running: TestBuoy;
let boss: string;
let people = 100;
beforeAll(async () => {
  running = await startTestBuoy();
  boss = await running.signIn(SUPER_ID);
});
afterAll(() => running.close());

/** A person without policies. */
async function newcomer() {
  people += 1;
  const id = people;
  const token = await running.signIn(id);
  const call = (method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: object, headers = {}) =>
    running.call(method, path, { token, body, headers });
  return {
    id: String(id),
    call,
    put: (tag: string, body: object, headers = {}) =>
      call('PUT', `${PATH}/${encodeURIComponent(tag)}`, body, headers),
    /** A server on which nothing listens. */
    async addServer(tags: string[]): Promise<string> {
      const { server } = (
        await call('POST', '/servers', {
          ...{ name: `server ${tags.join(' ')}`, host: '127.0.0.1', port: 1, username: 'root' },
          ...{ authType: 'password', password: 'x', tags },
        })
      ).json();
      return server.id;
    },
  };
}
const policyOf = (answer: { json(): { policy: UpdatePolicy } }) => answer.json().policy;

describe('update policies', () => {
  test('return 200 with what was set, and 404 before and after', async () => {
    const { call, put } = await newcomer();
    expect((await call('GET', `${PATH}/prod`)).statusCode).toBe(404);
    const made = await put('prod', { pinned: '2026.9.1', window });
    expect(made.statusCode).toBe(200);
    expect(policyOf(made)).toMatchObject({ tag: 'prod', pinned: '2026.9.1', window, version: 1 });
    expect((await call('GET', `${PATH}/prod`)).json()).toEqual(made.json());
    expect((await call('DELETE', `${PATH}/prod`)).statusCode).toBe(204);
    for (const method of ['GET', 'DELETE'] as const)
      expect((await call(method, `${PATH}/prod`)).statusCode).toBe(404);
  });

  test('keep what a change leaves out, and sort the days', async () => {
    const { put } = await newcomer();
    await put('prod', { pinned: '2026.9.1' });
    const both = policyOf(await put('prod', { window: { ...window, days: ['sun', 'mon'] } }));
    expect(both).toMatchObject({ pinned: '2026.9.1', window, version: 2 });
    expect(policyOf(await put('prod', { pinned: null }))).toMatchObject({ pinned: null, window, version: 3 });
    expect(policyOf(await put('prod', { window: null }))).toMatchObject({ pinned: null, window: null });
  });

  test('say when their window opens, and null while it is open', async () => {
    const { put } = await newcomer();
    const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
    const always = { days, start: '00:00', end: '00:00', timezone: 'UTC' };
    expect(policyOf(await put('prod', { window: always })).opensAt).toBeNull();
    const today = days[(new Date().getUTCDay() + 6) % 7];
    const fourDaysOn = days[(new Date().getUTCDay() + 10) % 7] ?? '';
    const { opensAt } = policyOf(await put('prod', { window: { ...always, days: [fourDaysOn] } }));
    expect(today).not.toBe(fourDaysOn);
    expect(opensAt).toMatch(/T00:00:00\.000Z$/);
    expect(Date.parse(opensAt ?? '')).toBeGreaterThan(Date.now());
  });

  test.each(['a/b', '50 %', 'Büro Süd', '日本'.repeat(20), '"prod"', '?#&'])(
    'take the tag %j',
    async (tag) => {
      const { call, put } = await newcomer();
      expect(policyOf(await put(tag, { pinned: '2026.9.1' })).tag).toBe(tag);
      const { policies } = (await call('GET', PATH)).json();
      expect(policies).toMatchObject([{ tag }]);
    },
  );

  test('are listed in pages', async () => {
    const { call, put } = await newcomer();
    for (const tag of ['web', 'db', 'eu']) await put(tag, { pinned: '2026.9.1' });
    const first = (await call('GET', `${PATH}?limit=2`)).json();
    expect(first.policies.map(({ tag }: UpdatePolicy) => tag)).toEqual(['db', 'eu']);
    const second = (await call('GET', `${PATH}?limit=2&cursor=${first.nextCursor}`)).json();
    expect(second).toMatchObject({ policies: [{ tag: 'web' }], nextCursor: null });
  });

  test('return 409 for a version that is stale, also of one that is not there any more', async () => {
    const { call, put } = await newcomer();
    await put('prod', { pinned: '2026.9.1' });
    expect((await put('prod', { pinned: '2026.9.2' }, { 'if-match': '"1"' })).statusCode).toBe(200);
    const stale = await put('prod', { pinned: '2026.9.3' }, { 'if-match': '"1"' });
    expect([stale.statusCode, stale.json().code]).toEqual([409, 'stale_version']);
    await call('DELETE', `${PATH}/prod`);
    expect((await put('prod', { pinned: '2026.9.3' }, { 'if-match': '"2"' })).statusCode).toBe(409);
  });

  test.each([
    ['a line of versions', { pinned: '2026.9' }],
    ['the latest', { pinned: 'latest' }],
    ['a version with a command', { pinned: '2026.9.1;id' }],
    ['no days', { window: { ...window, days: [] } }],
    ['a day twice', { window: { ...window, days: ['mon', 'mon'] } }],
    ['an unknown day', { window: { ...window, days: ['monday'] } }],
    ['hour 24', { window: { ...window, end: '24:00' } }],
    ['an unknown time zone', { window: { ...window, timezone: 'Mars/Olympus' } }],
    ['a window without an end', { window: { days: ['mon'], start: '22:00', timezone: 'UTC' } }],
    ['an unknown field', { pinned: null, color: 'red' }],
  ])('return 400 for %s', async (_, body) => {
    const { call, put } = await newcomer();
    const answer = await put('prod', body);
    expect([answer.statusCode, answer.json().code]).toEqual([400, 'invalid_request']);
    expect((await call('GET', `${PATH}/prod`)).statusCode).toBe(404);
  });

  test('return 400 for what is no tag of a server', async () => {
    const { put } = await newcomer();
    for (const tag of ['a,b', 'x'.repeat(41), 'line\nbreak'])
      expect((await put(tag, { pinned: null })).statusCode).toBe(400);
  });

  test('have one audit entry for each change', async () => {
    const { id, call, put } = await newcomer();
    await put('prod', { pinned: '2026.9.1' });
    await put('prod', { pinned: null });
    await call('DELETE', `${PATH}/prod`);
    const audit = await running.call('GET', `/admin/audit?userId=${id}&action=update-policies`, {
      token: boss,
    });
    const entries: Array<Record<string, unknown>> = audit.json().entries;
    expect(entries.map(({ action, target, result }) => ({ action, target, result }))).toEqual([
      { action: 'DELETE /update-policies/:tag', target: 'prod', result: 'ok' },
      { action: 'PUT /update-policies/:tag', target: 'prod', result: 'ok' },
      { action: 'PUT /update-policies/:tag', target: 'prod', result: 'ok' },
    ]);
    expect(entries[2]).toMatchObject({ details: { body: { pinned: '2026.9.1' } } });
  });
});

describe('an update of one server', () => {
  const update = (version?: string) => ({
    component: 'openclaw',
    ...(version === undefined ? {} : { version }),
  });

  test('returns 409 for another version than the pin, 202 for the pin and for the latest', async () => {
    const { call, put, addServer } = await newcomer();
    const [one, other] = [await addServer(['prod']), await addServer(['prod', 'eu'])];
    await put('prod', { pinned: '2026.9.1' });
    const path = (id: string) => `/servers/${id}/setup/update-component`;
    const refused = await call('POST', path(one), update('2026.9.6'));
    expect(refused.statusCode).toBe(409);
    expect(refused.json()).toMatchObject({
      code: 'conflict',
      error: 'OpenClaw is pinned to 2026.9.1 on this server by the tag "prod".',
    });
    expect((await call('POST', path(one), update('2026.9.1'))).statusCode).toBe(202);
    expect((await call('POST', path(other), update())).statusCode).toBe(202);
  });

  test('returns 409 where two tags pin different versions', async () => {
    const { call, put, addServer } = await newcomer();
    const id = await addServer(['prod', 'eu']);
    await put('prod', { pinned: '2026.9.1' });
    await put('eu', { pinned: '2026.9.6' });
    const refused = await call('POST', `/servers/${id}/setup/update-component`, update());
    expect(refused.statusCode).toBe(409);
    expect(refused.json().error).toContain('"eu" to 2026.9.6 and "prod" to 2026.9.1');
  });

  test('returns 202 while the update window is closed', async () => {
    const { call, put, addServer } = await newcomer();
    const id = await addServer(['prod']);
    const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
    const closed = days[(new Date().getUTCDay() + 10) % 7];
    await put('prod', { window: { days: [closed], start: '00:00', end: '00:00', timezone: 'UTC' } });
    expect((await call('POST', `/servers/${id}/setup/update-component`, update())).statusCode).toBe(202);
  });
});
