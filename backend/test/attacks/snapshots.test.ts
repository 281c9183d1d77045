// A snapshot holds all keys and conversations of a server, and a restore replaces them: who gets at them, and what a hostile server hands out.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { noSshd } from '../../src/ssh/testing/loopback-sshd.ts';
import type { Person } from '../support/access-fixture.ts';
import { ARCHIVES, prepareSnapshotFixture, type SnapshotFixture } from '../support/snapshot-fixture.ts';

describe.skipIf(noSshd !== null)('a snapshot', () => {
  let fixture: SnapshotFixture;
  /** Another server of the same owner. */
  let otherId: string;
  beforeAll(async () => {
    fixture = await prepareSnapshotFixture();
    otherId = await fixture.newServer();
    await fixture.archive('snp_whole', 1_000);
  });
  afterAll(() => fixture?.close());
  const at = (serverId: string, id: string, call = '') => `/servers/${serverId}/setup/snapshots/${id}${call}`;
  const download = (person: Person, serverId: string, id: string) =>
    fixture.as(person, 'GET', at(serverId, id, '/download'));
  const restore = (person: Person, serverId: string, id: string, body: object = {}) =>
    fixture.as(person, 'POST', at(serverId, id, '/restore'), body);
  const statuses = async (person: Person, serverId: string, id: string) => [
    (await download(person, serverId, id)).statusCode,
    (await restore(person, serverId, id)).statusCode,
    (await fixture.as(person, 'DELETE', at(serverId, id))).statusCode,
  ];
  const restoreOn = (person: Person, targetServerId: string) =>
    restore(person, fixture.serverId, 'snp_whole', { targetServerId });
  const tasksOn = async (serverId: string) =>
    (await fixture.as('super', 'GET', `/tasks?serverId=${serverId}`)).json().tasks;

  test('is restored, downloaded and deleted by its owner alone', async () => {
    expect(await statuses('viewer', fixture.serverId, 'snp_whole')).toEqual([403, 403, 403]);
    expect(await statuses('admin', fixture.serverId, 'snp_whole')).toEqual([403, 403, 403]);
    expect(await statuses('stranger', fixture.serverId, 'snp_whole')).toEqual([404, 404, 404]);
    expect(await fixture.onServer(`ls ${ARCHIVES}`)).toContain('snp_whole.tar.gz');
    expect(await tasksOn(fixture.serverId)).toEqual([]);
  });

  test('is not reached by the path of another server', async () => {
    expect(await statuses('owner', otherId, 'snp_whole')).toEqual([404, 404, 404]);
    const verified = await fixture.as('owner', 'POST', at(otherId, 'snp_whole', '/verify'));
    expect(verified.statusCode).toBe(404);
    expect(
      (await fixture.as('owner', 'GET', `/servers/${otherId}/setup/snapshots`)).json().snapshots,
    ).toEqual([]);
  });

  test('is restored on no server of somebody else, and says nothing of it', async () => {
    const foreign = await fixture.running.call('POST', '/servers', {
      token: fixture.tokens.stranger,
      body: {
        name: 'theirs',
        host: '127.0.0.1',
        port: 1,
        username: 'root',
        authType: 'password',
        password: 'x',
      },
    });
    const { id: foreignId } = foreign.json().server;
    const [unseen, unknown] = [await restoreOn('owner', foreignId), await restoreOn('owner', 'srv_unknown')];
    expect([unseen.statusCode, unknown.statusCode]).toEqual([404, 404]);
    expect(unseen.json().error).toBe(unknown.json().error);
    await fixture.running.call('POST', `/servers/${foreignId}/access`, {
      token: fixture.tokens.stranger,
      body: { userId: '100', role: 'admin' },
    });
    expect((await restoreOn('owner', foreignId)).statusCode).toBe(403);
    expect(await tasksOn(foreignId)).toEqual([]);
  });

  test('starts no task on a server without OpenClaw', async () => {
    const answer = await restore('owner', fixture.serverId, 'snp_whole');
    expect([answer.statusCode, answer.json().hint]).toEqual([422, expect.any(String)]);
    expect(await tasksOn(fixture.serverId)).toEqual([]);
  });

  test.each([
    ['a link to a file of the login', (file: string) => `echo secret >~/mine && ln -s ~/mine ${file}`],
    ['a link to a file of the system', (file: string) => `ln -s /etc/passwd ${file}`],
    ['a folder', (file: string) => `mkdir ${file}`],
    ['a pipe, which never ends', (file: string) => `mkfifo ${file}`],
    ['a file that others may write', (file: string) => `echo x >${file} && chmod 666 ${file}`],
  ])('is not downloaded where the server has %s in its place', async (what, plant) => {
    const id = `snp_${what.length}${what.replace(/\W/g, '')}`.slice(0, 30);
    await fixture.record({ id, sizeBytes: 7 });
    await fixture.onServer(plant(`${ARCHIVES}/${id}.tar.gz`));
    expect((await download('owner', fixture.serverId, id)).statusCode).toBe(404);
  });

  test('is not downloaded from a folder that others may write', async () => {
    await fixture.archive('snp_shared', 100);
    await fixture.onServer(`chmod 777 ${ARCHIVES}`);
    const { statusCode } = await download('owner', fixture.serverId, 'snp_shared');
    await fixture.onServer(`chmod 700 ${ARCHIVES}`);
    expect(statusCode).toBe(404);
  });

  test('names no path of the server when it is refused', async () => {
    await fixture.record({ id: 'snp_absent' });
    for (const call of [download, restore])
      expect((await call('owner', fixture.serverId, 'snp_absent')).body).not.toMatch(/\/(home|tmp|root)\//);
  });
});
