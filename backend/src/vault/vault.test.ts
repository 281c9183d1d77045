// Sealed secrets open only in their own place and under a known key.
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isAppError } from '../lib/app-error.ts';
import {
  type AssociatedData,
  createVault,
  formatKeyRing,
  keyIdOf,
  newVaultKey,
  parseKeyRing,
  sealedPrefix,
  type VaultKey,
} from './vault.ts';

const newKey = (id: string): VaultKey => ({ id, key: randomBytes(32) });
const key = newKey('k1');
const vault = createVault([key]);
const associatedData: AssociatedData = { table: 'servers', column: 'credential', row: 'srv_1' };
const secret = 'correct horse battery staple';

/** What opening says; the secret itself when it opens. */
function opened(sealed: string, at: AssociatedData = associatedData, with_ = vault): unknown {
  try {
    return with_.open(at, sealed);
  } catch (error) {
    return error;
  }
}

const refusal = expect.objectContaining({
  code: 'internal',
  message: 'A stored secret cannot be read with the keys of this installation.',
});

describe('a sealed secret', () => {
  const anyText = fc.oneof(fc.string({ unit: 'binary', maxLength: 2_000 }), fc.constant('🦞\0"\n'));
  const anyAssociatedData = fc.record({ table: fc.string(), column: fc.string(), row: fc.string() });

  test('opens unchanged, whatever its content and place', () => {
    fc.assert(
      fc.property(
        anyText.filter((text) => text.isWellFormed()),
        anyAssociatedData,
        (text, anywhere) => {
          expect(vault.open(anywhere, vault.seal(anywhere, text))).toBe(text);
        },
      ),
    );
  });

  test('does not reveal its content, and differs each time', () => {
    const [one, two] = [vault.seal(associatedData, secret), vault.seal(associatedData, secret)];
    expect(one).not.toBe(two);
    for (const sealed of [one, two])
      for (const encoding of ['utf8', 'base64', 'base64url', 'hex'] as const)
        expect(sealed).not.toContain(Buffer.from(secret).toString(encoding).replace(/=+$/, ''));
  });

  test('opens only in its own table, column and row', () => {
    const sealed = vault.seal(associatedData, secret);
    for (const elsewhere of [{ row: 'srv_2' }, { column: 'passphrase' }, { table: 'users' }, { row: '' }])
      expect(opened(sealed, { ...associatedData, ...elsewhere })).toEqual(refusal);
  });

  test('is refused when any one bit is changed', () => {
    fc.assert(
      fc.property(fc.constantFrom(2, 3, 4), fc.nat(), fc.integer({ min: 0, max: 7 }), (index, at, bit) => {
        const parts = vault.seal(associatedData, secret).split('.');
        const bytes = Buffer.from(parts[index] ?? '', 'base64url');
        bytes.writeUInt8(bytes.readUInt8(at % bytes.length) ^ (1 << bit), at % bytes.length);
        parts[index] = bytes.toString('base64url');
        expect(opened(parts.join('.'))).toEqual(refusal);
      }),
    );
  });

  test.each([
    ['a version that does not exist', (parts: string[]) => ['v2', ...parts.slice(1)]],
    ['no version', (parts: string[]) => parts.slice(1)],
    ['another nonce length', (parts: string[]) => [...parts.slice(0, 2), 'AAAA', ...parts.slice(3)]],
    ['a tag cut to four bytes', (parts: string[]) => parts.with(3, (parts[3] ?? '').slice(0, 6))],
    ['no tag', (parts: string[]) => parts.with(3, '')],
    ['no data', (parts: string[]) => parts.with(4, '')],
    ['data cut short', (parts: string[]) => parts.with(4, (parts[4] ?? '').slice(0, -4))],
    ['a part missing', (parts: string[]) => parts.slice(0, 4)],
    ['a part added', (parts: string[]) => [...parts, 'AAAA']],
  ])('is refused with %s', (_what, change) => {
    expect(opened(change(vault.seal(associatedData, secret).split('.')).join('.'))).toEqual(refusal);
  });

  test('a text that was never sealed is refused without a crash', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(opened(text)).toEqual(refusal);
      }),
    );
    for (const text of ['', '.', '....', 'v1....', `v1.${key.id}...`, 'plain password'])
      expect(opened(text)).toEqual(refusal);
  });

  test('sealed under a key outside the ring is refused, and the log names the key', () => {
    const error = opened(createVault([newKey('lost')]).seal(associatedData, secret));
    expect(error).toEqual(refusal);
    expect(String((error as Error).cause)).toContain('"lost"');
  });

  test('sealed under another key with the same id is refused', () => {
    expect(opened(createVault([newKey('k1')]).seal(associatedData, secret))).toEqual(refusal);
  });

  test('relabelled with another key id of the ring is refused', () => {
    const both = createVault([key, newKey('k2')]);
    expect(opened(both.seal(associatedData, secret).replace('.k1.', '.k2.'), associatedData, both)).toEqual(
      refusal,
    );
  });

  test.each([
    ['its key is missing', (sealed: string) => sealed.replace('.k1.', '.k9.')],
    ['it was changed', (sealed: string) => sealed.replace(/.$/, '*')],
    ['its key id is none', (sealed: string) => sealed.replace('.k1.', '.<b>.')],
  ])('the error when %s contains neither the secret nor its place', (_why, change) => {
    const error = opened(change(vault.seal(associatedData, secret)));
    if (!isAppError(error)) throw error;
    const shown = `${error.message} ${error.hint} ${JSON.stringify(error.details ?? null)}`;
    for (const word of [secret, associatedData.row, associatedData.table, '<b>'])
      expect(shown).not.toContain(word);
  });

  test('whose key is missing names the required key', () => {
    const error = opened(createVault([newKey('lost_1')]).seal(associatedData, secret));
    expect(isAppError(error) && error.hint).toContain('"lost_1"');
  });

  test('exposes its key id and the common prefix of that key', () => {
    const sealed = createVault([newKey('a_b-C1')]).seal(associatedData, secret);
    expect(keyIdOf(sealed)).toBe('a_b-C1');
    expect(sealed.startsWith(sealedPrefix('a_b-C1'))).toBe(true);
    for (const text of ['', 'v1', 'v1.k1', 'v2.k1.x', 'v1..x', 'v1.k 1.x', ` ${sealed}`])
      expect(keyIdOf(text)).toBeNull();
  });
});

describe('a new vault key', () => {
  const old = newKey('old');
  const active = newKey('new');
  const sealedBefore = createVault([old]).seal(associatedData, secret);
  const ring = createVault([active, old]);

  test('in front of the old one still opens earlier secrets', () => {
    expect(ring.open(associatedData, sealedBefore)).toBe(secret);
  });

  test('is active, and the old one stays in the ring', () => {
    expect([ring.activeKeyId, ring.keyIds]).toEqual(['new', ['new', 'old']]);
  });

  test('rotating re-seals a secret so that the old key no longer opens it', () => {
    const rotated = ring.rotate(associatedData, sealedBefore);
    expect(rotated.split('.')[1]).toBe('new');
    expect(createVault([active]).open(associatedData, rotated)).toBe(secret);
    expect(opened(rotated, associatedData, createVault([old]))).toEqual(refusal);
  });

  test('rotating a secret that is already under it returns the same text', () => {
    const sealed = ring.seal(associatedData, secret);
    expect(ring.rotate(associatedData, sealed)).toBe(sealed);
  });

  test('rotating an unreadable or misplaced secret is refused', () => {
    expect(() => ring.rotate(associatedData, sealedBefore.replace('.old.', '.gone.'))).toThrow(
      /cannot be read/,
    );
    expect(() => ring.rotate({ ...associatedData, row: 'srv_2' }, sealedBefore)).toThrow(/cannot be read/);
  });

  test('a vault without a key is refused', () => {
    expect(() => createVault([])).toThrow(/at least one key/);
  });
});

describe('key ring text', () => {
  const base64 = randomBytes(32).toString('base64');

  test('lists its keys in order, the sealing key first', () => {
    const [one, two] = [randomBytes(32), randomBytes(32)];
    const ring = parseKeyRing(`new:${one.toString('base64')}, old_2-x:${two.toString('base64')}`);
    expect(ring).toEqual([
      { id: 'new', key: one },
      { id: 'old_2-x', key: two },
    ]);
  });

  test('round-trips through formatting and parsing', () => {
    const ring = [newVaultKey(), newKey('old_2-x'), newVaultKey()];
    expect(parseKeyRing(formatKeyRing(ring))).toEqual(ring);
  });

  test('gets a new random key each time', () => {
    const [one, two] = [newVaultKey(), newVaultKey()];
    expect(one.id).not.toBe(two.id);
    expect(one.key.equals(two.key)).toBe(false);
  });

  test.each([
    ['nothing', ''],
    ['no id', `:${base64}`],
    ['no key', 'k1:'],
    ['no colon', base64],
    ['a key of 31 bytes', `k1:${randomBytes(31).toString('base64')}`],
    ['a key of 33 bytes', `k1:${randomBytes(33).toString('base64')}`],
    ['a key in hex', `k1:${randomBytes(32).toString('hex')}`],
    ['an id with a dot, which would break the sealed text', `k.1:${base64}`],
    ['an id with a space', `k 1:${base64}`],
    ['an id of 33 characters', `${'k'.repeat(33)}:${base64}`],
    ['a comma at the end', `k1:${base64},`],
    ['a second key that is none', `k1:${base64},k2:short`],
    ['the same id twice', `k1:${base64},k1:${randomBytes(32).toString('base64')}`],
    ['a third part', `k1:${base64}:k2`],
    ['a key with a stray character in it', `k1:${base64.slice(0, 20)}*${base64.slice(20)}`],
  ])('is refused with %s', (_what, text) => {
    expect(() => parseKeyRing(text)).toThrow();
  });

  test('key ring errors never contain the key', () => {
    const half = base64.slice(0, 20);
    try {
      parseKeyRing(`k1:${half}`);
      expect.unreachable();
    } catch (error) {
      expect(String(error)).not.toContain(half);
    }
  });
});
