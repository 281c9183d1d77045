// Alerts over HTTP: what a check reports, who sees it, who may act on it, and that it is resolved when the server answers again.
import type { AuditEntry } from '@buoy/contract';
import { type Alert, alert, contract, type Server } from '@buoy/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LoopbackSshd, noSshd, startLoopbackSshd } from '../src/ssh/testing/loopback-sshd.ts';
import { type AccessFixture, ids, type Person, prepareAccessFixture } from './support/access-fixture.ts';

let fixture: AccessFixture;

beforeAll(async () => {
  fixture = await prepareAccessFixture();
});
afterAll(() => fixture.running.close());

type List = { alerts: Alert[]; nextCursor: string | null; unread: number };

const list = async (person: Person, query = ''): Promise<List> => {
  const response = await fixture.as(person, 'GET', `/alerts${query}`);
  expect(response.statusCode).toBe(200);
  return contract['GET /alerts'].response.parse(response.json());
};
const check = async (serverId: string, person: Person = 'admin') => {
  const response = await fixture.as(person, 'POST', `/servers/${serverId}/check`);
  expect(response.statusCode).toBe(200);
  return response.json<{ server: Server; alerts: Alert[] }>();
};
/** A server that cannot be reached, and its alert. */
const failing = async (): Promise<{ serverId: string; id: string }> => {
  const serverId = await fixture.newServer();
  const { alerts } = await check(serverId);
  return { serverId, id: alerts[0]?.id ?? expect.unreachable() };
};
const act = (person: Person, id: string, verb: 'ack' | 'read' | 'snooze', body?: object) =>
  fixture.as(person, 'POST', `/alerts/${id}/${verb}`, body);
const acted = async (...call: Parameters<typeof act>): Promise<Alert> => {
  const response = await act(...call);
  expect(response.statusCode).toBe(200);
  return alert.parse(response.json().alert);
};

describe('POST /servers/:id/check', () => {
  test('returns 200 with the server and an alert with the SSH error when nothing listens there', async () => {
    const serverId = await fixture.newServer();
    const { server, alerts } = await check(serverId);
    expect(server).toMatchObject({ id: serverId, role: 'admin', status: { state: 'unreachable' } });
    expect(alerts).toMatchObject([
      {
        ...{ serverId, type: 'connection_failed', severity: 'critical', status: 'firing', count: 1 },
        ...{ cause: 'Nothing answers at 127.0.0.1:1: the connection was refused.', resolvedAt: null },
        evidence: expect.stringContaining('Check the port'),
      },
    ]);
    expect(server.status.reasons).toEqual([alerts[0]?.cause]);
  });

  test('returns 200 again and again: it stays one alert with a count', async () => {
    const { serverId, id } = await failing();
    for (let times = 2; times <= 7; times += 1)
      expect((await check(serverId)).alerts).toMatchObject([
        { id, count: times, cause: 'Nothing answers at 127.0.0.1:1: the connection was refused.' },
      ]);
    expect((await list('owner', `?serverId=${serverId}`)).alerts).toHaveLength(1);
  });

  test('is in the audit log with the name of the server', async () => {
    const { serverId } = await failing();
    const { name } = (await fixture.as('owner', 'GET', `/servers/${serverId}`)).json().server;
    const entry = (await fixture.auditLog()).findLast(
      (one) => one.action === 'POST /servers/:id/check' && one.serverId === serverId,
    );
    expect(entry).toMatchObject({ serverId, target: name, result: 'ok', userId: ids.admin });
  });
});

describe.skipIf(noSshd !== null)('alert of a server that answers again', () => {
  let sshd: LoopbackSshd;
  beforeAll(async () => {
    sshd = await startLoopbackSshd();
  });
  afterAll(() => sshd.stop());

  test('is resolved and listed behind the open ones; the next failure opens a new alert', async () => {
    const { privateKey, username } = sshd;
    const serverId = await fixture.newServer({
      ...{ port: sshd.port, username, authType: 'key', privateKey, password: undefined },
    });
    // It answers, but has no OpenClaw: nothing is wrong with it.
    expect(await check(serverId)).toMatchObject({
      server: { status: { state: 'not_set_up' }, openclaw: { installed: false } },
      alerts: [],
    });
    const { servers } = (await fixture.as('owner', 'GET', '/servers?state=not_set_up')).json();
    expect(servers).toMatchObject([{ id: serverId }]);
    const move = async (port: number) =>
      expect((await fixture.as('owner', 'PUT', `/servers/${serverId}`, { port })).statusCode).toBe(200);
    await move(1);
    const [fired] = (await check(serverId)).alerts;
    expect(fired).toMatchObject({ type: 'connection_failed', status: 'firing' });
    await move(sshd.port);
    expect((await check(serverId)).alerts).toEqual([]);
    expect((await list('viewer', `?serverId=${serverId}`)).alerts).toMatchObject([
      { id: fired?.id, status: 'resolved', resolvedAt: expect.any(String) },
    ]);
    for (const verb of ['ack', 'snooze'] as const) {
      const refused = await act(
        'admin',
        fired?.id ?? '',
        verb,
        verb === 'snooze' ? { minutes: 5 } : undefined,
      );
      expect([refused.statusCode, refused.json().error]).toEqual([409, 'This alert is resolved.']);
    }
    await move(1);
    const [back] = (await check(serverId)).alerts;
    expect(back?.id).not.toBe(fired?.id);
    const { alerts } = await list('viewer', `?serverId=${serverId}`);
    expect(alerts.map(({ id }) => id)).toEqual([back?.id, fired?.id]);
  });
});

describe('acting on an alert', () => {
  test('reading is per person, and so is the unread count', async () => {
    const { serverId, id } = await failing();
    const before = { viewer: (await list('viewer')).unread, admin: (await list('admin')).unread };
    const read = await acted('viewer', id, 'read');
    expect(read).toMatchObject({ id, status: 'firing', readAt: expect.any(String) });
    expect((await list('viewer')).unread).toBe(before.viewer - 1);
    expect((await list('admin')).unread).toBe(before.admin);
    expect((await list('viewer', `?serverId=${serverId}&unread=true`)).alerts).toEqual([]);
    expect((await list('admin', `?serverId=${serverId}&unread=true`)).alerts).toMatchObject([
      { id, readAt: null },
    ]);
    // Only the first time counts.
    expect((await acted('viewer', id, 'read')).readAt).toBe(read.readAt);
  });

  test('acknowledging lasts past the next check', async () => {
    const { serverId, id } = await failing();
    expect(await acted('admin', id, 'ack')).toMatchObject({
      ...{ status: 'acknowledged', readAt: expect.any(String) },
    });
    expect((await check(serverId)).alerts).toMatchObject([{ id, status: 'acknowledged', count: 2 }]);
    expect((await acted('owner', id, 'ack')).status).toBe('acknowledged');
    expect((await list('owner', `?serverId=${serverId}&status=acknowledged`)).alerts).toHaveLength(1);
    expect((await list('owner', `?serverId=${serverId}&status=firing`)).alerts).toEqual([]);
  });

  test('snoozing shows until when', async () => {
    const { serverId, id } = await failing();
    const { status, snoozedUntil } = await acted('admin', id, 'snooze', { minutes: 60 });
    expect(status).toBe('snoozed');
    expect(Date.parse(snoozedUntil ?? '') - Date.now()).toBeGreaterThan(59 * 60_000);
    expect((await list('viewer', `?serverId=${serverId}&status=snoozed`)).alerts).toMatchObject([{ id }]);
    for (const minutes of [4, 10_081, 5.5])
      expect((await act('admin', id, 'snooze', { minutes })).statusCode).toBe(400);
  });

  test('audit log holds each action: who, on which server, which alert', async () => {
    const { serverId, id } = await failing();
    await act('viewer', id, 'read');
    await act('admin', id, 'snooze', { minutes: 5 });
    await act('owner', id, 'ack');
    const isAlone = ({ details }: AuditEntry) => !('count' in details);
    const entries = (await fixture.auditLog()).filter(isAlone).slice(-3);
    expect(entries).toMatchObject(
      [
        { action: 'POST /alerts/:id/read', userId: ids.viewer },
        { action: 'POST /alerts/:id/snooze', userId: ids.admin },
        { action: 'POST /alerts/:id/ack', userId: ids.owner },
      ].map((entry) => ({
        ...entry,
        ...{ serverId, target: 'connection_failed', result: 'ok', details: { alert: id } },
      })),
    );
  });
});

describe('alert permissions', () => {
  test('a viewer can list and read alerts, but not act on them', async () => {
    const { serverId, id } = await failing();
    expect((await list('viewer', `?serverId=${serverId}`)).alerts).toHaveLength(1);
    expect((await act('viewer', id, 'ack')).statusCode).toBe(403);
    expect((await act('viewer', id, 'snooze', { minutes: 5 })).statusCode).toBe(403);
    expect((await fixture.as('viewer', 'POST', `/servers/${serverId}/check`)).statusCode).toBe(403);
  });

  test('a stranger sees none of them in any call', async () => {
    const { serverId, id } = await failing();
    expect(await list('stranger')).toEqual({ alerts: [], nextCursor: null, unread: 0 });
    expect(await list('stranger', `?serverId=${serverId}`)).toMatchObject({ alerts: [] });
    for (const verb of ['ack', 'read'] as const)
      expect((await act('stranger', id, verb)).statusCode).toBe(404);
    expect((await act('owner', 'alr_none', 'read')).statusCode).toBe(404);
  });

  test('revoking the role or deleting the server hides its alerts', async () => {
    const { serverId, id } = await failing();
    await fixture.as('owner', 'DELETE', `/servers/${serverId}/access/${ids.viewer}`);
    expect((await list('viewer', `?serverId=${serverId}`)).alerts).toEqual([]);
    expect((await act('viewer', id, 'read')).statusCode).toBe(404);
    expect((await fixture.as('owner', 'DELETE', `/servers/${serverId}`)).statusCode).toBe(204);
    expect((await list('super', `?serverId=${serverId}`)).alerts).toEqual([]);
    expect((await act('super', id, 'read')).statusCode).toBe(404);
  });
});

test('list of alerts comes in pages and returns 400 for an invalid cursor', async () => {
  for (let count = 0; count < 3; count += 1) await failing();
  const all = (await list('owner', '?limit=200')).alerts.map(({ id }) => id);
  const paged: string[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const page: List = await list('owner', `?limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`);
    paged.push(...page.alerts.map(({ id }) => id));
    cursor = page.nextCursor;
  }
  expect(paged).toEqual(all);
  expect((await fixture.as('owner', 'GET', '/alerts?cursor=nonsense')).statusCode).toBe(400);
});
