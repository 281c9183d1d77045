// Update policies hold on servers that others share, for hours, in rollouts of many: whose policies count, what they give away, and what the
// most awkward ones cost.
import path from 'node:path';
import BetterSqlite from 'better-sqlite3';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type AccessFixture, ids, type Person, prepareAccessFixture } from '../support/access-fixture.ts';
import { longestBlockOfThree } from '../support/main-thread.ts';

const MAX_BLOCK_MS = 50;
const MAX_POLICIES = 100;
const MOMENT = '2026-01-01T00:00:00.000Z';
const allDays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

let fixture: AccessFixture;
beforeAll(async () => {
  fixture = await prepareAccessFixture();
});
afterAll(() => fixture.running.close());
beforeEach(async () => {
  for (const person of Object.keys(ids) as Person[])
    for (const { tag } of (await fixture.as(person, 'GET', '/update-policies?limit=200')).json().policies)
      await fixture.as(person, 'DELETE', `/update-policies/${encodeURIComponent(tag)}`);
});

const put = (person: Person, tag: string, body: object) =>
  fixture.as(person, 'PUT', `/update-policies/${tag}`, body);
const update = (person: Person, serverId: string, version: string) =>
  fixture.as(person, 'POST', `/servers/${serverId}/setup/update-component`, {
    component: 'openclaw',
    version,
  });

/** An hour that begins two to three days from now. */
const closedWindow = () => {
  const day = new Date(Date.now() + 3 * 86_400_000).getUTCDay();
  return { days: [allDays[(day + 6) % 7]], start: '00:00', end: '01:00', timezone: 'UTC' };
};

describe('policies of people who do not own the server', () => {
  test('neither pin it nor close its window, whatever role they have there', async () => {
    const serverId = await fixture.newServer({ tags: ['prod'] });
    const never = { days: ['mon'], start: '00:00', end: '00:01', timezone: 'UTC' };
    for (const person of ['admin', 'viewer', 'stranger', 'super'] as const)
      expect((await put(person, 'prod', { pinned: '2026.1.1', window: never })).statusCode).toBe(200);
    const plan = await fixture.as('admin', 'POST', '/rollouts', {
      ...{ serverIds: [serverId], version: '2026.9.6', dryRun: true },
    });
    expect(plan.statusCode).toBe(200);
    expect(plan.json().rollout).toMatchObject({ nextWaveAt: null, waves: [[{ to: '2026.9.6' }]] });
    expect((await update('admin', serverId, '2026.9.6')).statusCode).toBe(202);
  });

  test('are read, changed and removed by nobody else, super-admins included', async () => {
    await put('owner', 'prod', { pinned: '2026.9.1' });
    for (const person of ['admin', 'viewer', 'stranger', 'super'] as const) {
      expect((await fixture.as(person, 'GET', '/update-policies')).json().policies).toEqual([]);
      for (const method of ['GET', 'DELETE'] as const)
        expect((await fixture.as(person, method, '/update-policies/prod')).statusCode).toBe(404);
      await put(person, 'prod', { pinned: '2026.1.1' });
    }
    expect((await fixture.as('owner', 'GET', '/update-policies/prod')).json().policy.pinned).toBe('2026.9.1');
  });
});

describe('an admin of a pinned server', () => {
  test('updates it to no other version, by an update or a rollout', async () => {
    const serverId = await fixture.newServer({ tags: ['prod'] });
    await put('owner', 'prod', { pinned: '2026.9.1' });
    const rollout = { serverIds: [serverId], version: '2026.9.6' };
    expect((await update('admin', serverId, '2026.9.6')).statusCode).toBe(409);
    for (const dryRun of [true, false])
      expect((await fixture.as('admin', 'POST', '/rollouts', { ...rollout, dryRun })).statusCode).toBe(409);
    expect((await fixture.as('owner', 'GET', `/tasks?serverId=${serverId}`)).json().tasks).toEqual([]);
  });

  test('is told of the tags that pin it, and a person without that role is told nothing', async () => {
    const serverId = await fixture.newServer({ tags: ['prod', 'web'] });
    await put('owner', 'prod', { pinned: '2026.9.1' });
    await put('owner', 'elsewhere', { pinned: '2026.9.2' });
    const told = await update('admin', serverId, '2026.9.6');
    expect(told.json().error).toBe('OpenClaw is pinned to 2026.9.1 on this server by the tag "prod".');
    const viewer = await update('viewer', serverId, '2026.9.6');
    const stranger = await update('stranger', serverId, '2026.9.6');
    expect([viewer.statusCode, stranger.statusCode]).toEqual([403, 404]);
    for (const { body } of [viewer, stranger]) expect(body).not.toMatch(/prod|2026\.9\.1/);
  });
});

test('a server that was transferred follows the policies of its new owner alone', async () => {
  const serverId = await fixture.newServer({ tags: ['prod'] });
  await put('owner', 'prod', { pinned: '2026.9.1' });
  await put('super', 'prod', { pinned: '2026.9.2' });
  // Taken by a person who may: nobody gave it to them.
  expect(
    (await fixture.as('super', 'POST', `/servers/${serverId}/transfer`, { userId: ids.super })).statusCode,
  ).toBe(200);
  expect((await update('admin', serverId, '2026.9.1')).json().error).toContain('pinned to 2026.9.2');
  expect((await update('admin', serverId, '2026.9.2')).statusCode).toBe(202);
});

describe('a person who gives somebody a server', () => {
  test('reads none of their policies by its tags', async () => {
    const serverId = await fixture.newServer({ tags: ['prod'] });
    await put('admin', 'prod', { pinned: '2026.9.2', window: closedWindow() });
    expect(
      (await fixture.as('owner', 'POST', `/servers/${serverId}/transfer`, { userId: ids.admin })).statusCode,
    ).toBe(200);
    const body = { serverIds: [serverId], version: '2026.9.6', dryRun: true };
    const plan = await fixture.as('owner', 'POST', '/rollouts', body);
    expect(plan.statusCode).toBe(200);
    expect(plan.json().rollout).toMatchObject({ nextWaveAt: null, waves: [[{ to: '2026.9.6' }]] });
    const started = await update('owner', serverId, '2026.9.6');
    expect(started.statusCode).toBe(202);
    for (const { body: answer } of [plan, started]) expect(answer).not.toContain('2026.9.2');
  });
});

describe('an admin who is revoked while their rollout waits', () => {
  test('is no longer told when the window of that server opens', async () => {
    const serverId = await fixture.newServer({ tags: ['prod'] });
    await put('owner', 'prod', { window: closedWindow() });
    const body = { serverIds: [serverId], version: '2026.9.6' };
    const { id, nextWaveAt } = (await fixture.as('admin', 'POST', '/rollouts', body)).json().rollout;
    expect(nextWaveAt).toMatch(/^20/);
    await fixture.as('owner', 'DELETE', `/servers/${serverId}/access/${ids.admin}`);
    const { rollout } = (await fixture.as('admin', 'GET', `/rollouts/${id}`)).json();
    expect(rollout).toMatchObject({ nextWaveAt: null, waves: [] });
    const { rollouts } = (await fixture.as('admin', 'GET', '/rollouts')).json();
    expect(rollouts.find((one: { id: string }) => one.id === id)).toMatchObject({ nextWaveAt: null });
    await fixture.as('admin', 'POST', `/rollouts/${id}/cancel`);
  });
});

test('the pins of a disabled owner still hold for the admins of the server', async () => {
  const serverId = await fixture.newServer({ tags: ['prod'] });
  await put('owner', 'prod', { pinned: '2026.9.1' });
  await fixture.as('super', 'POST', `/admin/users/${ids.owner}/disable`);
  const refused = await update('admin', serverId, '2026.9.6');
  await fixture.as('super', 'POST', `/admin/users/${ids.owner}/enable`);
  expect(refused.statusCode).toBe(409);
  fixture.tokens.owner = await fixture.running.signIn(Number(ids.owner));
});

describe('the most policies of one person', () => {
  test('are a hundred', async () => {
    const answers: number[] = [];
    for (let index = 0; index <= MAX_POLICIES; index += 1)
      answers.push((await put('stranger', `tag-${index}`, { pinned: '2026.9.1' })).statusCode);
    expect(answers.filter((status) => status === 200)).toHaveLength(MAX_POLICIES);
    expect(answers.at(-1)).toBe(409);
    expect((await put('stranger', 'tag-0', { pinned: '2026.9.2' })).statusCode).toBe(200);
  });

  test('set to the same again and again, are counted in the audit log instead of listed', async () => {
    for (let times = 0; times < 20; times += 1) await put('admin', 'same', { pinned: '2026.9.1' });
    const entries = (await fixture.auditLog()).filter(
      ({ userId, target }) => userId === ids.admin && target === 'same',
    );
    // The change, its first repetition, and the number of the others, which a full minute may divide.
    expect(entries.length).toBeLessThanOrEqual(4);
  });

  test('keep nobody waiting, with windows of many zones that never meet on hundreds of servers', async () => {
    const zones = Intl.supportedValuesOf('timeZone');
    const database = new BetterSqlite(path.join(fixture.running.dataDir, 'buoy.db'));
    const addPolicy = database.prepare(
      'insert into update_policies (user_id, tag, pinned, update_window, version, updated_at) values (?, ?, null, ?, 1, ?)',
    );
    for (let index = 0; index < MAX_POLICIES; index += 1) {
      // The last ones have no moment in common with any other.
      const [start, end] = index < 90 ? ['00:00', '11:59'] : ['23:58', '23:59'];
      const days = index < 90 ? allDays : ['wed'];
      const window = { days, start, end, timezone: zones[(index * 7) % zones.length] };
      addPolicy.run(ids.owner, `w${index}`, JSON.stringify(window), MOMENT);
    }
    const serverId = await fixture.newServer();
    const columns = (database.prepare('pragma table_info(servers)').all() as Array<{ name: string }>).map(
      ({ name }) => name,
    );
    const others = columns.filter((name) => !['id', 'name', 'tags'].includes(name)).join(', ');
    const addServer = database.prepare(
      `insert into servers (id, name, tags, ${others}) select ?, ?, ?, ${others} from servers where id = ?`,
    );
    const addGrant = database.prepare(
      `insert into grants (server_id, user_id, role, granted_by, created_at) values (?, ?, 'owner', ?, ?)`,
    );
    database
      .prepare(
        `insert into rollouts (id, component, version, wanted, status, pause_s, created_by, created_at)
         values ('rol_w', 'openclaw', '2.0.0', 'latest', 'running', 60, ?, ?)`,
      )
      .run(ids.owner, MOMENT);
    const addToRollout = database.prepare(
      `insert into rollout_servers (rollout_id, position, wave, server_id, name, to_version, status)
       values ('rol_w', ?, 0, ?, ?, '2.0.0', 'pending')`,
    );
    // Each server has its own twenty of the tags, and waits in a rollout.
    database.transaction(() => {
      for (let index = 0; index < 100; index += 1) {
        const tags = Array.from({ length: 19 }, (_, part) => `w${(index + part * 4) % 90}`);
        addServer.run(
          `srv_w${index}`,
          `w ${index}`,
          JSON.stringify([...tags, `w${90 + (index % 10)}`]),
          serverId,
        );
        addGrant.run(`srv_w${index}`, ids.owner, ids.owner, MOMENT);
        addToRollout.run(index, `srv_w${index}`, `w ${index}`);
      }
    })();
    database.close();
    const { blockedMs } = await longestBlockOfThree(async () => {
      const answers = await Promise.all([
        ...Array.from({ length: 5 }, () => fixture.as('owner', 'GET', '/rollouts')),
        ...Array.from({ length: 5 }, () => fixture.as('owner', 'GET', '/update-policies?limit=200')),
      ]);
      for (const { statusCode } of answers) expect(statusCode).toBe(200);
    }, MAX_BLOCK_MS);
    expect(blockedMs).toBeLessThan(MAX_BLOCK_MS);
  }, 120_000);
});
