// Re-sealing all stored secrets under the active key in a running Buoy: who may start it, who sees it, and that nothing else is affected.
import path from 'node:path';
import type { Task } from '@buoy/contract';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { until } from '../../testbed/until.ts';
import { type DatabaseHandle, openDatabase } from '../src/db/database.ts';
import { answerData } from '../src/http/idempotency.ts';
import { sealedColumns } from '../src/sealed-columns.ts';
import { createSealedSecretStore } from '../src/secrets/sealed-secrets.store.ts';
import { noSshd, startLoopbackSshd } from '../src/ssh/testing/loopback-sshd.ts';
import { createVault, formatKeyRing, newVaultKey } from '../src/vault/vault.ts';
import { auditLogOf } from './support/audit-log.ts';
import { SUPER_ID, startTestBuoy, type TestBuoy } from './support/test-buoy.ts';

const ring = [newVaultKey(), newVaultKey()];
const [newKey, oldKey] = ring as [(typeof ring)[0], (typeof ring)[0]];
const oldVault = createVault([oldKey]);
const machine = { host: '127.0.0.1', port: 1, username: 'root', authType: 'password' };

let running: TestBuoy;
let superToken: string;
let ownerToken: string;
beforeEach(async () => {
  running = await startTestBuoy({ VAULT_KEYS: formatKeyRing(ring) });
  superToken = await running.signIn(SUPER_ID);
  ownerToken = await running.signIn(100);
});
afterEach(() => running.close());

const rotate = (token = superToken) => running.call('POST', '/admin/vault/rotate', { token });
const ended = (id: string): Promise<Task> =>
  until(30_000, async () => {
    const { task } = (await running.call('GET', `/tasks/${id}`, { token: superToken })).json();
    return task.finishedAt === null ? null : task;
  });
const rotated = async (): Promise<Task> => ended((await rotate()).json().task.id);
const addServer = async (body: object) => {
  const answer = await running.call('POST', '/servers', { token: ownerToken, body });
  return answer.json().server as { id: string; version: number };
};

async function withDatabase<T>(use: (database: DatabaseHandle) => Promise<T>): Promise<T> {
  const other = await openDatabase({ engine: 'sqlite', file: path.join(running.dataDir, 'buoy.db') });
  try {
    return await use(other);
  } finally {
    await other.close();
  }
}
/** Seals everything under the old key, as before the key ring changed. */
const bringUnderOldKey = () =>
  withDatabase(async ({ db }) => {
    const [store, vault] = [createSealedSecretStore(db), createVault(ring)];
    for (const column of sealedColumns)
      for (const { key } of await store.pageWithout(column, ['none'], null, 10_000)) {
        const associatedData = column.associatedData(...key);
        const { sealed = '' } = (await store.read(column, key)) ?? {};
        const old = oldVault.seal(associatedData, vault.open(associatedData, sealed));
        await store.replace(column, { key, sealed }, old);
      }
  });
/** Enough work that the rotation still runs when the next call arrives. */
const addOutdatedAnswers = () =>
  withDatabase(async ({ db }) => {
    const rows = Array.from({ length: 300 }, (_, index) => ({
      userId: '100',
      key: `key-${index}`,
      requestHash: 'h',
      status: 200,
      response: oldVault.seal(answerData('100', `key-${index}`), 'answer'),
      createdAt: new Date().toISOString(),
      ...{ personId: '100', bytes: 1 },
    }));
    await db.insertInto('idempotencyKeys').values(rows).execute();
  });
const left = () =>
  withDatabase(async ({ db }) => {
    let count = 0;
    for (const column of sealedColumns)
      count += await createSealedSecretStore(db).countWithout(column, [`v1.${newKey.id}.`]);
    return count;
  });

describe('POST /admin/vault/rotate', () => {
  test('returns 202 with the task for a super-admin; nothing is sealed under the old key once it has succeeded', async () => {
    await addServer({ ...machine, name: 'a', password: 'x' });
    await bringUnderOldKey();
    const before = await left();
    const { statusCode, body } = await rotate();
    expect(statusCode).toBe(202);
    const { task } = JSON.parse(body);
    expect(task).toMatchObject({ type: 'vault.rotate', serverId: null, createdBy: String(SUPER_ID) });
    expect(await ended(task.id)).toMatchObject({
      status: 'succeeded',
      result: { resealed: before, skipped: 0 },
    });
    expect(await left()).toBe(0);
    const entry = (await auditLogOf(running, superToken)).find(({ target }) => target === task.id);
    expect(entry).toMatchObject({
      action: 'POST /admin/vault/rotate',
      userId: String(SUPER_ID),
      result: 'ok',
    });
  });

  test('returns 202 also when nothing needs to be done', async () => {
    expect(await rotated()).toMatchObject({ status: 'succeeded', result: { resealed: 0, skipped: 0 } });
  });

  test('returns 409 with the running task', async () => {
    await addOutdatedAnswers();
    const answers = await Promise.all([rotate(), rotate(), rotate()]);
    const started = answers.filter(({ statusCode }) => statusCode === 202);
    expect(started).toHaveLength(1);
    const taskId = started[0]?.json().task.id;
    for (const answer of answers.filter((one) => !started.includes(one)))
      expect([answer.statusCode, answer.json()]).toMatchObject([
        409,
        { code: 'task_already_running', taskId },
      ]);
    await ended(taskId);
  });

  test('returns 403 for everyone else', async () => {
    const { statusCode } = await rotate(ownerToken);
    expect(statusCode).toBe(403);
    const { tasks } = (await running.call('GET', '/tasks', { token: superToken })).json();
    expect(tasks).toEqual([]);
  });
});

describe('task of the whole Buoy', () => {
  test('returns 404 for a person who is not a super-admin, in every call that reads it, and in none of their lists', async () => {
    const { id } = await addServer({ ...machine, name: 'a', password: 'x' });
    const task = await rotated();
    for (const [method, url] of [
      ['GET', `/tasks/${task.id}`],
      ['GET', `/tasks/${task.id}/events`],
      ['GET', `/tasks/${task.id}/output`],
      ['POST', `/tasks/${task.id}/cancel`],
      ['POST', `/tasks/${task.id}/retry`],
    ] as const) {
      const { statusCode, body } = await running.call(method, url, { token: ownerToken });
      expect([statusCode, JSON.parse(body).code], `${method} ${url}`).toEqual([404, 'not_found']);
    }
    const own = await running.call('POST', `/servers/${id}/openclaw/restart`, { token: ownerToken });
    const list = (await running.call('GET', '/tasks', { token: ownerToken })).json();
    expect(list.tasks.map((one: Task) => one.id)).toEqual([own.json().task.id]);
    const seen = (await running.call('GET', '/tasks', { token: superToken })).json();
    expect(seen.tasks.map((one: Task) => one.id)).toContain(task.id);
  });

  test('is the active task for a super-admin only', async () => {
    await addOutdatedAnswers();
    const { task } = (await rotate()).json();
    const [forSuper, forOwner] = await Promise.all(
      [superToken, ownerToken].map((token) =>
        running.call('GET', '/tasks/active?type=vault.rotate', { token }),
      ),
    );
    await ended(task.id);
    expect(forSuper?.json().task?.id).toBe(task.id);
    expect(forOwner?.json()).toEqual({ task: null });
  });

  test('returns 409 when a super-admin cancels it after its end or retries it after success', async () => {
    const task = await rotated();
    for (const verb of ['cancel', 'retry']) {
      const answer = await running.call('POST', `/tasks/${task.id}/${verb}`, { token: superToken });
      expect([answer.statusCode, answer.json().code]).toEqual([409, 'conflict']);
    }
  });
});

describe('during a vault rotation', () => {
  test('kept answers still repeat, ETags stay valid and the audit log stays intact', async () => {
    const once = (key: string) =>
      running.call('POST', '/servers', {
        token: ownerToken,
        body: { ...machine, name: 'once', password: 'x' },
        headers: { 'idempotency-key': key },
      });
    const first = await once('key_1');
    const { id, version } = first.json().server;
    await bringUnderOldKey();
    expect((await rotated()).status).toBe('succeeded');
    const again = await once('key_1');
    expect([again.statusCode, again.json()]).toEqual([201, first.json()]);
    const change = await running.call('PUT', `/servers/${id}`, {
      token: ownerToken,
      body: { name: 'renamed' },
      headers: { 'if-match': `"${version}"` },
    });
    expect(change.statusCode).toBe(200);
    const { chainOk } = (await running.call('GET', '/admin/audit', { token: superToken })).json();
    expect(chainOk).toBe(true);
  });

  test.skipIf(noSshd !== null)(
    'a kept connection stays open, and a new one finds its credential',
    async () => {
      const sshd = await startLoopbackSshd();
      try {
        const { id } = await addServer({
          ...machine,
          name: 'live',
          port: sshd.port,
          username: sshd.username,
          authType: 'key',
          privateKey: sshd.privateKey,
        });
        /** The process that serves this connection. */
        const connection = async () => {
          const answer = await running.call('POST', `/servers/${id}/exec`, {
            token: ownerToken,
            body: { command: 'echo $PPID' },
          });
          return answer.json().stdout as string;
        };
        const before = await connection();
        await bringUnderOldKey();
        expect((await rotated()).status).toBe('succeeded');
        expect(await connection()).toBe(before);
        // Another name of the same machine: the address has changed, so Buoy connects again.
        await running.call('PUT', `/servers/${id}`, { token: ownerToken, body: { host: 'localhost' } });
        const test = await running.call('POST', `/servers/${id}/test`, { token: ownerToken });
        expect(test.json()).toMatchObject({ ok: true });
        expect(await connection()).not.toBe(before);
      } finally {
        await sshd.stop();
      }
    },
  );
});
