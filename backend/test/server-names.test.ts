// Server names are handles: they are unique per owner, also when two Buoys are asked at the same moment.
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type DatabaseHandle, openDatabase } from '../src/db/database.ts';
import { testDatabases } from '../src/db/testing/databases.ts';
import { serverRow } from '../src/db/testing/server-row.ts';
import { sourceOf } from './support/database-source.ts';
import { startTestBuoy, type TestBuoy } from './support/test-buoy.ts';

const machine = { host: '127.0.0.1', port: 1, username: 'root', authType: 'password', password: 'x' };
const duplicate = { code: 'duplicate', error: expect.stringContaining('named') };

describe.each(testDatabases())('names of servers on $name', ({ name: engine, open }) => {
  let database: DatabaseHandle | null = null;
  let buoys: TestBuoy[];
  let running: TestBuoy;
  let owner: string;
  let other: string;
  let person = 800;

  beforeAll(async () => {
    if (engine === 'postgres') database = await open();
    const source = database === null ? null : await sourceOf(database);
    const environment: Record<string, string> =
      source?.engine === 'postgres'
        ? {
            ...{ DATABASE_URL: source.url, VAULT_KEYS: `both:${randomBytes(32).toString('base64')}` },
            JWT_SECRET: randomBytes(32).toString('hex'),
          }
        : {};
    running = await startTestBuoy(environment);
    buoys = source === null ? [running] : [running, await startTestBuoy(environment)];
  });
  afterAll(async () => {
    for (const buoy of buoys) await buoy.close();
    await database?.close();
  });
  beforeEach(async () => {
    person += 2;
    owner = await running.signIn(person);
    other = await running.signIn(person + 1);
  });

  const add = (name: string, token = owner, buoy = running) =>
    buoy.call('POST', '/servers', { token, body: { ...machine, name } });
  const added = async (name: string, token = owner): Promise<string> => {
    const answer = await add(name, token);
    expect(answer.statusCode, answer.body).toBe(201);
    return answer.json().server.id;
  };
  const change = (id: string, body: object, token = owner) =>
    running.call('PUT', `/servers/${id}`, { token, body });
  const namesOf = async (token = owner): Promise<string[]> =>
    (await running.call('GET', '/servers', { token }))
      .json()
      .servers.map((one: { name: string }) => one.name);

  test.each([
    ['web', 'web'],
    ['web', 'WEB'],
    ['Ärger', 'ärger'],
    ['café', 'cafe\u0301'],
    ['web 1', 'web  1'],
  ])('returns 409 when %s exists and %s is added', async (first, second) => {
    await added(first);
    const refused = await add(second);
    expect([refused.statusCode, refused.json()]).toMatchObject([409, duplicate]);
    expect(await namesOf()).toEqual([first]);
  });

  test('returns 409 for a clone and a rename to a taken name, and changes nothing', async () => {
    const web = await added('web');
    const db = await added('db');
    const clone = await running.call('POST', `/servers/${web}/clone`, {
      token: owner,
      body: { ...machine, name: 'Db' },
    });
    expect([clone.statusCode, clone.json()]).toMatchObject([409, duplicate]);
    const renamed = await change(db, { name: 'Web', tags: ['new'] });
    expect([renamed.statusCode, renamed.json()]).toMatchObject([409, duplicate]);
    expect((await running.call('GET', `/servers/${db}`, { token: owner })).json().server).toMatchObject({
      ...{ name: 'db', tags: [], version: 1 },
    });
    expect(await namesOf()).toEqual(['db', 'web']);
  });

  test('lets a server keep its name, change its case, and take a freed name', async () => {
    const web = await added('web');
    expect((await change(web, { name: 'web', tags: ['prod'] })).statusCode).toBe(200);
    expect((await change(web, { name: 'WEB' })).statusCode).toBe(200);
    expect((await change(web, { name: 'api' })).statusCode).toBe(200);
    await added('web');
    expect(await namesOf()).toEqual(['api', 'web']);
  });

  test('lets two people use the same name, and returns 409 when one would own both', async () => {
    const theirs = await added('web', other);
    const web = await added('web');
    const transfer = () =>
      running.call('POST', `/servers/${web}/transfer`, {
        token: owner,
        body: { userId: String(person + 1) },
      });
    const refused = await transfer();
    expect([refused.statusCode, refused.json()]).toMatchObject([409, duplicate]);
    expect((await change(theirs, { name: 'web-2' }, other)).statusCode).toBe(200);
    expect((await transfer()).statusCode).toBe(200);
    expect(await namesOf(other)).toEqual(['web', 'web-2']);
  });

  test('compares an admin’s rename with the names of the owner', async () => {
    const web = await added('web');
    await added('db');
    await added('mine', other);
    const granted = await running.call('POST', `/servers/${web}/access`, {
      token: owner,
      body: { userId: String(person + 1), role: 'admin' },
    });
    expect(granted.statusCode).toBe(201);
    expect((await change(web, { name: 'DB' }, other)).statusCode).toBe(409);
    expect((await change(web, { name: 'mine' }, other)).statusCode).toBe(200);
  });

  test('gives a name to exactly one of many simultaneous calls, on whichever Buoy', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => add('once', owner, buoys[index % buoys.length])),
    );
    const statuses = answers.map(({ statusCode }) => statusCode).toSorted();
    expect(statuses).toEqual([201, ...Array.from({ length: 19 }, () => 409)]);
    const ids = await Promise.all(Array.from({ length: 5 }, (_, index) => added(`before ${index}`)));
    const renamed = await Promise.all(ids.map((id) => change(id, { name: 'after' })));
    expect(renamed.map(({ statusCode }) => statusCode).toSorted()).toEqual([200, 409, 409, 409, 409]);
  });

  test('keeps earlier servers that share a name; they can be changed and renamed', async () => {
    const first = await added('web');
    const handle = database ?? (await openDatabase({ engine: 'sqlite', file: `${running.dataDir}/buoy.db` }));
    const twin = serverRow(`srv_twin${person}`, { name: 'web', createdBy: String(person) });
    await handle.db.insertInto('servers').values(twin).execute();
    await handle.db
      .insertInto('serverStatuses')
      .values({
        ...{ serverId: twin.id, state: 'unknown', since: twin.createdAt, checkedAt: null },
        ...{ reasons: '[]', openclawInstalled: null, openclawVersion: null },
      })
      .execute();
    await handle.db
      .insertInto('grants')
      .values({ serverId: twin.id, userId: String(person), role: 'owner', grantedBy: 'x', createdAt: 'x' })
      .execute();
    if (handle !== database) await handle.close();
    expect(await namesOf()).toEqual(['web', 'web']);
    expect((await change(first, { name: 'web', tags: ['kept'] })).statusCode).toBe(200);
    expect((await change(first, { name: 'web-1' })).statusCode).toBe(200);
    expect((await change(first, { name: 'web' })).statusCode).toBe(409);
  });
});
