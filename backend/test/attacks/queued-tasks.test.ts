// A task queued behind dead servers must not start after its author lost the role.
import path from 'node:path';
import BetterSqlite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { until } from '../../../testbed/until.ts';
import { type AccessFixture, ids, prepareAccessFixture } from '../support/access-fixture.ts';

/** Tasks of one person that run at once. */
const PLACES = 8;

describe('queued task of an admin', () => {
  let fixture: AccessFixture;
  let shared: string;
  let task: string;
  beforeEach(async () => {
    fixture = await prepareAccessFixture();
    shared = await fixture.newServer();
    for (let index = 0; index < PLACES; index += 1) {
      const body = {
        ...{ name: `dead ${index}`, host: '127.0.0.1', port: 1, username: 'root' },
        ...{ authType: 'password', password: 'secret' },
      };
      const { server } = (await fixture.as('admin', 'POST', '/servers', body)).json();
      await restart(server.id);
    }
    task = await restart(shared);
    expect(await status(task)).toBe('queued');
  });
  afterEach(() => fixture.running.close());

  async function restart(serverId: string): Promise<string> {
    const started = await fixture.as('admin', 'POST', `/servers/${serverId}/openclaw/restart`);
    expect(started.statusCode).toBe(202);
    return started.json().task.id;
  }
  /** Frees a place. */
  const cancelOneOfOwn = async () => {
    const [running] = (await fixture.as('super', 'GET', '/tasks?limit=50'))
      .json()
      .tasks.filter((one: { status: string }) => one.status === 'running');
    const cancelled = await fixture.as('super', 'POST', `/tasks/${running.id}/cancel`);
    expect(cancelled.statusCode).toBe(200);
  };
  const status = async (id: string) => (await fixture.as('super', 'GET', `/tasks/${id}`)).json().task.status;
  const own = async () =>
    (await fixture.as('super', 'GET', '/tasks?limit=50'))
      .json()
      .tasks.filter(
        (one: { createdBy: string; id: string }) => one.createdBy === ids.admin && one.id !== task,
      )
      .map((one: { status: string }) => one.status);

  test('is cancelled when the admin is revoked; tasks on their own servers go on', async () => {
    await fixture.as('owner', 'DELETE', `/servers/${shared}/access/${ids.admin}`);
    expect(await status(task)).toBe('cancelled');
    expect(await own()).toEqual(Array(PLACES).fill('running'));
  });

  test('is cancelled when the admin becomes a viewer', async () => {
    await fixture.as('owner', 'PUT', `/servers/${shared}/access/${ids.admin}`, { role: 'viewer' });
    expect(await status(task)).toBe('cancelled');
  });

  test('is cancelled when the account is disabled', async () => {
    const disabled = await fixture.as('super', 'POST', `/admin/users/${ids.admin}/disable`);
    expect(disabled.statusCode).toBe(200);
    expect(await status(task)).toBe('cancelled');
  });

  test('does not begin when the role ended and nobody cancelled it, as when Buoy ends just then', async () => {
    const database = new BetterSqlite(path.join(fixture.running.dataDir, 'buoy.db'));
    database.prepare('delete from grants where user_id = ? and server_id = ?').run(ids.admin, shared);
    database.close();
    await cancelOneOfOwn();
    await until(10_000, async () => (await status(task)) !== 'queued');
    expect((await fixture.as('super', 'GET', `/tasks/${task}`)).json().task).toMatchObject({
      status: 'cancelled',
      error: { code: 'forbidden', hint: expect.any(String) },
      steps: expect.not.arrayContaining([expect.objectContaining({ status: 'pending' })]),
    });
  });

  test('begins when its turn comes while the role lasts', async () => {
    await cancelOneOfOwn();
    await until(10_000, async () => (await status(task)) === 'running');
  });

  test('waits for its turn while the role lasts', async () => {
    await fixture.as('owner', 'PUT', `/servers/${shared}/access/${ids.admin}`, { role: 'admin' });
    await fixture.as('owner', 'DELETE', `/servers/${shared}/access/${ids.viewer}`);
    expect(await status(task)).toBe('queued');
  });
});
