// Manual change of the vault keys: adds a new active key, and removes old ones once unused.

import { existsSync, readFileSync } from 'node:fs';
import { AppError } from '../lib/app-error.ts';
import { type Commands, machineCommand } from '../lib/machine-command.ts';
import { formatKeyRing, newVaultKey, parseKeyRing, type VaultKey } from '../vault/vault.ts';
import { type KeyChange, refuseToPrint, refuseUnlessPrinted, writeKeys } from './key-change.ts';
import { countOf, keysMissing, PUT_KEYS_BACK, type SealedSecrets } from './sealed-secrets.ts';

export type Ring = {
  /** As Buoy would read it now. */
  keys: readonly VaultKey[];
  /** null: the environment gives it. */
  file: string | null;
  sealedSecrets: SealedSecrets;
  commands: Commands;
};

/**
 * Puts a fresh key in front. Buoy seals under it from its next start on, and seals the rest anew then.
 * @param print for a ring from the environment: show the new one
 * @throws AppError `conflict`
 */
export async function rotateVaultRing(
  { keys, file, sealedSecrets, commands }: Ring,
  print: boolean,
): Promise<KeyChange> {
  await refuseMissing(sealedSecrets);
  const { outdated, activeKeyId } = await sealedSecrets.overview();
  if (outdated > 0)
    throw new AppError(
      'conflict',
      `${countOf(outdated)} are not under the active key "${activeKeyId}" yet; wait before you add another key.`,
      { hint: 'Restart Buoy: it seals them again by itself. Then run this again.' },
    );
  const ring = formatKeyRing([newVaultKey(), ...keys]);
  const newId = parseKeyRing(ring)[0]?.id;
  if (file === null) {
    refuseUnlessPrinted('VAULT_KEYS', print);
    return {
      words: `Set this, then restart Buoy: it seals everything again under the key "${newId}" by itself.`,
      settings: [`VAULT_KEYS=${ring}`],
    };
  }
  refuseToPrint(file, print);
  writeKeys(file, ring);
  return {
    words: `The key "${newId}" is now first in ${file}. Restart Buoy: it seals everything again under that key by itself. When "${machineCommand(commands, 'keys', 'show')}" lists no secrets under the older keys, "${machineCommand(commands, 'keys', 'prune vault')}" removes them. Update your copy of ${file}.`,
    settings: [],
  };
}

/**
 * Takes all keys but the active one away; they are kept in `vault-keys.old` beside the file.
 * @throws AppError `conflict` while anything is sealed under another key than the active one
 */
export async function pruneVaultRing(
  { keys, file, sealedSecrets, commands }: Ring,
  print: boolean,
): Promise<KeyChange> {
  await refuseMissing(sealedSecrets);
  const [active, ...old] = keys;
  if (active === undefined || old.length === 0)
    return { words: 'Only one vault key exists; nothing to remove.', settings: [] };
  const { outdated } = await sealedSecrets.overview();
  if (outdated > 0)
    throw new AppError('conflict', `${countOf(outdated)} would be lost: they are still under an older key.`, {
      hint: `Restart Buoy: it seals them again by itself. "${machineCommand(commands, 'keys', 'show')}" shows the progress.`,
    });
  const names = old.map(({ id }) => `"${id}"`).join(', ');
  if (file === null) {
    refuseUnlessPrinted('VAULT_KEYS', print);
    return {
      words: `Set this. Keep the removed keys (${names}) with your backups: earlier backups need them.`,
      settings: [`VAULT_KEYS=${formatKeyRing([active])}`],
    };
  }
  refuseToPrint(file, print);
  const keptIn = oldKeysFile(file);
  const keptBefore = oldKeys(file).filter(
    (kept) => !old.some(({ id, key }) => id === kept.id && key.equals(kept.key)),
  );
  // First of all: a crash in between leaves the keys in both.
  writeKeys(keptIn, formatKeyRing([...old, ...keptBefore]));
  writeKeys(file, formatKeyRing([active]));
  return {
    words: `Removed from ${file}: ${names}. Earlier backups need them, so they are kept in ${keptIn}; delete that file when those backups are gone.`,
    settings: [],
  };
}

function oldKeysFile(file: string): string {
  return `${file}.old`;
}

/** The keys that were taken away, newest first. @throws AppError `conflict` when their file cannot be read */
export function oldKeys(file: string): VaultKey[] {
  if (!existsSync(oldKeysFile(file))) return [];
  try {
    return readRing(readFileSync(oldKeysFile(file), 'utf8'));
  } catch (cause) {
    throw new AppError('conflict', `${oldKeysFile(file)} is damaged.`, {
      hint: 'Restore it from your copy, or move it away.',
      cause,
    });
  }
}

/** One id may have had two keys in the course of time: of a ring that is only kept, that is no fault. */
function readRing(text: string): VaultKey[] {
  return text
    .trim()
    .split(',')
    .flatMap((entry) => parseKeyRing(entry));
}

async function refuseMissing(sealedSecrets: SealedSecrets): Promise<void> {
  const missing = await sealedSecrets.lacking();
  if (missing.length > 0)
    throw new AppError('conflict', keysMissing(missing), {
      hint: `${PUT_KEYS_BACK} If Buoy itself has it, run this with the settings that Buoy runs with.`,
    });
}
