// Every secret in the database as far as its key goes: under which key it is sealed, and how it comes under the active one.
import { setImmediate as othersTurn } from 'node:timers/promises';
import { AppError } from '../lib/app-error.ts';
import { type AssociatedData, keyIdOf, sealedPrefix, type Vault } from '../vault/vault.ts';
import type { ListedText, SealedSecretStore, StoredColumn } from './sealed-secrets.store.ts';

/** A column that holds texts sealed by the vault; `associatedData` takes the values of its key columns. */
export type SealedColumn = StoredColumn & { associatedData: (...key: string[]) => AssociatedData };

export type KeyCount = { keyId: string; secrets: number };

/** How far a walk over all columns has come. `after` is the key of a row, null before the first. */
export type Cursor = { table: string; column: string; after: string[] | null };

/**
 * Texts listed at once; each is read by itself, as it may be long. SQLite answers within the same turn of the event loop: others get
 * theirs only where this waits for it.
 */
const PAGE = 100;

export type SealedSecrets = ReturnType<typeof createSealedSecrets>;

/** @param parts.columns all that there are: what is missing here is left behind when keys change */
export function createSealedSecrets(parts: {
  columns: readonly SealedColumn[];
  store: SealedSecretStore;
  vault: Vault;
}) {
  const { columns, store, vault } = parts;
  const activePrefix = sealedPrefix(vault.activeKeyId);
  const ringPrefixes = vault.keyIds.map(sealedPrefix);

  const sum = async (count: (column: SealedColumn) => Promise<number>): Promise<number> => {
    let total = 0;
    for (const column of columns) total += await count(column);
    return total;
  };

  /** Lists the texts that begin with none of `prefixes`. */
  async function* without(
    prefixes: readonly string[],
  ): AsyncGenerator<ListedText & { column: SealedColumn }> {
    for (const column of columns)
      for (let after: string[] | null = null; ; ) {
        const page: ListedText[] = await store.pageWithout(column, prefixes, after, PAGE);
        for (const text of page) yield { ...text, column };
        await othersTurn();
        after = page.at(-1)?.key ?? null;
        if (page.length < PAGE) break;
      }
  }

  /** Secrets under keys that are not in the ring, by key. */
  const lacking = async (): Promise<KeyCount[]> => {
    const counts = new Map<string, number>();
    for await (const { beginning } of without(ringPrefixes)) {
      const keyId = keyIdOf(beginning);
      if (keyId !== null) counts.set(keyId, (counts.get(keyId) ?? 0) + 1);
    }
    return [...counts].map(([keyId, secrets]) => ({ keyId, secrets }));
  };

  return {
    lacking,

    /** `outdated`: secrets that are not sealed under the active key. */
    async overview(): Promise<{ activeKeyId: string; keyIds: string[]; outdated: number }> {
      return {
        activeKeyId: vault.activeKeyId,
        keyIds: [...vault.keyIds],
        outdated: await sum((column) => store.countWithout(column, [activePrefix])),
      };
    },

    /** Secrets under each key of the ring, the active one first. */
    async countByKey(): Promise<KeyCount[]> {
      const counts: KeyCount[] = [];
      for (const keyId of vault.keyIds)
        counts.push({
          keyId,
          secrets: await sum((column) => store.countWith(column, [sealedPrefix(keyId)])),
        });
      return counts;
    },

    /**
     * Opens everything that is to be sealed anew, and changes nothing.
     * @param told how many have been opened so far
     * @returns how many there are
     * @throws AppError `conflict` that names the missing keys, or where damaged texts are
     */
    async checkOutdated(signal: AbortSignal, told: (opened: number) => void): Promise<number> {
      const missing = await lacking();
      if (missing.length > 0)
        throw new AppError('conflict', `${keysMissing(missing)} Nothing was changed.`, {
          hint: PUT_KEYS_BACK,
        });
      let opened = 0;
      const damaged: string[] = [];
      for await (const { column, key } of without([activePrefix])) {
        signal.throwIfAborted();
        const text = await store.read(column, key);
        if (text === null) continue;
        // Reading one of the longest takes as long as opening it, and each may meet the garbage collector.
        await othersTurn();
        const associatedData = column.associatedData(...key);
        if (opens(associatedData, text.sealed)) opened += 1;
        else damaged.push(`${associatedData.table}.${associatedData.column} of ${associatedData.row}`);
        told(opened);
        await othersTurn();
      }
      if (damaged.length > 0)
        throw new AppError(
          'conflict',
          `${damaged.length === 1 ? 'A stored secret is' : `${damaged.length} stored secrets are`} damaged and cannot be opened with any key: ${firstFew(damaged)}. Nothing was changed.`,
          { hint: 'Enter them again (for a server: its password or key), then start this again.' },
        );
      return opened;
    },

    /**
     * Seals the next page of outdated secrets under the active key. One that somebody changes meanwhile stays as they left it.
     * @param cursor where the last call came to, null to begin
     * @param told at each secret that was sealed anew
     * @returns where to go on, null at the end
     * @throws AppError `internal` at a secret that cannot be opened
     */
    async resealPage(cursor: Cursor | null, signal: AbortSignal, told: () => void): Promise<Cursor | null> {
      const index = columns.findIndex(
        ({ table, column }) => table === cursor?.table && column === cursor.column,
      );
      const column = columns[Math.max(0, index)];
      if (column === undefined) return null;
      const page = await store.pageWithout(
        column,
        [activePrefix],
        index === -1 ? null : (cursor?.after ?? null),
        PAGE,
      );
      for (const { key } of page) {
        signal.throwIfAborted();
        const text = await store.read(column, key);
        if (text === null || text.sealed.startsWith(activePrefix)) continue;
        await othersTurn();
        const next = vault.rotate(column.associatedData(...key), text.sealed);
        if (await store.replace(column, text, next)) told();
        await othersTurn();
      }
      const last = page.at(-1);
      if (last !== undefined && page.length === PAGE)
        return { table: column.table, column: column.column, after: last.key };
      const following = columns[Math.max(0, index) + 1];
      return following === undefined
        ? null
        : { table: following.table, column: following.column, after: null };
    },
  };

  function opens(associatedData: AssociatedData, sealed: string): boolean {
    try {
      vault.open(associatedData, sealed);
      return true;
    } catch {
      return false;
    }
  }
}

/** Which keys are missing, in a sentence. */
export function keysMissing(missing: readonly KeyCount[]): string {
  const named = missing.map(({ keyId, secrets }) => `${countOf(secrets)} under "${keyId}"`);
  return `A vault key is missing: ${named.join(', ')} cannot be opened.`;
}

export const PUT_KEYS_BACK =
  'Put it back behind the active one, in VAULT_KEYS or in DATA_DIR/vault-keys; keys that were pruned are in DATA_DIR/vault-keys.old.';

export const KEYS_DO_NOT_OPEN =
  'The vault keys do not open what is stored, though they have the right names: put VAULT_KEYS or DATA_DIR/vault-keys back from your copy.';

/** "1 secret", "2 secrets". */
export function countOf(secrets: number): string {
  return `${secrets} secret${secrets === 1 ? '' : 's'}`;
}

/** Places named in a message; more help nobody. */
const NAMED = 5;

function firstFew(names: readonly string[]): string {
  const more = names.length - NAMED;
  return more > 0 ? `${names.slice(0, NAMED).join(', ')} and ${more} more` : names.join(', ');
}
