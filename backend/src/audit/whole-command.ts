// Masks cannot know a secret from a command that is disguised as one. So where they hid something of a command, the whole one is kept sealed beside it.
import { hkdfSync } from 'node:crypto';
import { redactArguments, redactCommand } from '../lib/redact.ts';
import { createVault } from '../vault/vault.ts';
import type { ChainKey } from './chain.ts';

const KEY_BYTES = 32;
/** No sealed column of the vault: a new vault key changes nothing here. */
const PLACE = { table: 'audit_entries', column: 'details' };

/** Bytes of a sealed command: 4,096 characters of at most three bytes each, in base64url, and 64 for the rest. */
export const MAX_SEALED_BYTES = Math.ceil((4_096 * 3 * 4) / 3) + 64;

/** A command for a shell, or one in words. */
export type Command = string | string[];

/** The command of a request as it was sent; null where it has none, or masks hide nothing of it. */
export function hiddenCommandIn({ body }: Record<string, unknown>): Command | null {
  const { command, argv } = (body ?? {}) as { command?: unknown; argv?: unknown };
  if (typeof command === 'string') return redactCommand(command) === command ? null : command;
  const words = Array.isArray(argv) ? argv.filter((word) => typeof word === 'string') : [];
  return redactArguments(words).some((word, index) => word !== words[index]) ? words : null;
}

/** @param key of the chain: the seal has one of its own, made of it, which a new vault key does not change */
export function createCommandSeal(key: ChainKey) {
  const ownKey = Buffer.from(hkdfSync('sha256', key, '', 'buoy:audit:command', KEY_BYTES));
  const vault = createVault([{ id: 'audit', key: ownKey }]);
  const place = (entryId: string) => ({ ...PLACE, row: entryId });
  return {
    /** No command has a NUL: it ends each word. */
    seal: (entryId: string, command: Command): string =>
      vault.seal(
        place(entryId),
        typeof command === 'string' ? command : command.map((word) => `${word}\0`).join(''),
      ),
    /** @throws AppError `internal` for a text of another entry, or one that was changed */
    open(entryId: string, sealed: string): Command {
      const text = vault.open(place(entryId), sealed);
      return text.endsWith('\0') ? text.split('\0').slice(0, -1) : text;
    },
  };
}
