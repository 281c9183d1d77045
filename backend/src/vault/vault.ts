// Secrets at rest: AES-256-GCM under a ring of keys that is kept apart from the database and from JWT_SECRET.
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { AppError } from '../lib/app-error.ts';

/** One key of the ring; `key` is 32 bytes. */
export type VaultKey = { id: string; key: Buffer };

/** Where a sealed text lives. It is bound in as associated data: a stolen row cannot be moved to another place. */
export type AssociatedData = { table: string; column: string; row: string };

export type Vault = {
  /** The key that seals. */
  activeKeyId: string;
  /** Every key that opens, the active one first. */
  keyIds: readonly string[];
  /** Encrypts under the active key. The answer is text: `v1.<keyId>.<iv>.<tag>.<data>`, the last three base64url. */
  seal(associatedData: AssociatedData, plaintext: string): string;
  /** Throws AppError `internal` when the text was changed, moved, or its key is no longer in the ring. */
  open(associatedData: AssociatedData, sealed: string): string;
  /** The same secret under the active key; the text itself when it is under that key already. */
  rotate(associatedData: AssociatedData, sealed: string): string;
};

const VERSION = 'v1';
/** Bytes; 96 bits is the size that GCM is specified for (NIST SP 800-38D). */
const IV_BYTES = 12;
const KEY_BYTES = 32;
const keyIdForm = '[A-Za-z0-9_-]{1,32}';

/** @param ring the first key seals, all of them open */
export function createVault(ring: readonly VaultKey[]): Vault {
  const active = ring[0];
  if (active === undefined) throw new Error('The vault needs at least one key.');
  const byId = new Map(ring.map((entry) => [entry.id, entry.key]));

  const seal = (associatedData: AssociatedData, plaintext: string): string => {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv('aes-256-gcm', keyFor(active.key, associatedData), iv);
    cipher.setAAD(encoded(associatedData));
    const data = Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final()]);
    return [
      VERSION,
      active.id,
      ...[iv, cipher.getAuthTag(), data].map((part) => part.toString('base64url')),
    ].join('.');
  };

  const open = (associatedData: AssociatedData, sealed: string): string => {
    const [version, keyId, iv, tag, data, ...more] = sealed.split('.');
    const key = byId.get(keyId ?? '');
    if (version !== VERSION || iv === undefined || tag === undefined || data === undefined || more.length > 0)
      throw unreadable('is not a sealed text', associatedData);
    if (key === undefined)
      throw unreadable(`was sealed with the key "${keyId}", which is not in the ring`, associatedData, {
        hint: keyMissing(keyIdOf(sealed)),
      });
    try {
      const decipher = createDecipheriv(
        'aes-256-gcm',
        keyFor(key, associatedData),
        Buffer.from(iv, 'base64url'),
        {
          authTagLength: 16,
        },
      );
      decipher.setAAD(encoded(associatedData));
      decipher.setAuthTag(Buffer.from(tag, 'base64url'));
      return Buffer.concat([decipher.update(Buffer.from(data, 'base64url')), decipher.final()]).toString(
        'utf8',
      );
    } catch (cause) {
      throw unreadable('was changed or moved', associatedData, { cause });
    }
  };

  return {
    activeKeyId: active.id,
    keyIds: ring.map((entry) => entry.id),
    seal,
    open,
    rotate: (associatedData, sealed) =>
      sealed.split('.')[1] === active.id ? sealed : seal(associatedData, open(associatedData, sealed)),
  };
}

/** One data key for each kind of record, so that no two kinds share a key and its message limit. */
function keyFor(key: Buffer, associatedData: AssociatedData): Buffer {
  return Buffer.from(
    hkdfSync('sha256', key, '', `buoy:vault:${associatedData.table}:${associatedData.column}`, KEY_BYTES),
  );
}

function encoded(associatedData: AssociatedData): Buffer {
  return Buffer.from(`${associatedData.table}:${associatedData.column}:${associatedData.row}`, 'utf8');
}

function unreadable(
  why: string,
  associatedData: AssociatedData,
  { hint = keyMissing(null), cause }: { hint?: string; cause?: unknown } = {},
): AppError {
  return new AppError('internal', 'A stored secret cannot be read with the keys of this installation.', {
    hint,
    cause: new Error(`${associatedData.table}.${associatedData.column} of ${associatedData.row} ${why}`, {
      cause,
    }),
  });
}

/** @param keyId null for a text that names no key */
function keyMissing(keyId: string | null): string {
  return keyId === null
    ? 'Start Buoy with the VAULT_KEYS that were in force when it was stored.'
    : `It was sealed with the key "${keyId}": start Buoy with that key among its VAULT_KEYS.`;
}

/** How every text begins that was sealed under this key. */
export function sealedPrefix(keyId: string): string {
  return `${VERSION}.${keyId}.`;
}

/** The key that a text says it was sealed under; null for what is no sealed text. */
export function keyIdOf(sealed: string): string | null {
  return new RegExp(`^${VERSION}\\.(${keyIdForm})\\.`).exec(sealed)?.[1] ?? null;
}

/** Reads `id:base64,id:base64`. Throws with words when an id or a key is not of the right form. */
export function parseKeyRing(text: string): VaultKey[] {
  const ring = text.split(',').map((entry): VaultKey => {
    // Node skips what is no base64: a mistyped key would silently be another one.
    const [, id, encoded] = new RegExp(`^(${keyIdForm}):([A-Za-z0-9+/_-]{43}=?)$`).exec(entry.trim()) ?? [];
    if (id === undefined || encoded === undefined)
      throw new Error('takes id:base64,id:base64 where each key is 32 bytes');
    return { id, key: Buffer.from(encoded, 'base64') };
  });
  if (new Set(ring.map((entry) => entry.id)).size !== ring.length)
    throw new Error('names the same key id twice');
  return ring;
}

/** The form that parseKeyRing reads. */
export function formatKeyRing(ring: readonly VaultKey[]): string {
  return ring.map(({ id, key }) => `${id}:${key.toString('base64')}`).join(',');
}

export function newVaultKey(): VaultKey {
  return { id: `k${randomBytes(4).toString('hex')}`, key: randomBytes(KEY_BYTES) };
}
