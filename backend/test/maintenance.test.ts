// Maintenance windows over HTTP: who may start and end them, what they do to the state of a server, and what people are told.
import path from 'node:path';
import type { MaintenanceWindow, Server } from '@buoy/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type FakeHttpReceiver, startFakeHttpReceiver } from '../../testbed/fake-http-receiver.ts';
import { within } from '../../testbed/until.ts';
import { createAlertStore } from '../src/alerts/alerts.store.ts';
import { restOf } from '../src/alerts/condition.ts';
import { openDatabase } from '../src/db/database.ts';
import { type AccessFixture, ids, type Person, prepareAccessFixture } from './support/access-fixture.ts';

const HOUR_MS = 3_600_000;
const weekly = { days: ['sun'], start: '02:00', end: '04:00', timezone: 'Europe/Berlin' };

let fixture: AccessFixture;
let hooks: FakeHttpReceiver;
beforeAll(async () => {
  hooks = await startFakeHttpReceiver();
  fixture = await prepareAccessFixture();
});
afterAll(async () => {
  await fixture.running.close();
  await hooks.stop();
});

const at = (serverId: string) => `/servers/${serverId}/maintenance`;
const start = async (person: Person, serverId: string, body: object = { minutes: 60 }) =>
  fixture.as(person, 'POST', at(serverId), body);
const windowOf = (answer: { json(): { window: MaintenanceWindow } }) => answer.json().window;
const windowsOf = async (serverId: string, person: Person = 'viewer'): Promise<MaintenanceWindow[]> =>
  (await fixture.as(person, 'GET', at(serverId))).json().windows;
const serverOf = async (id: string): Promise<Server> =>
  (await fixture.as('viewer', 'GET', `/servers/${id}`)).json().server;

describe('maintenance of a server', () => {
  test('201 with the window; the server is in maintenance until it is ended', async () => {
    const id = await fixture.newServer();
    const made = await start('admin', id, { minutes: 60, reason: 'new disk' });
    expect(made.statusCode).toBe(201);
    const window = windowOf(made);
    expect(window).toMatchObject({
      ...{ kind: 'once', serverId: id, reason: 'new disk', active: true, createdBy: ids.admin },
    });
    expect(Date.parse(window.until) - Date.parse(window.startsAt)).toBe(HOUR_MS);
    expect(await windowsOf(id)).toEqual([window]);
    const { status } = await serverOf(id);
    expect(status).toMatchObject({
      ...{ state: 'maintenance', since: window.startsAt },
      reasons: [`In maintenance until ${window.until}.`],
    });
    const listed = (await fixture.as('viewer', 'GET', '/servers?state=maintenance')).json().servers;
    expect(listed.map((one: Server) => one.id)).toContain(id);

    expect((await fixture.as('admin', 'DELETE', at(id))).statusCode).toBe(204);
    expect(await windowsOf(id)).toEqual([]);
    expect((await serverOf(id)).status.state).not.toBe('maintenance');
  });

  test.each([
    ['from and to', { from: '2026-12-02T00:00:00Z', to: '2026-12-02T01:00:00Z' }, 'once'],
    ['a weekly time', { weekly }, 'weekly'],
    ['cron', { cron: '0 3 1 * *', minutes: 90, timezone: 'Asia/Tokyo' }, 'cron'],
  ])('201 for %s, as it was sent', async (_, body, kind) => {
    const id = await fixture.newServer();
    const soon = (ms: number) => new Date(Date.now() + ms).toISOString();
    const sent = kind === 'once' ? { from: soon(HOUR_MS), to: soon(2 * HOUR_MS) } : body;
    const window = windowOf(await start('owner', id, sent));
    expect(window).toMatchObject({ kind, ...sent, reason: null });
    expect(window.until > window.startsAt).toBe(true);
    expect(await windowsOf(id)).toEqual([window]);
  });

  test('403 for a viewer, 404 for a stranger and for an admin whose role was taken away', async () => {
    const id = await fixture.newServer();
    const { id: windowId } = windowOf(await start('owner', id));
    const calls = [
      ['POST', at(id), { minutes: 5 }],
      ['DELETE', at(id), undefined],
      ['DELETE', `${at(id)}/${windowId}`, undefined],
    ] as const;
    const statusesOf = async (person: Person) => {
      const answers = [];
      for (const [method, url, body] of calls) answers.push(await fixture.as(person, method, url, body));
      return answers.map(({ statusCode }) => statusCode);
    };
    expect(await statusesOf('viewer')).toEqual([403, 403, 403]);
    expect(await statusesOf('stranger')).toEqual([404, 404, 404]);
    expect((await fixture.as('stranger', 'GET', at(id))).statusCode).toBe(404);
    await fixture.as('owner', 'DELETE', `/servers/${id}/access/${ids.admin}`);
    expect(await statusesOf('admin')).toEqual([404, 404, 404]);
    expect(await windowsOf(id)).toHaveLength(1);
  });

  test('ends what an admin has set when the role ends or becomes that of a viewer, and nothing of others', async () => {
    for (const end of ['revoke', 'change'] as const) {
      const id = await fixture.newServer();
      const kept = windowOf(await start('owner', id, { weekly }));
      await start('admin', id, { minutes: 43_200 });
      await start('admin', id, { cron: '0 3 * * *', minutes: 600, timezone: 'UTC' });
      const member = `/servers/${id}/access/${ids.admin}`;
      const ended =
        end === 'revoke'
          ? await fixture.as('owner', 'DELETE', member)
          : await fixture.as('owner', 'PUT', member, { role: 'viewer' });
      expect(ended.statusCode).toBeLessThan(300);
      expect(await windowsOf(id)).toEqual([kept]);
      expect((await serverOf(id)).status.state).not.toBe('maintenance');
    }
  });

  test('204 for one window, and 404 for that of another server', async () => {
    const [id, other] = [await fixture.newServer(), await fixture.newServer()];
    const first = windowOf(await start('admin', id));
    const second = windowOf(await start('admin', id, { weekly }));
    expect((await fixture.as('admin', 'DELETE', `${at(other)}/${first.id}`)).statusCode).toBe(404);
    expect((await fixture.as('admin', 'DELETE', `${at(id)}/${first.id}`)).statusCode).toBe(204);
    expect((await fixture.as('admin', 'DELETE', `${at(id)}/${first.id}`)).statusCode).toBe(404);
    expect(await windowsOf(id)).toEqual([second]);
  });

  test('409 for the 21st window; pages have all twenty once', async () => {
    const id = await fixture.newServer();
    const statuses: number[] = [];
    for (let count = 0; count < 21; count += 1) statuses.push((await start('admin', id)).statusCode);
    expect(statuses).toEqual([...Array(20).fill(201), 409]);
    const pages: MaintenanceWindow[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const after: string = cursor === '' ? '' : `&cursor=${cursor}`;
      const answer = await fixture.as('viewer', 'GET', `${at(id)}?limit=7${after}`);
      const page: { windows: MaintenanceWindow[]; nextCursor: string | null } = answer.json();
      pages.push(...page.windows);
      cursor = page.nextCursor;
    }
    expect(pages).toEqual(await windowsOf(id));
    expect(new Set(pages.map((one) => one.id)).size).toBe(20);
  });

  test.each([
    ['no times', {}],
    ['two forms', { minutes: 5, weekly }],
    ['cron without a zone', { cron: '0 3 * * *', minutes: 5 }],
    ['more than 30 days', { minutes: 43_201 }],
    ['half a minute', { minutes: 0.5 }],
    ['an end before the beginning', { from: '2026-12-02T02:00:00Z', to: '2026-12-02T01:00:00Z' }],
    ['six fields', { cron: '0 0 3 * * *', minutes: 5, timezone: 'UTC' }],
    ['a command in cron', { cron: '$(id) * * * *', minutes: 5, timezone: 'UTC' }],
    ['an unknown zone', { weekly: { ...weekly, timezone: 'Mars/Olympus' } }],
    ['a week without an end', { weekly: { ...weekly, days: days(), start: '00:00', end: '00:00' } }],
    ['a long reason', { minutes: 5, reason: 'x'.repeat(201) }],
    ['a reason of two lines', { minutes: 5, reason: 'a\nb' }],
    ['an unknown field', { minutes: 5, until: 'tomorrow' }],
  ])('400 for %s', async (_, body) => {
    const id = await fixture.newServer();
    const answer = await start('admin', id, body);
    expect([answer.statusCode, answer.json().code]).toEqual([400, 'invalid_request']);
    expect(answer.json().details.length).toBeGreaterThan(0);
    expect(await windowsOf(id)).toEqual([]);
  });

  test('has an audit entry for each start and end, with the server', async () => {
    const id = await fixture.newServer({ name: 'audited' });
    await start('admin', id, { minutes: 5, reason: 'why' });
    await fixture.as('owner', 'DELETE', at(id));
    const entries = (await fixture.auditLog()).filter(
      ({ action, serverId }) => action.includes('/maintenance') && serverId === id,
    );
    expect(entries).toMatchObject([
      { action: 'POST /servers/:id/maintenance', userId: ids.admin, target: 'audited', result: 'ok' },
      { action: 'DELETE /servers/:id/maintenance', userId: ids.owner, target: 'audited', result: 'ok' },
    ]);
    expect(entries[0]).toMatchObject({ details: { body: { minutes: 5, reason: 'why' } } });
  });
});

describe('maintenance by tag', () => {
  const byTag = (person: Person, method: 'GET' | 'POST' | 'DELETE', tag: string, body?: object) =>
    fixture.as(person, method, `/maintenance?tag=${tag}`, body);

  test('is of the servers that the caller is an admin of, and of no others', async () => {
    const mine = await fixture.newServer({ tags: ['fleet', 'eu'] });
    const viewed = await fixture.newServer({ tags: ['fleet'] });
    const untagged = await fixture.newServer({ tags: ['fleets'] });
    await fixture.as('owner', 'PUT', `/servers/${viewed}/access/${ids.admin}`, { role: 'viewer' });
    const made = await byTag('admin', 'POST', 'fleet', { minutes: 30 });
    expect(made.statusCode).toBe(201);
    const windows: MaintenanceWindow[] = made.json().windows;
    expect(windows.map(({ serverId, active }) => [serverId, active])).toEqual([[mine, true]]);
    expect((await byTag('admin', 'GET', 'fleet')).json()).toEqual({ windows, nextCursor: null });

    const ofAll = (await byTag('owner', 'POST', 'fleet', { weekly })).json().windows;
    expect(ofAll.map(({ serverId }: MaintenanceWindow) => serverId).toSorted()).toEqual(
      [mine, viewed].toSorted(),
    );
    // What others are an admin of stays as it is.
    expect((await byTag('admin', 'DELETE', 'fleet')).statusCode).toBe(204);
    expect(await windowsOf(mine)).toEqual([]);
    expect(await windowsOf(viewed)).toHaveLength(1);
    expect(await windowsOf(untagged)).toEqual([]);
    expect((await byTag('super', 'DELETE', 'fleet')).statusCode).toBe(204);
    expect(await windowsOf(viewed)).toEqual([]);
  });

  test('404 for a tag that only others have, as for one that nobody has', async () => {
    await fixture.newServer({ tags: ['private'] });
    for (const person of ['viewer', 'stranger'] as const) {
      const answers = [];
      for (const tag of ['private', 'nobodys'])
        for (const [method, body] of [
          ['POST', { minutes: 5 }],
          ['DELETE', undefined],
        ] as const) {
          const { statusCode, ...answer } = await byTag(person, method, tag, body);
          answers.push([statusCode, answer.json().error]);
        }
      expect(new Set(answers.map(String))).toEqual(
        new Set(['404,You are an admin of no server with this tag.']),
      );
      expect((await byTag(person, 'GET', 'private')).json().windows).toEqual([]);
    }
  });

  test('409, and no window at all, where one of the servers has twenty', async () => {
    const full = await fixture.newServer({ tags: ['full'] });
    const free = await fixture.newServer({ tags: ['full'] });
    for (let count = 0; count < 20; count += 1) await start('admin', full);
    const refused = await byTag('admin', 'POST', 'full', { minutes: 5 });
    expect(refused.statusCode).toBe(409);
    expect(await windowsOf(free)).toEqual([]);
  });
});

test('nobody is told of what happens in maintenance, and once at its end of what is still broken', async () => {
  const id = await fixture.newServer();
  const url = `${hooks.url}/told`;
  expect(
    (await fixture.as('owner', 'POST', '/me/notification-channels', { type: 'webhook', url })).statusCode,
  ).toBe(201);
  const database = await openDatabase({
    ...{ engine: 'sqlite', file: path.join(fixture.running.dataDir, 'buoy.db') },
  });
  const see = (...subjects: string[]) =>
    createAlertStore(database.db).record(
      id,
      {
        active: subjects.map((subject) => ({
          ...{
            type: 'channel_down',
            subject,
            severity: 'warning',
            cause: `${subject} is down.`,
            evidence: '',
          },
        })),
        ...{ isOver: () => true, restOf, maxOpen: 200, maxResolved: 1_000 },
      },
      new Date().toISOString(),
    );
  const told = () =>
    hooks.taken
      .filter((request) => request.path === '/told')
      .map(({ body }) => JSON.parse(String(body)))
      .map(({ type, data }) => `${type} ${data.alert.cause}`);
  await start('admin', id);
  await see('slack', 'matrix');
  // Buoy has seen both, and keeps them back.
  await within(10_000, async () => {
    const events = await database.db.selectFrom('alertEvents').select('held').execute();
    return events.length === 2 && events.every(({ held }) => held === 1);
  });
  await see('slack');
  expect(told()).toEqual([]);
  await fixture.as('admin', 'DELETE', at(id));
  await within(10_000, async () => told().length > 0);
  await within(10_000, async () => {
    const waiting = database.db.selectFrom('notificationDeliveries').where('dueAt', 'is not', null);
    return (await waiting.select('id').execute()).length === 0;
  });
  expect(told()).toEqual(['alert.firing slack is down.']);
  await database.close();
}, 30_000);

function days(): string[] {
  return ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
}
