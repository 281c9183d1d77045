// The credential that a request sets or changes: a password or a private key, never a mix of both.
import type { NewServer, ServerChange } from '@buoy/contract';
import { readKeyText } from '../ssh/private-key-text.ts';
import type { SshCredential } from '../ssh/ssh.ts';
import { invalidField } from './invalid-field.ts';
import type { ServerRow } from './servers.store.ts';

/** UTF-16 units of a stored key as JSON, where a control character takes six. */
const MAX_KEY = 70_000;

/** Refuses a private key that cannot be used, with the AppError `key_format`. */
export type CheckKey = (privateKey: string, passphrase: string | null) => Promise<unknown>;

/** @throws AppError `key_format` for a private key that cannot be used */
export async function credentialOf(
  input: Pick<NewServer, 'authType' | 'password' | 'privateKey' | 'passphrase'>,
  checkKey: CheckKey,
): Promise<SshCredential> {
  if (input.authType === 'password') return { type: 'password', password: input.password ?? '' };
  const privateKey = input.privateKey ?? '';
  const passphrase = input.passphrase ?? null;
  await checkKey(privateKey, passphrase);
  // What stands around a key is not needed, and could be most of what is stored of it.
  const text = readKeyText(privateKey);
  const kept = 'pem' in text ? text.pem : privateKey;
  if (JSON.stringify(kept).length > MAX_KEY)
    throw invalidField('privateKey', 'The private key has characters that do not belong there.');
  return { type: 'key', privateKey: kept, passphrase };
}

/**
 * The credential after the change; null when it stays as it is.
 * @param current opens the stored one, where a part of it stays
 */
export async function changedCredential(
  change: Pick<ServerChange, 'authType' | 'password' | 'privateKey' | 'passphrase'>,
  row: Pick<ServerRow, 'authType'>,
  current: () => SshCredential,
  checkKey: CheckKey,
): Promise<SshCredential | null> {
  const authType = change.authType ?? (row.authType === 'key' ? 'key' : 'password');
  if (authType === 'password') {
    if (change.privateKey !== undefined || change.passphrase !== undefined)
      throw invalidField('privateKey', 'authType "password" does not accept a private key.');
    if (change.password !== undefined) return { type: 'password', password: change.password };
    if (row.authType !== 'password')
      throw invalidField('password', 'Changing to authType "password" requires a password.');
    return null;
  }
  if (change.password !== undefined)
    throw invalidField('password', 'authType "key" does not accept a password.');
  if (change.privateKey === undefined && change.passphrase === undefined) {
    if (row.authType !== 'key')
      throw invalidField('privateKey', 'Changing to authType "key" requires a private key.');
    return null;
  }
  const kept = row.authType === 'key' ? current() : null;
  const privateKey = change.privateKey ?? (kept?.type === 'key' ? kept.privateKey : undefined);
  if (privateKey === undefined)
    throw invalidField('privateKey', 'Changing to authType "key" requires a private key.');
  return credentialOf({ authType, privateKey, passphrase: change.passphrase ?? undefined }, checkKey);
}
