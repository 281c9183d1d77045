// Ids and codes: random, readable in a log, safe in a URL.
import { createHash, randomBytes } from 'node:crypto';

/** `prefix_` and 120 random bits, as in `srv_…`. */
export function newId(
  prefix:
    | 'srv'
    | 'tsk'
    | 'ses'
    | 'u'
    | 'inv'
    | 'tok'
    | 'aud'
    | 'cui'
    | 'alr'
    | 'pky'
    | 'rol'
    | 'snp'
    | 'nch'
    | 'aev'
    | 'ntf'
    | 'lse'
    | 'mnt'
    | 'anm'
    | 'stp',
): string {
  return `${prefix}_${randomBytes(15).toString('base64url').replace(/[-_]/g, 'x')}`;
}

/** A secret of 256 random bits for links and cookies. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** SHA-256 in hex: how secrets that are random by themselves are stored. */
export function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}
