// Private keys are opened in a worker thread: bcrypt takes seconds, and what people paste is built to take longer.
import { createHash, KeyObject } from 'node:crypto';
import { z } from 'zod';
import type { IsolatedWork, WorkKind } from '../lib/isolated-work.ts';
import { fingerprintOf } from './host-key.ts';
import { type OpenedKey, tooSlow } from './private-key.ts';
import type { HostKey } from './ssh.ts';

/** Keys with a passphrase are slow to open, and 200 servers may reconnect at the same time. */
const MAX_CACHED_KEYS = 500;

const openUploaded: WorkKind<OpenedKey> = {
  module: new URL('./private-key-worker.ts', import.meta.url),
  output: z.object({
    algorithm: z.string(),
    publicKey: z.instanceof(Uint8Array),
    privateKey: z.custom<KeyObject>((value) => value instanceof KeyObject),
  }),
  // 32 rounds of bcrypt or a million of PBKDF2 take 0.5 s on an idle machine.
  deadlineMs: 10_000,
  waitingPerPerson: 4,
  tooCostly: tooSlow,
};
/** All servers of a person may reconnect at the same time, and none of them must fail because of that. */
const openStored: WorkKind<OpenedKey> = { ...openUploaded, waitingPerPerson: 1_000 };

export type PrivateKeys = {
  /**
   * Checks a private key before it is stored.
   * @param person the id of the user who brings it
   * @returns the type and fingerprint of its public half, as `ssh-keygen -l` shows it
   * @throws AppError `key_format` with a message for each problem; `rate_limited`
   */
  check(privateKey: string, passphrase: string | null, person: string): Promise<HostKey>;
  /**
   * Opens a stored key for a login. Throws as `check`.
   * @param owner the person whose servers wait for each other, but not for those of others
   */
  open(privateKey: string, passphrase: string | null, owner: string): Promise<OpenedKey>;
};

/** Remembers opened keys in memory, by a hash of text and passphrase. */
export function createPrivateKeys({ isolatedWork }: { isolatedWork: IsolatedWork }): PrivateKeys {
  const opened = new Map<string, OpenedKey>();
  /** Two servers that log in with the same key open it once. */
  const opening = new Map<string, Promise<OpenedKey>>();

  async function openOnce(
    kind: WorkKind<OpenedKey>,
    privateKey: string,
    passphrase: string | null,
    person: string,
  ): Promise<OpenedKey> {
    const stored = kind === openStored;
    const id = createHash('sha256')
      .update(JSON.stringify([privateKey, passphrase, stored]))
      .digest('base64');
    const known = opened.get(id) ?? opening.get(id);
    if (known !== undefined) return known;
    const work = isolatedWork
      .run(kind, { privateKey, passphrase, stored }, { person })
      .finally(() => opening.delete(id));
    opening.set(id, work);
    const key = await work;
    if (opened.size >= MAX_CACHED_KEYS) opened.delete(opened.keys().next().value!);
    opened.set(id, key);
    return key;
  }

  return {
    async check(privateKey, passphrase, person) {
      const { algorithm, publicKey } = await openOnce(openUploaded, privateKey, passphrase, person);
      return { algorithm, fingerprint: fingerprintOf(Buffer.from(publicKey)) };
    },
    open: (privateKey, passphrase, owner) =>
      openOnce(openStored, privateKey, passphrase, `servers of ${owner}`),
  };
}
