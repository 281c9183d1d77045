// Signs for a login in Node's thread pool: ssh2 itself signs on the main thread, where 16,384 bits of RSA take 0.2 s.
import { sign } from 'node:crypto';
import ssh2, { type BaseAgent } from 'ssh2';
import type { OpenedKey } from './private-key.ts';

/** Hashes of ECDSA keys (RFC 5656 §6.2.1). Of RSA keys the server says which, and Ed25519 has its own. */
const hashes: Record<string, string> = {
  'ecdsa-sha2-nistp256': 'sha256',
  'ecdsa-sha2-nistp384': 'sha384',
  'ecdsa-sha2-nistp521': 'sha512',
};

/** Signatures for one login: a server may refuse an RSA key with each of three algorithms. One that asks on would hold the thread pool. */
const MAX_SIGNATURES = 3;

/**
 * An agent that holds that one key.
 * @param onFailure called when signing failed, or ssh2 could not send the signature
 */
export function signingAgent(
  { algorithm, publicKey, privateKey }: OpenedKey,
  onFailure: (error: unknown) => void,
): BaseAgent {
  const identity = ssh2.utils.parseKey(Buffer.from(publicKey));
  let signatures = 0;
  // ssh2 takes no other object for an agent.
  return Object.assign(Object.create(ssh2.BaseAgent.prototype) as BaseAgent, {
    getIdentities(done: (error: Error | undefined, keys?: unknown[]) => void): void {
      if (identity instanceof Error) done(identity);
      else done(undefined, [identity]);
    },
    sign(
      _identity: unknown,
      data: Buffer,
      options: { hash?: string },
      done: (error: Error | undefined, signature?: Buffer) => void,
    ): void {
      signatures += 1;
      if (signatures > MAX_SIGNATURES) {
        onFailure(new Error('the server asked for too many signatures'));
        return;
      }
      sign(options.hash ?? hashes[algorithm] ?? null, data, privateKey, (error, signature) => {
        if (error !== null) return onFailure(error);
        try {
          done(undefined, signature);
        } catch (cause) {
          // Outside of any promise: it would end the process.
          onFailure(cause);
        }
      });
    },
  });
}
