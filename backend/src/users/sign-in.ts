// Signing in, staying signed in, signing out.

import { type Session, session as sessionSchema, type User } from '@buoy/contract';
import type { AuditRecorder } from '../audit/audit-recorder.ts';
import type { SessionTable, UserTable } from '../db/schema.ts';
import type { TransactionHook } from '../db/transaction-hook.ts';
import { AppError } from '../lib/app-error.ts';
import { type Clock, isoTime } from '../lib/clock.ts';
import { newId, newSecret, sha256 } from '../lib/ids.ts';
import { type Commands, machineCommand } from '../lib/machine-command.ts';
import { createTokenBuckets } from '../lib/token-bucket.ts';
import { checkInitData, initDataMemoryEndsMs } from '../telegram/init-data.ts';
import { accountDisabled } from './account-disabled.ts';
import type { Admission } from './admission.ts';
import type { Caller, CallerInPerson, ClientInfo } from './caller.ts';
import { newPerson } from './new-person.ts';
import type { SecretOwner, SessionStore, SessionWithUser } from './sessions.store.ts';
import type { SignInStore } from './sign-in.store.ts';
import type { Tokens } from './tokens.ts';
import type { UserPresenter } from './user.presenter.ts';
import type { UserStore } from './users.store.ts';

/** `refreshCookie` goes into the HttpOnly cookie, which browsers and the command line keep, and nowhere else. */
export type SignedIn = { token: string; user: User; refreshCookie: string };

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** A device that renews its sign-in at least once in this time stays signed in. */
const SESSION_LIFE_MS = 30 * DAY_MS;
/** A browser that got no answer to a renewal asks once more within this time. */
const RETRY_MS = MINUTE_MS;
/** Retries of a person in a row, beyond the first ones of each renewal, and milliseconds until one is back: from however many addresses. */
const RETRIES = { capacity: 60, refillMs: 1_000 };
/** How exact `lastUsedAt` is: one write a minute and session, not one a call. */
const TOUCH_INTERVAL_MS = MINUTE_MS;

export type SignIn = ReturnType<typeof createSignIn>;

export function createSignIn(parts: {
  users: UserStore;
  sessions: SessionStore;
  store: SignInStore;
  tokens: Tokens;
  botToken: string | null;
  present: UserPresenter;
  admission: Pick<Admission, 'admit'>;
  /** Days after its sign-in at which a session ends, however often it was used. */
  sessionMaxDays: number;
  /** The program that makes a sign-in link on Buoy's machine. */
  commands: Commands;
  clock: Clock;
}) {
  const { users, sessions, store, tokens, botToken, present, admission, sessionMaxDays, commands, clock } =
    parts;

  const retriesOf = createTokenBuckets({ ...RETRIES, clock });

  /** When a session ends that is used now. */
  const endOf = (createdAtMs: number, unusedMs: number): number =>
    Math.min(clock.now() + unusedMs, createdAtMs + sessionMaxDays * DAY_MS);

  /**
   * `first` and `using` write in the transaction that opens the session: before it is stored, and after. `isRepeated`: by a proof that has
   * signed in before, of which the audit log counts the uses.
   */
  const openSession = async (
    row: UserTable,
    kind: Session['kind'],
    client: ClientInfo,
    audit?: AuditRecorder,
    {
      first,
      using,
      isRepeated = false,
    }: {
      first?: TransactionHook | undefined;
      using?: TransactionHook | undefined;
      isRepeated?: boolean;
    } = {},
  ): Promise<SignedIn> => {
    const now = clock.now();
    const id = newId('ses');
    const family = newSecret();
    const secret = newRefreshSecret(family);
    const session: SessionTable = {
      id,
      userId: row.id,
      kind,
      refreshHash: sha256(secret),
      familyHash: sha256(family),
      ip: client.ip,
      userAgent: client.userAgent?.slice(0, 256) ?? null,
      createdAt: isoTime(now),
      lastUsedAt: isoTime(now),
      expiresAt: isoTime(endOf(now, SESSION_LIFE_MS)),
      revokedAt: null,
    };
    const note = { userId: row.id, target: row.id };
    const recording = isRepeated ? audit?.routine(note) : audit?.change(note);
    const also: TransactionHook = async (trx) => {
      await using?.(trx);
      await recording?.(trx);
    };
    const opened = await sessions.insert(session, { first, also });
    if (!opened) throw accountDisabled();
    const token = await tokens.issue({ userId: row.id, sessionId: id });
    return { token, user: await admission.admit(row), refreshCookie: `${id}.${secret}` };
  };

  const liveSession = async (id: string): Promise<SessionWithUser> => {
    const found = await sessions.findLive(id, isoTime(clock.now()));
    if (found === undefined)
      throw new AppError('session_revoked', 'This device was signed out.', { hint: 'Sign in again.' });
    return found;
  };

  return {
    /** Whether the Mini App signs people in. */
    hasBot: botToken !== null,

    /** @throws AppError 400 for what is no initData, 401 for a forged, old or replayed one */
    async byTelegram(
      input: { initData: string; launchKey?: string | undefined },
      client: ClientInfo,
      audit?: AuditRecorder,
    ): Promise<SignedIn> {
      if (botToken === null)
        throw new AppError('sign_in_failed', 'Signing in with Telegram is not set up on this Buoy.', {
          hint: 'Set TELEGRAM_BOT_TOKEN, or sign in with a one-time link.',
        });
      const now = clock.now();
      const { user, hash, authDateMs } = checkInitData(input.initData, botToken, now);
      const use = await store.bindInitData(
        {
          hash,
          launchKeyHash: input.launchKey === undefined ? null : sha256(input.launchKey),
          expiresAt: isoTime(initDataMemoryEndsMs(authDateMs)),
        },
        isoTime(now),
      );
      if (use === null)
        throw new AppError('sign_in_failed', 'This sign-in was used already.', {
          hint: 'Close the app in Telegram and open it again.',
        });
      const row = await users.upsert(
        {
          id: String(user.id),
          username: user.username ?? null,
          firstName: user.first_name ?? null,
          lastName: user.last_name ?? null,
          photoUrl: user.photo_url ?? null,
          languageCode: user.language_code ?? null,
        },
        isoTime(now),
      );
      return openSession(row, 'telegram', client, audit, { isRepeated: use === 'again' });
    },

    /** Signs in whom “Log in with Telegram” has proved to be there: the same person as in the Mini App. */
    async byTelegramLogin(
      person: { id: number; name: string | null; username: string | null; photoUrl: string | null },
      client: ClientInfo,
      audit?: AuditRecorder,
    ): Promise<SignedIn> {
      const id = String(person.id);
      const known = await users.find(id);
      // The Mini App tells first and last name apart, and the language; here there is one name.
      const sameName = known !== undefined && nameOf(known) === person.name;
      const row = await users.upsert(
        {
          id,
          username: person.username,
          firstName: sameName ? known.firstName : person.name,
          lastName: sameName ? known.lastName : null,
          photoUrl: person.photoUrl ?? known?.photoUrl ?? null,
          languageCode: known?.languageCode ?? null,
        },
        isoTime(clock.now()),
      );
      return openSession(row, 'telegram', client, audit);
    },

    /** @throws AppError 401 when the link is unknown, used or too old */
    async byLink(code: string, client: ClientInfo, audit?: AuditRecorder): Promise<SignedIn> {
      const now = isoTime(clock.now());
      const row = await store.redeemLink(sha256(code), now, {
        firstAdmin: { ...newPerson({ name: 'Admin', approvedAt: now, createdAt: now }), isSuperAdmin: 1 },
        isSuperAdmin: (maker) => present(maker).isSuperAdmin,
      });
      if (row === undefined)
        throw new AppError(
          'sign_in_failed',
          'This sign-in link is not valid: it was used, has ended or never existed.',
          {
            hint: `Ask an admin of this Buoy for a new one, or make it on the machine that Buoy runs on: ${machineCommand(commands, 'sign-in-link')}`,
          },
        );
      return openSession(row, 'link', client, audit);
    },

    /**
     * Signs a device in as the person who approved it.
     * @param approval takes the approval away in the transaction that opens the session, and undoes both when it is gone
     */
    async byApproval(
      userId: string,
      client: ClientInfo,
      approval: TransactionHook,
      audit?: AuditRecorder,
    ): Promise<SignedIn> {
      const row = await users.find(userId);
      if (row === undefined)
        throw new AppError('sign_in_failed', 'The person who approved this sign-in no longer exists.');
      return openSession(row, 'device', client, audit, { using: approval });
    },

    /** Signs the owner of a passkey in. @param using notes its use in the transaction that opens the session, or undoes both */
    async byPasskey(
      userId: string,
      client: ClientInfo,
      using: TransactionHook,
      audit?: AuditRecorder,
    ): Promise<SignedIn> {
      const row = await users.find(userId);
      if (row === undefined)
        throw new AppError('sign_in_failed', 'The owner of this passkey no longer exists.');
      return openSession(row, 'passkey', client, audit, { using });
    },

    /** Signs in whom the company's OpenID provider has proved to be there. */
    async byOidc(row: UserTable, client: ClientInfo, audit?: AuditRecorder): Promise<SignedIn> {
      return openSession(row, 'oidc', client, audit);
    },

    /** Signs in a person whom `first` stores in the transaction that opens the session. */
    async asGuest(
      row: UserTable,
      client: ClientInfo,
      first: TransactionHook,
      audit?: AuditRecorder,
    ): Promise<SignedIn> {
      return openSession(row, 'link', client, audit, { first });
    },

    /**
     * A new token and cookie for the session in `cookie`. A cookie that was exchanged already ends the session: it is in two places.
     * @param attemptKey the same again: the same browser repeats what it got no answer to
     * @throws AppError 401
     */
    async refresh(
      cookie: string | null,
      attemptKey: string | null = null,
      audit?: AuditRecorder,
    ): Promise<SignedIn> {
      const { id, secret, family } = partsOf(cookie);
      if (id === '' || secret === '')
        throw new AppError('unauthenticated', 'This browser has no saved sign-in.', {
          hint: 'Sign in again.',
        });
      if (await sessions.isOfDisabledPerson(id)) throw accountDisabled();
      const { session: kept, user } = await liveSession(id);
      const now = clock.now();
      const expiresAtMs = endOf(Date.parse(kept.createdAt), SESSION_LIFE_MS);
      if (expiresAtMs <= now)
        throw new AppError('session_revoked', `A sign-in ends after ${sessionMaxDays} days.`, {
          hint: 'Sign in again.',
        });
      // A session from before there were families gets one.
      const familyThen = family ?? newSecret();
      const renewed = newRefreshSecret(familyThen);
      const known = { userId: user.id, target: kept.id };
      const outcome = await sessions.renew(
        {
          sessionId: kept.id,
          secretHash: sha256(secret),
          familyHash: family === null ? null : sha256(family),
          attemptKeyHash: attemptKey === null ? null : sha256(attemptKey),
          renewed: {
            refreshHash: sha256(renewed),
            familyHash: sha256(familyThen),
            lastUsedAt: isoTime(now),
            expiresAt: isoTime(expiresAtMs),
          },
          retryFrom: isoTime(now - RETRY_MS),
          takeRetry: () => retriesOf.take(user.id).granted,
        },
        audit?.routine(known),
        audit?.denial({
          ...known,
          details: { reason: 'a refresh secret was used twice', sessionEnded: true },
        }),
      );
      if (outcome === 'reused')
        throw new AppError('session_revoked', 'This sign-in was used in two places, so it was ended.', {
          hint: 'Sign in again. If you did not copy it, someone else had it: check your devices.',
        });
      if (outcome === 'unknown')
        throw new AppError('unauthenticated', 'The saved sign-in of this browser is out of date.', {
          hint: 'Sign in again.',
        });
      return {
        token: await tokens.issue({ userId: user.id, sessionId: kept.id }),
        user: await admission.admit(user),
        refreshCookie: `${kept.id}.${renewed}`,
      };
    },

    /** Whose session this cookie of a kept sign-in belongs to, while it lives; null for a made-up one. */
    async personOfCookie(cookie: string): Promise<SecretOwner | null> {
      const { id, secret, family } = partsOf(cookie);
      if (id === '' || secret === '') return null;
      const hashes = { secretHash: sha256(secret), familyHash: family === null ? null : sha256(family) };
      return sessions.personWithSecret(id, hashes, isoTime(clock.now()));
    },

    /** Who brings this token. @throws AppError 401 with the reason */
    async authenticate(token: string): Promise<CallerInPerson> {
      const { userId, sessionId } = await tokens.verify(token);
      const { session: live, user } = await liveSession(sessionId);
      if (user.id !== userId)
        throw new AppError('unauthenticated', 'This token is not valid.', { hint: 'Sign in again.' });
      const now = clock.now();
      if (now - Date.parse(live.lastUsedAt) > TOUCH_INTERVAL_MS) await sessions.touch(live.id, isoTime(now));
      return { user: present(user), sessionId, apiToken: null };
    },

    /** Who is signed in by this session; null when it is over. Asked again and again by open streams. */
    async personIn(sessionId: string): Promise<User | null> {
      const found = await sessions.findLive(sessionId, isoTime(clock.now()));
      return found === undefined ? null : present(found.user);
    },

    async sessions(caller: Caller): Promise<Session[]> {
      const rows = await sessions.listLive(caller.user.id, isoTime(clock.now()));
      return rows.map((row) => presentSession(row, caller.sessionId));
    },

    /** @throws AppError `not_found` when the caller has no such session */
    async signOut(caller: Caller, sessionId: string, also?: TransactionHook): Promise<void> {
      if (!(await sessions.revoke(sessionId, caller.user.id, isoTime(clock.now()), also)))
        throw new AppError('not_found', 'You have no such session.');
    },
  };
}

/** Of a refresh cookie, `ID.FAMILY.RANDOM`: all after the first dot is the secret. Older ones name no family. */
function partsOf(cookie: string | null): { id: string; secret: string; family: string | null } {
  const [id = '', ...parts] = (cookie ?? '').split('.');
  const [family = '', random = ''] = parts;
  return { id, secret: parts.join('.'), family: family === '' || random === '' ? null : family };
}

function newRefreshSecret(family: string): string {
  return `${family}.${newSecret()}`;
}

function nameOf({ firstName, lastName }: UserTable): string {
  return [firstName, lastName].filter((part) => part !== null).join(' ');
}

function presentSession(row: SessionTable, currentId: string | null): Session {
  return {
    id: row.id,
    kind: sessionSchema.shape.kind.catch('link').parse(row.kind),
    current: row.id === currentId,
    ip: row.ip,
    userAgent: row.userAgent,
    createdAt: row.createdAt,
    lastUsedAt: row.lastUsedAt,
    expiresAt: row.expiresAt,
  };
}
