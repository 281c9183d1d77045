// Thresholds over HTTP: who may set them, what holds for a server, and where each value comes from.
import { defaultThresholds, type Threshold, type ThresholdName } from '@buoy/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AccessFixture, ids, type Person, prepareAccessFixture } from './support/access-fixture.ts';

type Held = Record<ThresholdName, Threshold>;

let fixture: AccessFixture;
beforeAll(async () => {
  fixture = await prepareAccessFixture();
});
afterAll(() => fixture.running.close());

const at = (serverId: string) => `/servers/${serverId}/thresholds`;
const set = (person: Person, serverId: string, thresholds: object) =>
  fixture.as(person, 'PUT', at(serverId), { thresholds });
const setByTag = (person: Person, tag: string, thresholds: object) =>
  fixture.as(person, 'PUT', `/thresholds?tag=${tag}`, { thresholds });
const heldOn = async (serverId: string, person: Person = 'viewer'): Promise<Held> =>
  (await fixture.as(person, 'GET', at(serverId))).json().thresholds;

describe('thresholds of a server', () => {
  test('are the defaults, until an admin sets some, which a viewer sees with where they come from', async () => {
    const id = await fixture.newServer();
    const inherited = { set: null, from: 'default', tag: null, differs: false };
    expect((await heldOn(id)).diskWarnShare).toEqual({ ...inherited, value: 0.85 });
    const answer = await set('admin', id, { diskWarnShare: 0.7, clockSkewS: 120 });
    expect(answer.statusCode).toBe(200);
    const held = await heldOn(id);
    expect(answer.json()).toEqual({ thresholds: held });
    expect(held).toMatchObject({
      diskWarnShare: { set: 0.7, value: 0.7, from: 'server', tag: null },
      clockSkewS: { set: 120, value: 120, from: 'server' },
      diskCriticalShare: { ...inherited, value: 0.95 },
    });
    // What is absent stays; null is inherited again.
    await set('owner', id, { diskWarnShare: null });
    expect(await heldOn(id)).toMatchObject({
      diskWarnShare: { ...inherited, value: 0.85 },
      clockSkewS: { set: 120 },
    });
  });

  test('403 for a viewer, 404 for a stranger and for an admin whose role was taken away', async () => {
    const id = await fixture.newServer();
    expect((await set('viewer', id, { expiryDays: 30 })).statusCode).toBe(403);
    expect((await set('stranger', id, { expiryDays: 30 })).statusCode).toBe(404);
    expect((await fixture.as('stranger', 'GET', at(id))).statusCode).toBe(404);
    await fixture.as('owner', 'DELETE', `/servers/${id}/access/${ids.admin}`);
    expect((await set('admin', id, { expiryDays: 30 })).statusCode).toBe(404);
    expect((await heldOn(id)).expiryDays.set).toBeNull();
  });

  test.each<[string, object]>([
    ['none', {}],
    ['an unknown one', { diskWarnPercent: 80 }],
    ['a share of one', { diskWarnShare: 1 }],
    ['a share below the least', { memoryWarnShare: 0.1 }],
    ['a negative one', { clockSkewS: -60 }],
    ['half a second', { clockSkewS: 60.5 }],
    ['a text', { clockSkewS: '60' }],
    ['one beyond all bounds', { cronLateS: 1e300 }],
    ['a warning that is not below the critical value', { diskWarnShare: 0.9, diskCriticalShare: 0.9 }],
    ['a warning above the inherited critical value', { diskWarnShare: 0.96 }],
    ['a critical value below the inherited warning', { diskCriticalShare: 0.8 }],
    ['days to warn within those that are critical', { expiryDays: 3 }],
  ])('400 for %s', async (_, thresholds) => {
    const id = await fixture.newServer();
    const answer = await set('admin', id, thresholds);
    expect([answer.statusCode, answer.json().code]).toEqual([400, 'invalid_request']);
    expect(answer.json().details.length).toBeGreaterThan(0);
    for (const [name, { value, from }] of Object.entries(await heldOn(id)))
      expect([value, from]).toEqual([defaultThresholds[name as ThresholdName], 'default']);
  });

  test('each change has an audit entry with the server and the values', async () => {
    const id = await fixture.newServer({ name: 'limits' });
    await set('admin', id, { tokenOverflowShare: 0.6 });
    const entries = (await fixture.auditLog()).filter(
      ({ action }) => action === 'PUT /servers/:id/thresholds',
    );
    expect(entries.at(-1)).toMatchObject({
      ...{ userId: ids.admin, serverId: id, target: 'limits', result: 'ok' },
      details: { body: { thresholds: { tokenOverflowShare: 0.6 } } },
    });
  });
});

describe('thresholds by tag', () => {
  test('hold for the servers with the tag that the caller is an admin of, and for no others', async () => {
    const mine = await fixture.newServer({ tags: ['fleet'] });
    const viewed = await fixture.newServer({ tags: ['fleet'] });
    const untagged = await fixture.newServer({ tags: ['fleets'] });
    await fixture.as('owner', 'PUT', `/servers/${viewed}/access/${ids.admin}`, { role: 'viewer' });
    const answer = await setByTag('admin', 'fleet', { diskWarnShare: 0.6 });
    expect(answer.json()).toMatchObject({
      ...{ servers: 1, thresholds: { diskWarnShare: { set: 0.6, value: 0.6, from: 'tag', tag: 'fleet' } } },
    });
    expect((await heldOn(mine)).diskWarnShare).toEqual({
      ...{ set: null, value: 0.6, from: 'tag', tag: 'fleet', differs: false },
    });
    for (const id of [viewed, untagged]) expect((await heldOn(id)).diskWarnShare.from).toBe('default');
    // The owner sees that they differ, and sets both.
    const seen = (await fixture.as('owner', 'GET', '/thresholds?tag=fleet')).json();
    expect(seen).toMatchObject({
      ...{ servers: 2, thresholds: { diskWarnShare: { set: null, value: 0.6, differs: true } } },
    });
    await setByTag('owner', 'fleet', { diskWarnShare: 0.5 });
    for (const id of [mine, viewed]) expect((await heldOn(id)).diskWarnShare.value).toBe(0.5);
  });

  test('of several tags the strictest value holds, each by itself; the server’s own wins over all', async () => {
    const id = await fixture.newServer({ tags: ['t-prod', 't-eu'] });
    await setByTag('admin', 't-prod', { diskWarnShare: 0.7, expiryDays: 20, clockSkewS: 300 });
    await setByTag('admin', 't-eu', { diskWarnShare: 0.8, expiryDays: 30 });
    expect(await heldOn(id)).toMatchObject({
      diskWarnShare: { value: 0.7, from: 'tag', tag: 't-prod' },
      expiryDays: { value: 30, from: 'tag', tag: 't-eu' },
      clockSkewS: { value: 300, from: 'tag', tag: 't-prod' },
    });
    await set('admin', id, { diskWarnShare: 0.9 });
    expect((await heldOn(id)).diskWarnShare).toMatchObject({ value: 0.9, from: 'server' });
    // Without the tag, its values no longer hold.
    await fixture.as('owner', 'PUT', `/servers/${id}`, { tags: ['t-eu'] });
    expect(await heldOn(id)).toMatchObject({
      clockSkewS: { value: 60, from: 'default' },
      expiryDays: { value: 30 },
    });
  });

  test('hold for a server that gets the tag later, or is made with it, by an admin of those that have it', async () => {
    await fixture.newServer({ tags: ['later'] });
    await setByTag('owner', 'later', { clockSkewS: 90 });
    const made = await fixture.newServer({ tags: ['later'] });
    const changed = await fixture.newServer();
    await fixture.as('owner', 'PUT', `/servers/${changed}`, { tags: ['later'] });
    for (const id of [made, changed])
      expect((await heldOn(id)).clockSkewS).toMatchObject({ value: 90, from: 'tag', tag: 'later' });
  });

  test('are not told to a person who gives a server of theirs the tag of others, nor taken over by it', async () => {
    await fixture.newServer({ tags: ['guessed'] });
    await setByTag('owner', 'guessed', { clockSkewS: 90 });
    for (const person of ['stranger', 'super'] as const) {
      const { server } = (
        await fixture.as(person, 'POST', '/servers', {
          ...{ name: 'probe', host: '127.0.0.1', port: 1, username: 'root', tags: ['guessed'] },
          ...{ authType: 'password', password: 'Stored-pa55word' },
        })
      ).json();
      expect((await heldOn(server.id, person)).clockSkewS.from).toBe('default');
    }
  });

  test('404 for a tag that only others have, as for one that nobody has', async () => {
    const id = await fixture.newServer({ tags: ['private-limits'] });
    for (const person of ['viewer', 'stranger'] as const)
      for (const tag of ['private-limits', 'nobodys-limits'])
        for (const answer of [
          await setByTag(person, tag, { clockSkewS: 5 }),
          await fixture.as(person, 'GET', `/thresholds?tag=${tag}`),
        ])
          expect([answer.statusCode, answer.json().error]).toEqual([
            ...[404, 'You are an admin of no server with this tag.'],
          ]);
    expect((await heldOn(id)).clockSkewS.from).toBe('default');
  });

  test('400, and nothing is set on any server, for a warning behind its critical value', async () => {
    const id = await fixture.newServer({ tags: ['ordered'] });
    const answer = await setByTag('admin', 'ordered', { clockSkewS: 90, diskWarnShare: 0.97 });
    expect([answer.statusCode, answer.json().details]).toEqual([
      ...[
        400,
        [
          {
            path: 'thresholds.diskWarnShare',
            message: 'diskWarnShare (0.97) must be below diskCriticalShare (0.95)',
          },
        ],
      ],
    ]);
    expect((await heldOn(id)).clockSkewS.from).toBe('default');
  });

  test('has one audit entry with the tag and its servers', async () => {
    const id = await fixture.newServer({ name: 'tagged', tags: ['audited-limits'] });
    await setByTag('admin', 'audited-limits', { memoryWarnShare: 0.8 });
    const entries = (await fixture.auditLog()).filter(
      ({ action, target }) => action === 'PUT /thresholds' && target === 'audited-limits',
    );
    expect(entries).toHaveLength(1);
    expect(entries[0]).toMatchObject({
      ...{ userId: ids.admin, result: 'ok' },
      details: { servers: 1, names: ['tagged'], serverIds: [id] },
    });
  });

  test('tags that come and go leave nothing behind: the rows of a server stay as many as its tags', async () => {
    const id = await fixture.newServer();
    for (let round = 0; round < 5; round += 1) {
      await fixture.as('owner', 'PUT', `/servers/${id}`, { tags: [`churn-${round}`] });
      await setByTag('admin', `churn-${round}`, { clockSkewS: 90 });
    }
    // An earlier tag that is back has nothing set.
    await fixture.as('owner', 'PUT', `/servers/${id}`, { tags: ['churn-0', 'churn-4'] });
    expect((await heldOn(id)).clockSkewS).toMatchObject({ from: 'tag', tag: 'churn-4' });
    const first = (await fixture.as('owner', 'GET', '/thresholds?tag=churn-0')).json();
    expect(first.thresholds.clockSkewS.set).toBeNull();
  });
});
