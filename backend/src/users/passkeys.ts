// Passkeys: adding, naming and removing them, and signing in with one. A challenge is good for one answer.
import { createHash } from 'node:crypto';
import { isIP } from 'node:net';
import type {
  NewPasskeyCredential,
  Passkey,
  PasskeyAssertion,
  PasskeyCreationOptions,
  PasskeyRequestOptions,
} from '@buoy/contract';
import { z } from 'zod';
import type { AuditRecorder } from '../audit/audit-recorder.ts';
import type { PasskeyTable } from '../db/schema.ts';
import { AppError } from '../lib/app-error.ts';
import { type Clock, isoTime } from '../lib/clock.ts';
import { newId, newSecret, sha256 } from '../lib/ids.ts';
import { publicBase } from '../lib/urls.ts';
import type { CallerInPerson, ClientInfo } from './caller.ts';
import type { PasskeyStore } from './passkeys.store.ts';
import type { SignedIn, SignIn } from './sign-in.ts';
import type { ChallengeStore } from './sign-in-challenges.store.ts';
import { nameOf } from './user.presenter.ts';
import { ALGORITHMS, challengeIn, checkAssertion, checkNewCredential, type Page } from './webauthn.ts';

/** Time enough to find the phone or the security key; what WebAuthn recommends where a person is recognised. */
const LIFE_MS = 300_000;
/** Limits the passkeys per person, since each one grants access. */
const MAX_PER_PERSON = 20;

const storedTransports = z.array(z.string());

export type Passkeys = ReturnType<typeof createPasskeys>;

/** @param parts.appDomain the public host name, null where there is none: passkeys then work at the address where they were made */
export function createPasskeys(parts: {
  store: PasskeyStore;
  challenges: ChallengeStore;
  signIn: Pick<SignIn, 'byPasskey'>;
  appDomain: string | null;
  clock: Clock;
}) {
  const { store, challenges, signIn, appDomain, clock } = parts;

  const pageAt = (origin: string): Page => {
    const page = passkeyPage(publicBase(appDomain, origin));
    if (page === null)
      throw new AppError('unsupported', 'Passkeys do not work at this address of Buoy.', {
        hint: 'Browsers allow them over https with a host name, and at http://localhost.',
      });
    return page;
  };

  const newChallenge = async (purpose: 'add passkey' | 'passkey', userId: string | null): Promise<string> => {
    const challenge = newSecret();
    const now = clock.now();
    await challenges.insert(
      { hash: sha256(challenge), purpose, userId, expiresAt: isoTime(now + LIFE_MS) },
      isoTime(now),
    );
    return challenge;
  };

  /** Uses the challenge of an answer up; null when it is none that waits. */
  const takeChallenge = async (
    credential: NewPasskeyCredential | PasskeyAssertion,
    purpose: 'add passkey' | 'passkey',
    userId: string | null,
  ): Promise<string | null> => {
    const challenge = challengeIn(credential);
    if (challenge === null) return null;
    const taken = await challenges.take({ hash: sha256(challenge), purpose, userId }, isoTime(clock.now()));
    return taken ? challenge : null;
  };

  return {
    /** Whether browsers allow passkeys at this address. */
    workAt: (origin: string): boolean => passkeyPage(publicBase(appDomain, origin)) !== null,

    async list(userId: string): Promise<Passkey[]> {
      return (await store.list(userId)).map(present);
    },

    /** @throws AppError 422 where passkeys do not work */
    async beginAdding(caller: CallerInPerson, origin: string): Promise<PasskeyCreationOptions> {
      const { domain } = pageAt(origin);
      const { user } = caller;
      const known = (await store.list(user.id)).filter((one) => one.domain === domain);
      const shown = nameOf(user);
      return {
        rp: { id: domain, name: 'Buoy' },
        user: { id: handleOf(user.id), name: user.username ?? shown, displayName: shown },
        challenge: await newChallenge('add passkey', user.id),
        pubKeyCredParams: ALGORITHMS.map((alg) => ({ type: 'public-key', alg })),
        timeout: LIFE_MS,
        excludeCredentials: known.map((one) => ({
          id: one.credentialId,
          type: 'public-key',
          transports: transportsOf(one),
        })),
        authenticatorSelection: {
          residentKey: 'required',
          requireResidentKey: true,
          userVerification: 'required',
        },
        attestation: 'none',
      };
    },

    /** @throws AppError 400 for an answer that is wrong or late, 409 when it is known or there are too many, 422 as in `beginAdding` */
    async add(
      caller: CallerInPerson,
      { name, credential }: { name: string; credential: NewPasskeyCredential },
      origin: string,
      audit?: AuditRecorder,
    ): Promise<Passkey> {
      const page = pageAt(origin);
      const userId = caller.user.id;
      const challenge = await takeChallenge(credential, 'add passkey', userId);
      if (challenge === null)
        throw new AppError('invalid_request', 'This passkey was created too late, or for another person.', {
          hint: 'Add it again.',
        });
      const made = await checkNewCredential(credential, { challenge, page }).catch((cause: unknown) => {
        throw new AppError('invalid_request', 'The answer of this authenticator is not valid.', {
          hint: 'Add the passkey again, or use another authenticator.',
          cause,
        });
      });
      const row: PasskeyTable = {
        id: newId('pky'),
        userId,
        name: name.trim(),
        credentialId: made.credentialId,
        publicKey: made.publicKey,
        counter: made.counter,
        transports: JSON.stringify(credential.response.transports ?? []),
        ...page,
        synced: made.synced ? 1 : 0,
        createdAt: isoTime(clock.now()),
        lastUsedAt: null,
      };
      const outcome = await store.insert(
        row,
        MAX_PER_PERSON,
        audit?.change({ target: row.name, details: { passkey: row.id, domain: page.domain } }),
      );
      if (outcome === 'full')
        throw new AppError('conflict', `You have ${MAX_PER_PERSON} passkeys, the maximum.`, {
          hint: 'Remove passkeys that you no longer use.',
        });
      if (outcome === 'known') throw new AppError('duplicate', 'This passkey was added already.');
      return present(row);
    },

    /** @throws AppError 404 when the caller has no such passkey */
    async rename(caller: CallerInPerson, id: string, name: string, audit?: AuditRecorder): Promise<Passkey> {
      const userId = caller.user.id;
      const renamed = await store.rename({ id, userId, name: name.trim() }, audit?.change({ target: id }));
      const row = (await store.list(userId)).find((one) => one.id === id);
      if (row === undefined) throw noSuchPasskey();
      if (!renamed) audit?.unchanged({ target: id });
      return present(row);
    },

    /** @throws AppError 404 when the caller has no such passkey */
    async remove(caller: CallerInPerson, id: string, audit?: AuditRecorder): Promise<void> {
      if (!(await store.remove({ id, userId: caller.user.id }, audit?.change({ target: id }))))
        throw noSuchPasskey();
    },

    /** It names nobody, so that it tells nobody who has a passkey here. @throws AppError 422 where passkeys do not work */
    async beginSignIn(origin: string): Promise<PasskeyRequestOptions> {
      const { domain } = pageAt(origin);
      return {
        rpId: domain,
        challenge: await newChallenge('passkey', null),
        timeout: LIFE_MS,
        userVerification: 'required',
      };
    },

    /** @throws AppError 401 in one sentence whatever was wrong, 403 for a disabled person, 422 as in `beginSignIn` */
    async finishSignIn(
      assertion: PasskeyAssertion,
      { client, origin }: { client: ClientInfo; origin: string },
      audit?: AuditRecorder,
    ): Promise<SignedIn> {
      const page = pageAt(origin);
      const challenge = await takeChallenge(assertion, 'passkey', null);
      if (challenge === null) throw refused('its challenge is unknown, used or too old');
      const row = await store.findByCredential(assertion.id);
      if (row === undefined) throw refused('nobody has this credential');
      // Without a configured name the Host header says where Buoy is, and any page of this host could have asked.
      if (row.domain !== page.domain || (appDomain === null && row.origin !== page.origin))
        throw refused('it was made at another address');
      const { userHandle } = assertion.response;
      if (userHandle != null && userHandle !== handleOf(row.userId)) throw refused('it is of another person');
      const now = await checkAssertion(assertion, row, { challenge, page }).catch((cause: unknown) => {
        throw refused(cause);
      });
      const used = {
        counter: now.counter,
        synced: now.synced ? 1 : 0,
        lastUsedAt: isoTime(clock.now()),
      };
      audit?.note({ details: { passkey: row.id } });
      const using = store.using(row, used, () => refused('it was removed or used at the same moment'));
      return signIn.byPasskey(row.userId, client, using, audit);
    },
  };
}

/** The page at which browsers allow passkeys; null: they do not, at an IP address and over plain http. */
export function passkeyPage(base: string): Page | null {
  const url = URL.parse(base);
  if (url === null) return null;
  const { hostname: domain, origin, protocol } = url;
  const isLocal = domain === 'localhost' || domain.endsWith('.localhost');
  const isAddress = domain.startsWith('[') || isIP(domain) !== 0;
  return !isAddress && (protocol === 'https:' || isLocal) ? { domain, origin } : null;
}

/** What the authenticator keeps of a person: says nothing of who it is, and is the same for all their passkeys. */
function handleOf(userId: string): string {
  return createHash('sha256').update(`passkey user ${userId}`).digest('base64url');
}

function present(row: PasskeyTable): Passkey {
  const { id, name, domain, synced, createdAt, lastUsedAt } = row;
  return { id, name, domain, synced: synced === 1, createdAt, lastUsedAt };
}

function transportsOf(row: PasskeyTable): string[] {
  return storedTransports.catch([]).parse(JSON.parse(row.transports));
}

function noSuchPasskey(): AppError {
  return new AppError('not_found', 'You have no such passkey.');
}

/** One sentence for all: it tells nobody which passkeys there are. @param cause for the log */
function refused(cause: unknown): AppError {
  return new AppError('sign_in_failed', 'This passkey cannot be used to sign in here.', {
    hint: 'Try again. If it was removed, or made at another address of Buoy, sign in another way.',
    cause,
  });
}
