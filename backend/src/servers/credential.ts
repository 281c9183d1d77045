// A server's credential: sealed in the database, open only on the way to SSH.
import { z } from 'zod';
import type { SshCredential } from '../ssh/ssh.ts';
import type { AssociatedData, Vault } from '../vault/vault.ts';

const credential = z.discriminatedUnion('type', [
  z.object({ type: z.literal('password'), password: z.string() }),
  z.object({ type: z.literal('key'), privateKey: z.string(), passphrase: z.string().nullable() }),
]);

export function credentialData(serverId: string): AssociatedData {
  return { table: 'servers', column: 'credential', row: serverId };
}

export function sealCredential(vault: Vault, serverId: string, value: SshCredential): string {
  return vault.seal(credentialData(serverId), JSON.stringify(value));
}

/** Throws AppError `internal` when the vault cannot open it. */
export function openCredential(vault: Vault, serverId: string, sealed: string): SshCredential {
  return credential.parse(JSON.parse(vault.open(credentialData(serverId), sealed)));
}
