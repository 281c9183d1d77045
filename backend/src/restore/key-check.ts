// Checks before a restore that the vault keys open the backup's secrets.
import { AppError } from '../lib/app-error.ts';
import { type KeyCount, keysMissing, PUT_KEYS_BACK } from '../secrets/sealed-secrets.ts';
import { type AssociatedData, keyIdOf, type Vault } from '../vault/vault.ts';

/** A sealed text of a backup, and where it stands. */
export type SealedRow = { associatedData: AssociatedData; sealed: string };

/** The rows that do not open. @param rows all sealed texts of the backup */
export function unreadableRows(rows: readonly SealedRow[], vault: Vault): SealedRow[] {
  return rows.filter(({ associatedData, sealed }) => {
    try {
      vault.open(associatedData, sealed);
      return false;
    } catch {
      return true;
    }
  });
}

/** What is said when some do not open: which keys are missing, or that those here only have the same names. */
export function keysDoNotOpen(unreadable: readonly SealedRow[], vault: Vault): AppError {
  const counts = new Map<string, number>();
  for (const { sealed } of unreadable) {
    const keyId = keyIdOf(sealed);
    if (keyId !== null && !vault.keyIds.includes(keyId)) counts.set(keyId, (counts.get(keyId) ?? 0) + 1);
  }
  const missing = [...counts].map(([keyId, secrets]): KeyCount => ({ keyId, secrets }));
  return new AppError(
    'conflict',
    missing.length > 0
      ? keysMissing(missing)
      : `${unreadable.length} of the secrets in this backup do not open with the vault keys here, though these have the right names.`,
    {
      hint: `${PUT_KEYS_BACK} If they are lost, --without-keys restores all but the secrets: you then enter each server's password or key again.`,
    },
  );
}
