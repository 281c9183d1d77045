// Manual change of the vault keys: no key in use is removed, and none is shown.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type DatabaseHandle, openDatabase } from '../db/database.ts';
import { serverRow } from '../db/testing/server-row.ts';
import { sealedColumns } from '../sealed-columns.ts';
import { createVault, formatKeyRing, newVaultKey, parseKeyRing, type VaultKey } from '../vault/vault.ts';
import { createSealedSecretStore } from './sealed-secrets.store.ts';
import { createSealedSecrets } from './sealed-secrets.ts';
import { showKeys } from './show-keys.ts';
import { pruneVaultRing, type Ring, rotateVaultRing } from './vault-ring.ts';

let folder: string;
let file: string;
let database: DatabaseHandle;
beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'buoy-ring-'));
  file = path.join(folder, 'vault-keys');
  database = await openDatabase({ engine: 'sqlite', file: path.join(folder, 'buoy.db') });
});
afterEach(async () => {
  await database.close();
  rmSync(folder, { recursive: true, force: true });
});

const one: VaultKey = { ...newVaultKey(), id: 'one' };
const two: VaultKey = { ...newVaultKey(), id: 'two' };
const three: VaultKey = { ...newVaultKey(), id: 'three' };

const ringOf = (keys: VaultKey[], from: string | null = file): Ring => {
  if (from !== null) writeFileSync(from, `${formatKeyRing(keys)}\n`);
  const store = createSealedSecretStore(database.db);
  return {
    keys,
    file: from,
    sealedSecrets: createSealedSecrets({ columns: sealedColumns, store, vault: createVault(keys) }),
    commands: 'npm',
  };
};
let servers = 0;
const storeUnder = async (key: VaultKey) => {
  servers += 1;
  const id = `srv_${servers}`;
  const credential = createVault([key]).seal({ table: 'servers', column: 'credential', row: id }, 'secret');
  await database.db.insertInto('servers').values(serverRow(id, { credential })).execute();
};
const keysIn = (name: string): VaultKey[] => parseKeyRing(readFileSync(name, 'utf8'));
const refusal = (words: string, hint: string) => ({
  code: 'conflict',
  message: expect.stringContaining(words),
  hint: expect.stringContaining(hint),
});

describe('rotating the vault key', () => {
  test('puts a new key first in the file, keeps mode 600, and prints no key', async () => {
    await storeUnder(one);
    const { words, settings } = await rotateVaultRing(ringOf([one]), false);
    const [fresh, ...before] = keysIn(file);
    expect(before).toEqual([one]);
    expect(fresh?.key.equals(one.key)).toBe(false);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(words).toContain(`"${fresh?.id}"`);
    expect(words).toContain('Restart Buoy');
    expect(settings).toEqual([]);
    for (const { key } of keysIn(file)) expect(words).not.toContain(key.toString('base64'));
  });

  test('is refused while a secret is under an older key, and leaves the file unchanged', async () => {
    await storeUnder(one);
    await storeUnder(one);
    await expect(rotateVaultRing(ringOf([two, one]), false)).rejects.toMatchObject(
      refusal('2 secrets are not under the active key "two"', 'Restart Buoy'),
    );
    expect(keysIn(file)).toEqual([two, one]);
  });

  test("is refused when keys are missing, as with settings other than Buoy's", async () => {
    await storeUnder(three);
    await expect(rotateVaultRing(ringOf([one]), false)).rejects.toMatchObject(
      refusal('1 secret under "three"', 'settings that Buoy runs with'),
    );
    expect(keysIn(file)).toEqual([one]);
  });

  test('of environment keys is refused, and prints them only with --print', async () => {
    const ring = ringOf([one], null);
    await expect(rotateVaultRing(ring, false)).rejects.toMatchObject(
      refusal('VAULT_KEYS comes from the environment', '--print'),
    );
    const { words, settings } = await rotateVaultRing(ring, true);
    expect(settings).toHaveLength(1);
    expect(parseKeyRing((settings[0] ?? '').replace('VAULT_KEYS=', ''))).toMatchObject([{}, one]);
    expect(words).not.toContain(one.key.toString('base64'));
    expect(readdirSync(folder).filter((name) => name.startsWith('vault'))).toEqual([]);
  });

  test('of file keys refuses --print', async () => {
    await expect(rotateVaultRing(ringOf([one]), true)).rejects.toMatchObject(refusal('nothing to print', ''));
    expect(keysIn(file)).toEqual([one]);
  });
});

describe('pruning vault keys', () => {
  test('keeps the active key in the file, moves the others aside, and says what they are for', async () => {
    await storeUnder(three);
    const { words } = await pruneVaultRing(ringOf([three, two, one]), false);
    expect(keysIn(file)).toEqual([three]);
    expect(keysIn(`${file}.old`)).toEqual([two, one]);
    for (const name of [file, `${file}.old`]) expect(statSync(name).mode & 0o777).toBe(0o600);
    for (const word of ['"two"', '"one"', 'backups', `${file}.old`]) expect(words).toContain(word);
  });

  test('adds to the keys pruned before, each once', async () => {
    writeFileSync(`${file}.old`, `${formatKeyRing([one])}\n`);
    await pruneVaultRing(ringOf([three, two, one]), false);
    expect(keysIn(`${file}.old`)).toEqual([two, one]);
  });

  test('keeps two keys that had the same id', async () => {
    const sameId = { ...newVaultKey(), id: 'one' };
    writeFileSync(`${file}.old`, `${formatKeyRing([sameId])}\n`);
    await pruneVaultRing(ringOf([two, one]), false);
    const kept = readFileSync(`${file}.old`, 'utf8');
    for (const { key } of [one, sameId]) expect(kept).toContain(key.toString('base64'));
  });

  test('is refused while a secret is under one of them', async () => {
    await storeUnder(two);
    await storeUnder(one);
    await expect(pruneVaultRing(ringOf([two, one]), false)).rejects.toMatchObject(
      refusal('1 secret would be lost', 'Restart Buoy'),
    );
    expect(keysIn(file)).toEqual([two, one]);
    expect(existsSync(`${file}.old`)).toBe(false);
  });

  test('is refused when the file of pruned keys is unreadable, since it would be overwritten', async () => {
    writeFileSync(`${file}.old`, 'damaged\n');
    await expect(pruneVaultRing(ringOf([two, one]), false)).rejects.toMatchObject(
      refusal(`${file}.old is damaged`, 'Restore it'),
    );
    expect(keysIn(file)).toEqual([two, one]);
  });

  test('does nothing with a single key', async () => {
    expect((await pruneVaultRing(ringOf([one]), false)).words).toContain('Only one vault key');
    expect(keysIn(file)).toEqual([one]);
    expect(existsSync(`${file}.old`)).toBe(false);
  });

  test('of environment keys prints them only with --print', async () => {
    const ring = ringOf([two, one], null);
    await expect(pruneVaultRing(ring, false)).rejects.toMatchObject(refusal('VAULT_KEYS comes', '--print'));
    expect((await pruneVaultRing(ring, true)).settings).toEqual([`VAULT_KEYS=${formatKeyRing([two])}`]);
  });
});

describe('showing keys', () => {
  test('lists each key id with its secrets, the source and what to do, but never a key', async () => {
    await storeUnder(two);
    await storeUnder(one);
    await storeUnder(one);
    await storeUnder(three);
    const gone = { ...newVaultKey(), id: 'gone' };
    writeFileSync(`${file}.old`, `${formatKeyRing([gone])}\n`);
    const jwt = { secrets: ['first secret', 'second secret'], file: null, commands: 'npm' as const };
    const shown = await showKeys(ringOf([two, one]), jwt);
    expect(shown.split('\n')).toEqual([
      `Vault keys, from ${file}:`,
      '  two  active  1 secret',
      '  one  older  2 secrets',
      '  three  MISSING  1 secret, which cannot be opened',
      '  Restart Buoy: it seals 2 secrets again under the active key.',
      `  Kept in ${file}.old for older backups: gone`,
      'JWT secrets, from JWT_SECRET in the environment:',
      '  1 signs, 1 older still verifies',
    ]);
    for (const { key } of [one, two, gone]) expect(shown).not.toContain(key.toString('base64'));
    for (const secret of jwt.secrets) expect(shown).not.toContain(secret);
  });
});

test('a key file that cannot be written causes a clear error and no change', async () => {
  const ring = ringOf([two, one]);
  // A folder where the old keys belong.
  mkdirSync(`${file}.old`);
  await expect(pruneVaultRing(ring, false)).rejects.toMatchObject({ code: 'conflict' });
  expect(keysIn(file)).toEqual([two, one]);
  rmSync(`${file}.old`, { recursive: true });
  rmSync(file);
  mkdirSync(file);
  await expect(rotateVaultRing(ring, false)).rejects.toMatchObject({
    code: 'storage_unavailable',
    message: expect.stringContaining(`${file} could not be written`),
  });
});
