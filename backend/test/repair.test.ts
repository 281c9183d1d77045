// The repair steps of a gateway over HTTP: who may see and run them, and what a rollback needs.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AccessFixture, prepareAccessFixture } from './support/access-fixture.ts';

let fixture: AccessFixture;
beforeAll(async () => {
  fixture = await prepareAccessFixture();
});
afterAll(() => fixture.running.close());

const at = (serverId: string) => `/servers/${serverId}/openclaw/repair`;
const choice = 'AAAAAAAAAAAAAAAA';
const tasksOf = async (serverId: string) =>
  (await fixture.as('owner', 'GET', `/tasks?serverId=${serverId}`)).json<{ tasks: object[] }>().tasks;

describe('the repair steps of a server', () => {
  test('403 for a viewer and 404 for a stranger, to see and to run them', async () => {
    const id = await fixture.newServer();
    for (const [person, status] of [
      ['viewer', 403],
      ['stranger', 404],
    ] as const) {
      expect((await fixture.as(person, 'GET', at(id))).statusCode).toBe(status);
      for (const step of ['restart', 'reset-failed', 'doctor', 'config-rollback', 'version-rollback'])
        expect((await fixture.as(person, 'POST', at(id), { step, choice })).statusCode).toBe(status);
    }
    expect(await tasksOf(id)).toEqual([]);
  });

  test('400 for a rollback without a choice, and for a choice that is none', async () => {
    const id = await fixture.newServer();
    for (const step of ['config-rollback', 'version-rollback']) {
      const answer = await fixture.as('owner', 'POST', at(id), { step });
      expect([answer.statusCode, answer.json().details?.[0]?.path]).toEqual([400, 'choice']);
    }
    for (const odd of ['', 'short', 'A'.repeat(17), 'AAAA AAAA AAAA AA', 7])
      expect((await fixture.as('owner', 'POST', at(id), { step: 'restart', choice: odd })).statusCode).toBe(
        400,
      );
    expect(await tasksOf(id)).toEqual([]);
  });

  test('start nothing while the server cannot be asked whether it is still what was shown', async () => {
    const id = await fixture.newServer();
    for (const step of ['restart', 'config-rollback', 'version-rollback'])
      expect((await fixture.as('admin', 'POST', at(id), { step, choice })).statusCode).toBe(503);
    expect(await tasksOf(id)).toEqual([]);
  });

  test('202 for a restart without a choice, with the step in the audit log', async () => {
    const id = await fixture.newServer();
    expect((await fixture.as('admin', 'POST', at(id), { step: 'restart' })).statusCode).toBe(202);
    expect(await tasksOf(id)).toMatchObject([{ type: 'openclaw.restart' }]);
    expect(await fixture.auditLog()).toContainEqual(
      expect.objectContaining({
        ...{ action: 'POST /servers/:id/openclaw/repair', serverId: id, result: 'ok' },
        details: expect.objectContaining({ step: 'restart' }),
      }),
    );
  });
});
