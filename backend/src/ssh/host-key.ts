// Host keys as OpenSSH shows them, and which of them to ask a server for.
import { createHash } from 'node:crypto';
import type { ServerHostKeyAlgorithm } from 'ssh2';
import type { HostKey } from './ssh.ts';

/** As the host key of a credential: it is sent to no server until a person enters it again. */
export const NO_HOST_KEY = 'none';

/** The algorithms requested when no key is pinned: ssh2's defaults, strongest first. */
const anyHostKey: readonly ServerHostKeyAlgorithm[] = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
  'ssh-rsa',
];

/** `SHA256:` and base64 without padding, as `ssh-keygen -l` prints it. `blob` is the key in SSH wire format. */
export function fingerprintOf(blob: Buffer): string {
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;
}

/** Type and fingerprint of a public key in SSH wire format (RFC 4253 §6.6: the type is its first string). */
export function hostKeyOf(blob: Buffer): HostKey {
  const length = blob.length >= 4 ? blob.readUInt32BE(0) : 0;
  return {
    algorithm: blob.toString('latin1', 4, 4 + Math.min(length, 64)),
    fingerprint: fingerprintOf(blob),
  };
}

/**
 * The order in which host key types are asked for. The pinned key's type comes first: a server that gains a key of
 * another type then still shows the known one, and is not reported as changed.
 */
export function hostKeyPreference(pinned: HostKey | null): ServerHostKeyAlgorithm[] {
  const isPinned = (algorithm: string) =>
    pinned !== null &&
    (algorithm === pinned.algorithm || (pinned.algorithm === 'ssh-rsa' && algorithm.startsWith('rsa-sha2-')));
  return [...anyHostKey.filter(isPinned), ...anyHostKey.filter((algorithm) => !isPinned(algorithm))];
}
