// Rotating the vault key as an operator does, through real restarts: no secret is lost, wherever the rotation is interrupted.
import { existsSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Task } from '@buoy/contract';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { addServer } from '../../testbed/buoy-client.ts';
import { until } from '../../testbed/until.ts';
import { answerData } from '../src/http/idempotency.ts';
import { sealedColumns } from '../src/sealed-columns.ts';
import { createSealedSecretStore } from '../src/secrets/sealed-secrets.store.ts';
import { type LoopbackSshd, noSshd, startLoopbackSshd } from '../src/ssh/testing/loopback-sshd.ts';
import { createVault, formatKeyRing, newVaultKey, type VaultKey } from '../src/vault/vault.ts';
import { createKeyFixture, type KeyFixture } from './support/key-fixture.ts';

const ROTATION_DEADLINE_MS = 120_000;
const machine = { host: '127.0.0.1', port: 1, username: 'root', authType: 'password' } as const;

let fixture: KeyFixture;
beforeEach(async () => {
  fixture = createKeyFixture();
  await fixture.start();
  await fixture.signIn();
});
afterEach(() => fixture.close());

const rotations = async (): Promise<Task[]> =>
  (await fixture.api('GET /tasks', {})).tasks.filter(({ type }) => type === 'vault.rotate');
const rotated = (): Promise<Task> =>
  until(
    ROTATION_DEADLINE_MS,
    async () => (await rotations()).find(({ finishedAt }) => finishedAt !== null) ?? null,
  );

/** Every secret of the database as these keys open it, by place. */
const secretsUnder = (keys: VaultKey[]): Promise<Map<string, string>> =>
  fixture.withDatabase(async ({ db }) => {
    const [store, vault] = [createSealedSecretStore(db), createVault(keys)];
    const found = new Map<string, string>();
    for (const column of sealedColumns)
      for (const { key } of await store.pageWithout(column, ['none'], null, 100_000)) {
        const associatedData = column.associatedData(...key);
        const { sealed = '' } = (await store.read(column, key)) ?? {};
        found.set(`${associatedData.table} ${associatedData.row}`, vault.open(associatedData, sealed));
      }
    return found;
  });

/** As many sealed answers as a busy day leaves. */
const addAnswers = (count: number, [key]: VaultKey[]): Promise<void> =>
  fixture.withDatabase(async ({ db }) => {
    if (key === undefined) throw new Error('The ring is empty.');
    const vault = createVault([key]);
    const rows = Array.from({ length: count }, (_, index) => ({
      userId: 'ada',
      key: `key-${index}`,
      requestHash: 'h',
      status: 200,
      response: vault.seal(answerData('ada', `key-${index}`), `answer ${index}`),
      createdAt: new Date().toISOString(),
      ...{ personId: 'ada', bytes: 1 },
    }));
    for (let from = 0; from < count; from += 500)
      await db
        .insertInto('idempotencyKeys')
        .values(rows.slice(from, from + 500))
        .execute();
  });

describe('new vault key', () => {
  let sshd: LoopbackSshd;
  beforeEach(async () => {
    if (noSshd === null) sshd = await startLoopbackSshd();
  });
  afterEach(() => sshd?.stop());

  test.skipIf(noSshd !== null)(
    'is added by a command and a restart, and the old one removed, without a loss',
    { timeout: 180_000 },
    async () => {
      const reachable = await addServer(fixture.api, {
        ...machine,
        name: 'reachable',
        port: sshd.port,
        username: sshd.username,
        authType: 'key',
        privateKey: sshd.privateKey,
      });
      const testIt = () => fixture.api('POST /servers/:id/test', { params: { id: reachable.id } });
      expect(await testIt()).toMatchObject({ ok: true });
      const asked = {
        body: { ...machine, name: 'once', password: 'pa55word' },
        headers: { 'idempotency-key': 'once-1' },
      };
      const firstAnswer = await fixture.call('POST', '/servers', asked);
      expect(firstAnswer.status).toBe(201);
      const [oldKey] = fixture.ring();
      const before = await secretsUnder(fixture.ring());
      expect((await fixture.keys(['show'])).stdout).toContain(
        `${oldKey?.id}  active  ${before.size} secrets`,
      );

      const change = await fixture.keys(['rotate', 'vault']);
      expect([change.code, change.stderr]).toEqual([0, '']);
      const [newKey, ...rest] = fixture.ring();
      expect(rest).toEqual([oldKey]);
      const tooEarly = [await fixture.keys(['prune', 'vault']), await fixture.keys(['rotate', 'vault'])];
      for (const { code, stderr } of tooEarly)
        expect([code, stderr]).toEqual([1, expect.stringContaining('Restart Buoy')]);
      expect(fixture.ring()).toEqual([newKey, oldKey]);

      await fixture.restart();
      expect(await rotated()).toMatchObject({
        status: 'succeeded',
        serverId: null,
        createdBy: 'system',
        result: { resealed: before.size, skipped: 0 },
      });
      const shown = (await fixture.keys(['show'])).stdout;
      expect(shown).toContain(`${newKey?.id}  active  ${before.size} secrets`);
      expect(shown).toContain(`${oldKey?.id}  older  0 secrets`);

      const prune = await fixture.keys(['prune', 'vault']);
      expect([prune.code, prune.stdout]).toEqual([0, expect.stringContaining('backups')]);
      expect([fixture.ring(), fixture.ring('vault-keys.old')]).toEqual([[newKey], [oldKey]]);
      for (const name of ['vault-keys', 'vault-keys.old'])
        expect(statSync(path.join(fixture.dataDir, name)).mode & 0o777).toBe(0o600);
      for (const { stdout, stderr } of [change, prune, ...tooEarly, { stdout: shown, stderr: '' }])
        for (const { key } of [newKey!, oldKey!])
          expect(stdout + stderr).not.toContain(key.toString('base64'));

      await fixture.restart();
      expect(await testIt()).toMatchObject({ ok: true });
      expect(await fixture.call('POST', '/servers', asked)).toEqual(firstAnswer);
      expect(await secretsUnder([newKey!])).toEqual(before);
      expect(await rotations()).toHaveLength(1);
      const { entries, chainOk } = await fixture.api('GET /admin/audit', {});
      expect(chainOk).toBe(true);
      expect(entries.filter(({ action }) => action === 'vault.rotate')).toMatchObject([
        { userId: null, result: 'ok' },
      ]);
    },
  );

  test('continues after Buoy is killed midway, and secrets written meanwhile are right', {
    timeout: 240_000,
  }, async () => {
    const server = await addServer(fixture.api, { ...machine, name: 'changed', password: 'first' });
    const [oldKey] = fixture.ring();
    expect((await fixture.keys(['rotate', 'vault'])).code).toBe(0);
    const [newKey] = fixture.ring();
    await fixture.restart();
    await rotated();
    await addAnswers(2_000, [oldKey!]);
    const before = await secretsUnder(fixture.ring());

    const { task: started } = await fixture.api('POST /admin/vault/rotate', {});
    let changed: Promise<unknown> | null = null;
    for (;;) {
      const { task: running } = await fixture.api('GET /tasks/:id', { params: { id: started.id } });
      if (running.finishedAt !== null) expect.unreachable('it ended before it could be killed');
      // A third of the task is the check.
      if (running.progress > 0.35)
        changed ??= fixture.api('PUT /servers/:id', {
          params: { id: server.id },
          body: { password: 'second' },
        });
      if (running.progress > 0.45) break;
    }
    await changed;
    await fixture.kill();
    expect((await fixture.keys(['show'])).stdout).toMatch(
      / active {2}[1-9]\d\d+ secrets\n.* older {2}[1-9]\d* secrets/,
    );

    await fixture.start();
    const task = await until(ROTATION_DEADLINE_MS, async () => {
      const { task: running } = await fixture.api('GET /tasks/:id', { params: { id: started.id } });
      return running.finishedAt === null ? null : running;
    });
    expect(task).toMatchObject({ status: 'succeeded', result: { resealed: 2_000, skipped: 0 } });
    expect(await rotations()).toHaveLength(2);

    const after = await secretsUnder([newKey!]);
    expect(JSON.parse(after.get(`servers ${server.id}`) ?? '')).toEqual({
      type: 'password',
      password: 'second',
    });
    for (const secrets of [before, after]) secrets.delete(`servers ${server.id}`);
    expect(after).toEqual(before);
    expect((await fixture.api('GET /admin/audit', {})).chainOk).toBe(true);
  });
});

describe('old vault key that was removed too early', () => {
  test('stops the start with the name of the missing key; with the key back, everything is there', async () => {
    const server = await addServer(fixture.api, { ...machine, name: 's', password: 'pa55word' });
    await fixture.stop();
    const [oldKey] = fixture.ring();
    const before = await secretsUnder([oldKey!]);
    const newKey = newVaultKey();
    const write = (keys: VaultKey[]) =>
      writeFileSync(path.join(fixture.dataDir, 'vault-keys'), `${formatKeyRing(keys)}\n`);

    write([newKey]);
    await expect(fixture.start()).rejects.toThrow(
      new RegExp(`ended with 78 [^]*A vault key is missing: ${before.size} secrets under "${oldKey?.id}"`),
    );
    expect((await fixture.keys(['show'])).stdout).toContain(
      `${oldKey?.id}  MISSING  ${before.size} secrets, which cannot be opened`,
    );
    expect((await fixture.keys(['prune', 'vault'])).stderr).toContain(`under "${oldKey?.id}"`);

    write([newKey, oldKey!]);
    await fixture.start();
    expect((await rotated()).status).toBe('succeeded');
    expect((await secretsUnder([newKey])).get(`servers ${server.id}`)).toBe(
      before.get(`servers ${server.id}`),
    );
  });

  test('needed by only some secrets: Buoy starts, and the log and each use of such a secret say so', async () => {
    const server = await addServer(fixture.api, { ...machine, name: 's', password: 'pa55word' });
    await fixture.stop();
    await fixture.withDatabase(async ({ db }) => {
      const credential = createVault([{ ...newVaultKey(), id: 'lost' }]).seal(
        sealedColumns[0]!.associatedData(server.id),
        'x',
      );
      await db.updateTable('servers').set({ credential }).where('id', '=', server.id).execute();
    });
    await fixture.start();
    expect(fixture.process().output()).toContain('1 secret under \\"lost\\"');
    expect(await fixture.call('POST', `/servers/${server.id}/test`)).toMatchObject({
      status: 200,
      body: { ok: false, failure: { hint: expect.stringContaining('"lost"') } },
    });
    // Entered again, it works again.
    await fixture.api('PUT /servers/:id', { params: { id: server.id }, body: { password: 'again' } });
    expect((await fixture.keys(['show'])).stdout).not.toContain('MISSING');
  });
});

describe('npm run keys', () => {
  test('exits with 2 and prints its usage for anything else', async () => {
    for (const words of [
      [],
      ['rotate'],
      ['rotate', 'all'],
      ['show', 'vault'],
      ['show', '--print'],
      ['prune', 'vault', '--now'],
      ['prune', 'jwt', '--print'],
      ['rotate', 'vault', '--force'],
      ['constructor'],
    ]) {
      const { code, stdout, stderr } = await fixture.keys(words);
      expect([code, stdout, stderr], words.join(' ')).toEqual([
        2,
        '',
        expect.stringContaining('Usage: npm run keys'),
      ]);
    }
  });

  test('does not change keys from the environment: on demand it prints what to set, and nothing else', async () => {
    const ring = formatKeyRing(fixture.ring());
    const environment = { VAULT_KEYS: ring };
    const refused = await fixture.keys(['rotate', 'vault'], environment);
    expect([refused.code, refused.stdout]).toEqual([1, '']);
    expect(refused.stderr).toContain('--print');
    const printed = await fixture.keys(['rotate', 'vault', '--print'], environment);
    expect([printed.code, printed.stdout]).toEqual([
      0,
      expect.stringMatching(/^VAULT_KEYS=k\w+:[^,\n]+,[^,\n]+\n$/),
    ]);
    expect(printed.stdout).toContain(`,${ring}\n`);
    expect((await fixture.keys(['show'], environment)).stdout).toContain('VAULT_KEYS in the environment');
    expect(formatKeyRing(fixture.ring())).toBe(ring);
  });

  test('in a folder without a Buoy makes no keys and says what is missing', async () => {
    const elsewhere = path.join(fixture.dataDir, 'elsewhere');
    const { code, stderr } = await fixture.keys(['rotate', 'vault'], { DATA_DIR: elsewhere });
    expect([code, stderr]).toEqual([1, expect.stringContaining('DATA_DIR takes the folder of a Buoy')]);
    expect(existsSync(elsewhere)).toBe(false);
  });
});
