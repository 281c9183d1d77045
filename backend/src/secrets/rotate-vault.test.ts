// Re-sealing every stored secret under a new vault key: nothing is lost under concurrent writes or interruptions.
import { taskTypes } from '@buoy/contract';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Audit } from '../audit/audit.ts';
import { type DatabaseHandle, openDatabase } from '../db/database.ts';
import { serverRow } from '../db/testing/server-row.ts';
import { AppError } from '../lib/app-error.ts';
import { createRecordingLogger } from '../lib/testing/recording-logger.ts';
import { sealedColumns } from '../sealed-columns.ts';
import type { Tasks } from '../tasks/tasks.ts';
import {
  makeTestFolder,
  openTestTasks,
  type TestFolder,
  type TestTasks,
} from '../tasks/testing/test-tasks.ts';
import { createVault, newVaultKey, type Vault, type VaultKey } from '../vault/vault.ts';
import { createRotateVaultKind, rotateVaultIfNeeded } from './rotate-vault.ts';
import { createSealedSecretStore, type SealedSecretStore } from './sealed-secrets.store.ts';
import { createSealedSecrets } from './sealed-secrets.ts';

const at = '2026-03-01T10:00:00.000Z';
const oldKey: VaultKey = { ...newVaultKey(), id: 'k_1' };
/** Its id differs from the old one's only by what LIKE takes for the same. */
const newKey: VaultKey = { ...newVaultKey(), id: 'K_1' };
const oldVault = createVault([oldKey]);
const newVault = createVault([newKey]);
const bothVault = createVault([newKey, oldKey]);

let folder: TestFolder;
let database: DatabaseHandle;
let store: SealedSecretStore;
const opened: TestTasks[] = [];
beforeEach(async () => {
  folder = makeTestFolder();
  database = await openDatabase({ engine: 'sqlite', file: folder.database });
  store = createSealedSecretStore(database.db);
});
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
  await database.close();
  folder.remove();
});

const secretsOver = (changes: Partial<SealedSecretStore> = {}, vault = bothVault) =>
  createSealedSecrets({ columns: sealedColumns, store: { ...store, ...changes }, vault });
const openTasks = async (sealedSecrets = secretsOver()) => {
  const test = await openTestTasks(folder, [createRotateVaultKind(sealedSecrets)], { database });
  opened.push(test);
  return test;
};
const request = { serverId: null, input: {}, createdBy: 'ada' };
const rotate = async (sealedSecrets = secretsOver()) => {
  const test = await openTasks(sealedSecrets);
  const ended = await test.ended((await test.tasks.start(taskTypes.rotateVault, request)).id);
  return { status: ended.status, result: ended.result, error: ended.error };
};

const sealedServer = (vault: Vault, id: string, secret = `credential of ${id}`) =>
  vault.seal({ table: 'servers', column: 'credential', row: id }, secret);
const addServers = async (count: number, vault = oldVault) => {
  const rows = Array.from({ length: count }, (_, index) => {
    const id = `srv_${vault.activeKeyId}_${index}`;
    return serverRow(id, { version: 7, updatedAt: at, credential: sealedServer(vault, id) });
  });
  await database.db.insertInto('servers').values(rows).execute();
};
const addAnswers = async (count: number, vault = oldVault) => {
  const rows = Array.from({ length: count }, (_, index) => ({
    userId: '42',
    key: `key ${index}`,
    requestHash: 'h',
    status: 200,
    response: vault.seal(
      { table: 'idempotency_keys', column: 'response', row: `42:key ${index}` },
      `answer ${index}`,
    ),
    createdAt: at,
    ...{ personId: '42', bytes: 1 },
  }));
  await database.db.insertInto('idempotencyKeys').values(rows).execute();
};
const addKept = async (vault = oldVault) => {
  const value = vault.seal({ table: 'kept_secrets', column: 'value', row: 'audit-chain' }, 'kept');
  await database.db.insertInto('keptSecrets').values({ name: 'audit-chain', value, createdAt: at }).execute();
};
const setCredential = async (id: string, credential: string) => {
  await database.db.updateTable('servers').set({ credential }).where('id', '=', id).execute();
};

/** Every stored secret as `vault` opens it, by its associated data. */
async function allSecrets(vault: Vault): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const column of sealedColumns)
    for (const { key } of await store.pageWithout(column, ['none'], null, 10_000)) {
      const associatedData = column.associatedData(...key);
      const { sealed = '' } = (await store.read(column, key)) ?? {};
      found[`${associatedData.table} ${associatedData.row}`] = vault.open(associatedData, sealed);
    }
  return found;
}

describe('a vault rotation', () => {
  test('re-seals everything under the active key and changes nothing else', async () => {
    await addServers(105);
    await addAnswers(101);
    await addKept();
    const before = await allSecrets(oldVault);
    expect(await rotate()).toMatchObject({ status: 'succeeded', result: { resealed: 207, skipped: 0 } });
    expect(await allSecrets(newVault)).toEqual(before);
    const servers = await database.db.selectFrom('servers').select(['version', 'updatedAt']).execute();
    expect(new Set(servers.map(({ version, updatedAt }) => `${version} ${updatedAt}`))).toEqual(
      new Set([`7 ${at}`]),
    );
  });

  test('leaves secrets under the active key unchanged', async () => {
    await addServers(3, newVault);
    await addServers(2);
    const textOf = async (id: string) =>
      (await database.db.selectFrom('servers').select('credential').where('id', '=', id).executeTakeFirst())
        ?.credential;
    const before = await textOf('srv_K_1_0');
    expect((await rotate()).result).toEqual({ resealed: 2, skipped: 0 });
    expect(await textOf('srv_K_1_0')).toBe(before);
  });

  test('succeeds with no secrets', async () => {
    expect(await rotate()).toMatchObject({ status: 'succeeded', result: { resealed: 0, skipped: 0 } });
  });

  test('keeps concurrent changes and removals', async () => {
    await addServers(5);
    const sealedSecrets = secretsOver({
      async replace(column, text, next) {
        if (text.key[0] === 'srv_k_1_1')
          await setCredential('srv_k_1_1', sealedServer(bothVault, 'srv_k_1_1', 'a new password'));
        if (text.key[0] === 'srv_k_1_2')
          await database.db.deleteFrom('servers').where('id', '=', 'srv_k_1_2').execute();
        return store.replace(column, text, next);
      },
    });
    expect(await rotate(sealedSecrets)).toMatchObject({
      status: 'succeeded',
      result: { resealed: 3, skipped: 2 },
    });
    expect(await allSecrets(newVault)).toEqual({
      'servers srv_k_1_0': 'credential of srv_k_1_0',
      'servers srv_k_1_1': 'a new password',
      'servers srv_k_1_3': 'credential of srv_k_1_3',
      'servers srv_k_1_4': 'credential of srv_k_1_4',
    });
  });

  test('makes a second pass for secrets that another Buoy wrote under the old key', async () => {
    await addServers(3);
    let written = false;
    const sealedSecrets = secretsOver({
      async replace(column, text, next) {
        const replaced = await store.replace(column, text, next);
        if (!written && text.key[0] === 'srv_k_1_2')
          await setCredential('srv_k_1_0', sealedServer(oldVault, 'srv_k_1_0', 'a new password'));
        written ||= text.key[0] === 'srv_k_1_2';
        return replaced;
      },
    });
    expect((await rotate(sealedSecrets)).status).toBe('succeeded');
    expect(await allSecrets(newVault)).toMatchObject({ 'servers srv_k_1_0': 'a new password' });
  });

  test('fails with a message when another Buoy keeps writing under the old key', async () => {
    await addServers(2);
    const sealedSecrets = secretsOver({
      async replace(column, text, next) {
        const replaced = await store.replace(column, text, next);
        await setCredential('srv_k_1_0', sealedServer(oldVault, 'srv_k_1_0'));
        return replaced;
      },
    });
    const { status, error } = await rotate(sealedSecrets);
    expect(status).toBe('failed');
    expect(error).toMatchObject({ code: 'conflict', message: expect.stringContaining('another Buoy') });
  });

  test('fails without changes when keys are missing, and names them with their number of secrets', async () => {
    await addServers(2);
    await addAnswers(3, createVault([{ ...newVaultKey(), id: 'gone' }]));
    await addKept(createVault([{ ...newVaultKey(), id: 'lost' }]));
    const { status, error } = await rotate();
    expect(status).toBe('failed');
    expect(error?.message).toBe(
      'A vault key is missing: 3 secrets under "gone", 1 secret under "lost" cannot be opened. Nothing was changed.',
    );
    expect(error?.hint).toContain('vault-keys.old');
    expect(await secretsOver().countByKey()).toEqual([
      { keyId: 'K_1', secrets: 0 },
      { keyId: 'k_1', secrets: 2 },
    ]);
  });

  test('fails without changes when a text is damaged, and names its place', async () => {
    await addServers(8);
    await setCredential('srv_k_1_1', sealedServer(oldVault, 'srv_k_1_2'));
    expect((await rotate()).error?.message).toBe(
      'A stored secret is damaged and cannot be opened with any key: servers.credential of srv_k_1_1. Nothing was changed.',
    );
    for (let index = 2; index < 8; index += 1) await setCredential(`srv_k_1_${index}`, 'never sealed');
    const { error } = await rotate();
    expect(error?.message).toContain('7 stored secrets are damaged');
    expect(error?.message).toContain('and 2 more');
    expect(await secretsOver().countByKey()).toMatchObject([{ secrets: 0 }, { secrets: 2 }]);
  });

  test('interrupted by a stop resumes at the next start and counts each secret once', async () => {
    await addServers(150);
    const before = await allSecrets(oldVault);
    const reached = Promise.withResolvers<void>();
    let replaced = 0;
    const slow = secretsOver({
      async replace(column, text, next) {
        replaced += 1;
        if (replaced === 120) reached.resolve();
        if (replaced >= 120) await new Promise((resolve) => setImmediate(resolve));
        return store.replace(column, text, next);
      },
    });
    const first = await openTasks(slow);
    const { id } = await first.tasks.start(taskTypes.rotateVault, request);
    await reached.promise;
    await first.close();
    opened.splice(opened.indexOf(first), 1);
    const left = (await secretsOver().overview()).outdated;
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThan(150);

    const second = await openTasks();
    expect(await second.ended(id)).toMatchObject({
      status: 'succeeded',
      result: { resealed: 150, skipped: 0 },
    });
    expect(await allSecrets(newVault)).toEqual(before);
  });

  test('yields to the event loop after each secret', async () => {
    await addServers(120);
    let turns = 0;
    let turnsAtFirst = 0;
    const count = () => {
      turns += 1;
      counting = setImmediate(count);
    };
    let counting = setImmediate(count);
    const sealedSecrets = secretsOver({
      replace(column, text, next) {
        turnsAtFirst ||= turns;
        return store.replace(column, text, next);
      },
    });
    expect((await rotate(sealedSecrets)).status).toBe('succeeded');
    clearImmediate(counting);
    expect(turns - turnsAtFirst).toBeGreaterThanOrEqual(119);
  });

  test('that is cancelled leaves all secrets readable, and another one finishes', async () => {
    await addServers(150);
    const before = await allSecrets(oldVault);
    let onReplace = () => {};
    const test = await openTasks(
      secretsOver({
        async replace(column, text, next) {
          onReplace();
          return store.replace(column, text, next);
        },
      }),
    );
    const { id } = await test.tasks.start(taskTypes.rotateVault, request);
    const cancelled = new Promise<void>((resolve, reject) => {
      let count = 0;
      onReplace = () => {
        count += 1;
        if (count === 20) test.tasks.cancel(id).then(() => resolve(), reject);
      };
    });
    await cancelled;
    expect((await test.ended(id)).status).toBe('cancelled');
    expect(await allSecrets(bothVault)).toEqual(before);
    expect((await secretsOver().overview()).outdated).toBeGreaterThan(0);
    const again = await test.ended((await test.tasks.start(taskTypes.rotateVault, request)).id);
    expect(again.status).toBe('succeeded');
    expect(await allSecrets(newVault)).toEqual(before);
  });

  test('reports its steps and progress', async () => {
    await addServers(150);
    const hold = Promise.withResolvers<void>();
    let replaced = 0;
    const test = await openTasks(
      secretsOver({
        async replace(column, text, next) {
          replaced += 1;
          if (replaced === 101) await hold.promise;
          return store.replace(column, text, next);
        },
      }),
    );
    const { id } = await test.tasks.start(taskTypes.rotateVault, request);
    const half = await test.taskWhen(id, ({ steps }) => steps[1]?.detail === '100 of 150 sealed again.');
    expect(half.progress).toBeCloseTo((1 + 2 / 3) / 3, 2);
    expect(half.steps.map(({ status, detail }) => [status, detail])).toEqual([
      ['succeeded', '150 secrets to be sealed under the key "K_1".'],
      ['running', '100 of 150 sealed again.'],
      ['pending', null],
    ]);
    await expect(test.tasks.start(taskTypes.rotateVault, request)).rejects.toMatchObject({
      code: 'task_already_running',
      message: 'A task of this kind already runs.',
      details: { taskId: id },
    });
    hold.resolve();
    expect((await test.ended(id)).progress).toBe(1);
  });
});

describe('vault rotation at the start of Buoy', () => {
  const recorder = {
    change: () => async () => undefined,
    note: () => undefined,
    begin: async () => undefined,
  };
  const noAudit = { recorder: () => recorder } as unknown as Audit;
  const startsAt = async (vault: Vault, tasks?: Tasks) => {
    const test = await openTasks(secretsOver({}, vault));
    const { logger, text } = createRecordingLogger();
    await rotateVaultIfNeeded({
      sealedSecrets: secretsOver({}, vault),
      tasks: tasks ?? test.tasks,
      audit: noAudit,
      logger,
    });
    const { tasks: started } = await test.tasks.list({ serverIds: null, limit: 10 });
    for (const { id } of started) await test.ended(id);
    return { started, log: text() };
  };

  test('starts when a secret is under an older key of the ring', async () => {
    await addServers(1);
    const { started } = await startsAt(bothVault);
    expect(started).toMatchObject([{ type: 'vault.rotate', serverId: null, createdBy: 'system' }]);
    expect(Object.keys(await allSecrets(newVault))).toHaveLength(1);
  });

  test('does not start when all secrets are under the active key or only one key exists', async () => {
    await addServers(1, newVault);
    expect((await startsAt(bothVault)).started).toEqual([]);
    await addServers(1);
    expect((await startsAt(newVault)).started).toEqual([]);
  });

  test('leaves a running one alone, and logs one that cannot be stored', async () => {
    await addServers(1);
    const refusing = (error: unknown) => ({ start: () => Promise.reject(error) }) as unknown as Tasks;
    expect((await startsAt(bothVault, refusing(new AppError('task_already_running', 'Runs.')))).log).toBe('');
    expect((await startsAt(bothVault, refusing(new AppError('storage_full', 'Full.')))).log).toContain(
      'Full.',
    );
  });
});
