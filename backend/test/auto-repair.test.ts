// Automatic repair over HTTP: who may switch it on, with what bounds, and whose rights it ends with.
import type { AutoRepair } from '@buoy/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AccessFixture, ids, type Person, prepareAccessFixture } from './support/access-fixture.ts';

let fixture: AccessFixture;
beforeAll(async () => {
  fixture = await prepareAccessFixture();
});
afterAll(() => fixture.running.close());

const at = (serverId: string) => `/servers/${serverId}/auto-repair`;
const set = (person: Person, serverId: string, body: object) => fixture.as(person, 'PUT', at(serverId), body);
const stateOf = async (serverId: string, person: Person = 'viewer'): Promise<AutoRepair> =>
  (await fixture.as(person, 'GET', at(serverId))).json().autoRepair;

describe('the automatic repair of a server', () => {
  test('is off until an admin switches it on, which a viewer sees with who it was', async () => {
    const id = await fixture.newServer();
    const nothing = { usedToday: 0, lastAt: null, lastResult: null };
    expect(await stateOf(id)).toEqual({ ...nothing, enabled: false, perDay: 2, setBy: null });
    const answer = await set('admin', id, { enabled: true });
    expect(answer.statusCode).toBe(200);
    const state = await stateOf(id);
    expect(answer.json()).toEqual({ autoRepair: state });
    expect(state).toMatchObject({ ...nothing, enabled: true, perDay: 2, setBy: { userId: ids.admin } });
    expect((await set('owner', id, { enabled: false, perDay: 5 })).json().autoRepair).toMatchObject({
      ...{ enabled: false, perDay: 5, setBy: { userId: ids.owner } },
    });
  });

  test('403 for a viewer who sets it, 404 for a stranger and for an admin whose role was taken away', async () => {
    const id = await fixture.newServer();
    expect((await set('viewer', id, { enabled: true })).statusCode).toBe(403);
    expect((await set('stranger', id, { enabled: true })).statusCode).toBe(404);
    expect((await fixture.as('stranger', 'GET', at(id))).statusCode).toBe(404);
    await fixture.as('owner', 'DELETE', `/servers/${id}/access/${ids.admin}`);
    expect((await set('admin', id, { enabled: true })).statusCode).toBe(404);
    expect((await stateOf(id)).enabled).toBe(false);
  });

  test.each<[string, object]>([
    ['nothing', {}],
    ['no restart a day', { enabled: true, perDay: 0 }],
    ['six restarts a day', { enabled: true, perDay: 6 }],
    ['half a restart', { enabled: true, perDay: 1.5 }],
    ['another step', { enabled: true, step: 'config-rollback' }],
    ['another person', { enabled: true, setBy: ids.owner }],
    ['a text', { enabled: 'yes' }],
  ])('400 for %s', async (_, body) => {
    const id = await fixture.newServer();
    expect((await set('admin', id, body)).statusCode).toBe(400);
    expect((await stateOf(id)).setBy).toBeNull();
  });

  test('has an audit entry for each change, with what was set', async () => {
    const id = await fixture.newServer();
    await set('admin', id, { enabled: true, perDay: 3 });
    expect(await fixture.auditLog()).toContainEqual(
      expect.objectContaining({
        ...{ action: 'PUT /servers/:id/auto-repair', serverId: id, userId: ids.admin, result: 'ok' },
        details: expect.objectContaining({ enabled: true, perDay: 3 }),
      }),
    );
  });

  test.each<[string, (id: string) => Promise<unknown>]>([
    ['is revoked', (id) => fixture.as('owner', 'DELETE', `/servers/${id}/access/${ids.admin}`)],
    [
      'becomes a viewer',
      (id) => fixture.as('owner', 'PUT', `/servers/${id}/access/${ids.admin}`, { role: 'viewer' }),
    ],
    ['is disabled', () => fixture.as('super', 'POST', `/admin/users/${ids.admin}/disable`)],
  ])('is switched off at once, and says so, when the admin %s', async (_, end) => {
    const id = await fixture.newServer();
    await set('admin', id, { enabled: true });
    await end(id);
    expect(await stateOf(id, 'owner')).toMatchObject({
      ...{
        enabled: false,
        lastResult: 'switched_off',
        lastAt: expect.any(String),
        setBy: { userId: ids.admin },
      },
    });
    expect(await fixture.auditLog()).toContainEqual(
      expect.objectContaining({ action: 'auto-repair switched off', serverId: id, userId: ids.admin }),
    );
    await fixture.as('super', 'POST', `/admin/users/${ids.admin}/enable`);
    expect((await stateOf(id, 'owner')).enabled).toBe(false);
  });

  test('stays on when somebody else loses their role', async () => {
    const id = await fixture.newServer();
    await set('owner', id, { enabled: true });
    await fixture.as('owner', 'DELETE', `/servers/${id}/access/${ids.admin}`);
    expect((await stateOf(id)).enabled).toBe(true);
  });
});
