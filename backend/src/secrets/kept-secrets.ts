// Secrets that Buoy makes for itself and must keep for as long as its data: sealed in the database, so that a backup has them.
import { randomBytes } from 'node:crypto';
import { type Clock, isoTime } from '../lib/clock.ts';
import type { AssociatedData, Vault } from '../vault/vault.ts';
import type { KeptSecretStore } from './kept-secrets.store.ts';

const SECRET_BYTES = 32;

/** What seals downloaded snapshots: as old as Buoy's data, so that a new vault key changes nothing for them. */
export const SNAPSHOT_FILES = 'snapshot-files';

export function keptSecretData(name: string): AssociatedData {
  return { table: 'kept_secrets', column: 'value', row: name };
}

/**
 * The 32 bytes kept under `name`; made at first use.
 * @throws AppError `internal` when the vault cannot open it
 */
export async function keptSecret(
  name: string,
  { store, vault, clock }: { store: KeptSecretStore; vault: Vault; clock: Clock },
): Promise<Buffer> {
  const associatedData = keptSecretData(name);
  let sealed = await store.find(name);
  if (sealed === undefined) {
    const fresh = randomBytes(SECRET_BYTES).toString('base64');
    await store.insertIfAbsent({
      name,
      value: vault.seal(associatedData, fresh),
      createdAt: isoTime(clock.now()),
    });
    sealed = await store.find(name);
  }
  return Buffer.from(vault.open(associatedData, sealed ?? ''), 'base64');
}
