// Rollouts act for the person who started them, on many servers, for hours: what others and a revoked admin gain by them, and what the largest
// ones cost.
import path from 'node:path';
import { contract, type Rollout } from '@buoy/contract';
import BetterSqlite from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../../../testbed/until.ts';
import { type AccessFixture, ids, type Person, prepareAccessFixture } from '../support/access-fixture.ts';
import { longestBlockOfThree } from '../support/main-thread.ts';

const MAX_BLOCK_MS = 50;
/** Tasks of one person that run at once. */
const SLOTS = 8;
/** Of one person in a row. */
const COSTLY_CALLS = 10;
/** As many as one person may have, with as many servers as one may have. */
const ROLLOUTS = 20;
const SERVERS = 500;
const MOMENT = '2026-01-01T00:00:00.000Z';

let fixture: AccessFixture;
beforeAll(async () => {
  fixture = await prepareAccessFixture();
});
afterAll(() => fixture.running.close());

const start = (person: Person, serverIds: readonly string[], more: object = {}) =>
  fixture.as(person, 'POST', '/rollouts', { serverIds, version: '2026.9.6', pauseS: 0, ...more });
const started = async (...call: Parameters<typeof start>): Promise<Rollout & { id: string }> => {
  const answer = await start(...call);
  expect(answer.statusCode, answer.body).toBe(202);
  return contract['POST /rollouts'].response.parse(answer.json()).rollout as Rollout & { id: string };
};
const find = async (person: Person, id: string): Promise<Rollout> =>
  (await fixture.as(person, 'GET', `/rollouts/${id}`)).json().rollout;

describe('a person without the role admin on a server', () => {
  test('cannot roll out to it, nor learn that it exists', async () => {
    const serverId = await fixture.newServer();
    for (const dryRun of [false, true]) {
      expect((await start('viewer', [serverId], { dryRun })).statusCode).toBe(403);
      const foreign = await start('stranger', [serverId], { dryRun });
      const unknown = await start('stranger', ['srv_unknown'], { dryRun });
      expect([foreign.statusCode, unknown.statusCode]).toEqual([404, 404]);
      expect(foreign.json().error).toBe(unknown.json().error);
    }
  });

  test('cannot roll out to it by a tag that they see', async () => {
    await fixture.newServer({ tags: ['shared-tag'] });
    const byTag = { serverIds: undefined, tag: 'shared-tag' };
    for (const person of ['viewer', 'admin', 'stranger', 'super'] as const)
      expect((await start(person, [], byTag)).statusCode, person).toBe(400);
    expect((await start('owner', [], { ...byTag, dryRun: true })).statusCode).toBe(200);
  });
});

describe('a rollout of somebody else', () => {
  test('is seen and changed by nobody but super-admins, also with a role on its servers', async () => {
    const { id } = await started('admin', [await fixture.newServer()]);
    for (const person of ['owner', 'viewer', 'stranger'] as const) {
      expect((await fixture.as(person, 'GET', `/rollouts/${id}`)).statusCode).toBe(404);
      expect((await fixture.as(person, 'GET', '/rollouts')).json().rollouts).toEqual([]);
      for (const verb of ['pause', 'resume', 'cancel'])
        expect((await fixture.as(person, 'POST', `/rollouts/${id}/${verb}`)).statusCode).toBe(404);
    }
    expect((await fixture.as('super', 'POST', `/rollouts/${id}/cancel`)).statusCode).toBe(200);
  });
});

describe('a revoked admin', () => {
  test('updates no further server by a rollout, and sees nothing more of those in it', async () => {
    const [kept, lost] = [await fixture.newServer(), await fixture.newServer()];
    const { id } = await started('admin', [kept, lost], { canary: 0, waveSize: 1 });
    await until(20_000, async () => (await find('admin', id)).waves[0]?.[0]?.status === 'running');
    await fixture.as('admin', 'POST', `/rollouts/${id}/pause`);
    const [first = '', second = ''] = (await find('admin', id)).waves.flat().map(({ serverId }) => serverId);
    expect((await fixture.as('owner', 'DELETE', `/servers/${second}/access/${ids.admin}`)).statusCode).toBe(
      204,
    );
    expect((await find('admin', id)).waves.flat().map(({ serverId }) => serverId)).toEqual([first]);
    const { tasks } = (await fixture.as('owner', 'GET', `/tasks?serverId=${first}`)).json();
    for (const task of tasks) await fixture.as('owner', 'POST', `/tasks/${task.id}/cancel`);
    await until(20_000, async () => {
      const { waves } = await find('super', id);
      return waves.flat().every(({ status }) => status !== 'running');
    });
    await fixture.as('admin', 'POST', `/rollouts/${id}/resume`, { skipFailed: true });
    const stopped = await until(20_000, async () => {
      const rollout = await find('super', id);
      return rollout.status === 'stopped' && rollout;
    });
    expect(stopped.waves.flat().find(({ serverId }) => serverId === second)).toMatchObject({
      ...{ status: 'failed', taskId: null, error: { code: 'forbidden' } },
    });
    expect((await fixture.as('owner', 'GET', `/tasks?serverId=${second}`)).json().tasks).toEqual([]);
    // Each update that a rollout starts has an entry of its server.
    const entries = (await fixture.auditLog()).filter(({ action }) => action === 'update-component');
    expect(entries.filter(({ serverId }) => serverId === first)).toMatchObject([
      { userId: ids.admin, result: 'ok', details: { rollout: id, version: '2026.9.6' } },
    ]);
    expect(entries.filter(({ serverId }) => serverId === second)).toEqual([]);
  });

  test('has all rollouts stopped once a super-admin has disabled them', async () => {
    const { id } = await started('admin', [await fixture.newServer()]);
    await fixture.as('super', 'POST', `/admin/users/${ids.admin}/disable`);
    expect((await find('super', id)).status).toBe('stopped');
    await fixture.as('super', 'POST', `/admin/users/${ids.admin}/enable`);
  });
});

describe('a rollout that is paused and resumed again and again', () => {
  test('stores no more tasks and audit entries than its person has slots, and is counted as costly', async () => {
    const serverIds: string[] = [];
    for (let count = 0; count < 12; count += 1) serverIds.push(await fixture.newServer());
    const { id } = await started('super', serverIds, { canary: 0, waveSize: 12 });
    const underWay = ({ waves }: Rollout) => waves.flat().filter(({ status }) => status === 'running').length;
    await until(20_000, async () => underWay(await find('super', id)) === SLOTS);
    const resumed: number[] = [];
    for (let times = 0; times <= COSTLY_CALLS; times += 1) {
      await fixture.as('super', 'POST', `/rollouts/${id}/pause`);
      resumed.push((await fixture.as('super', 'POST', `/rollouts/${id}/resume`)).statusCode);
    }
    expect(resumed).toEqual([...Array(COSTLY_CALLS).fill(200), 429]);
    const tasks: { id: string }[] = [];
    for (const serverId of serverIds)
      tasks.push(...(await fixture.as('super', 'GET', `/tasks?serverId=${serverId}`)).json().tasks);
    expect(tasks).toHaveLength(SLOTS);
    const entries = (await fixture.auditLog()).filter(({ details }) => details.rollout === id);
    expect(entries.filter(({ action }) => action.startsWith('update-component'))).toHaveLength(SLOTS);
    await fixture.as('super', 'POST', `/rollouts/${id}/cancel`);
    for (const task of tasks) await fixture.as('super', 'POST', `/tasks/${task.id}/cancel`);
  });
});

describe('the largest rollouts of one person', () => {
  test('are refused beyond twenty that have not ended', async () => {
    const serverId = await fixture.newServer();
    const answers: number[] = [];
    for (let times = 0; times <= ROLLOUTS; times += 1)
      answers.push((await start('owner', [serverId])).statusCode);
    expect(answers.filter((status) => status === 202)).toHaveLength(ROLLOUTS);
    expect(answers.at(-1)).toBe(409);
    const { rollouts } = (await fixture.as('owner', 'GET', '/rollouts')).json();
    for (const { id } of rollouts) await fixture.as('owner', 'POST', `/rollouts/${id}/cancel`);
  });

  test('keep nobody waiting while they are followed and listed', async () => {
    const database = new BetterSqlite(path.join(fixture.running.dataDir, 'buoy.db'));
    database
      .prepare(
        `insert into rollouts (id, component, version, status, pause_s, created_by, created_at)
         with recursive n(at) as (select 1 union all select at + 1 from n where at < ${ROLLOUTS})
         select 'rol_' || at, 'openclaw', '2.0.0', 'running', 60, ?, ? from n`,
      )
      .run(ids.owner, MOMENT);
    // All are said to be under way, with the task of a server that waits for its turn.
    const taskId = await waitingTask();
    database
      .prepare(
        `insert into rollout_servers (rollout_id, position, wave, server_id, name, to_version, status, task_id)
         with recursive n(at) as (select 1 union all select at + 1 from n where at < ${SERVERS})
         select id, at, 0, 'srv_' || at, 'server ' || at, '2.0.0', 'running', ? from n, rollouts where id in
           (select id from rollouts where created_at = ?)`,
      )
      .run(taskId, MOMENT);
    database.close();
    const { blockedMs } = await longestBlockOfThree(async () => {
      const answers = await Promise.all(
        Array.from({ length: 10 }, () => fixture.as('owner', 'GET', '/rollouts?limit=50')),
      );
      for (const { statusCode } of answers) expect(statusCode).toBe(200);
      // Longer than the time between two reads of the rollouts that are under way.
      await new Promise((resolve) => setTimeout(resolve, 2_500));
    }, MAX_BLOCK_MS);
    expect(blockedMs).toBeLessThan(MAX_BLOCK_MS);
  }, 60_000);

  const waitingTask = async (): Promise<string> => {
    const serverId = await fixture.newServer();
    const restart = await fixture.as('owner', 'POST', `/servers/${serverId}/openclaw/restart`);
    return restart.json().task.id;
  };
});
