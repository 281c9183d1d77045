// One-time links that sign a person in: one that they keep themselves, and those that a super-admin or the machine makes for them.
import type { SignInLink } from '@buoy/contract';
import type { AuditRecorder } from '../audit/audit-recorder.ts';
import type { SignInLinkTable, UserTable } from '../db/schema.ts';
import type { TransactionHook } from '../db/transaction-hook.ts';
import { AppError } from '../lib/app-error.ts';
import { type Clock, isoTime } from '../lib/clock.ts';
import { newSecret, sha256 } from '../lib/ids.ts';
import { linkUrl, publicBase } from '../lib/urls.ts';
import type { Caller, CallerInPerson } from './caller.ts';
import type { SignInStore } from './sign-in.store.ts';
import { nameOf, type UserPresenter } from './user.presenter.ts';
import type { UserStore } from './users.store.ts';

const DAY_MS = 86_400_000;
/** A link that is sent or printed may wait for its reader overnight. */
const SENT_LIFE_MS = DAY_MS;
/** Longer than any session that it may have to bring back, and not for ever in a drawer. */
const KEPT_LIFE_MS = 365 * DAY_MS;
/** People that a command names when it finds none or several. */
const MAX_NAMED = 20;

export type SignInLinks = ReturnType<typeof createSignInLinks>;

/**
 * @param parts.appDomain public host name for the links; null: as the caller reaches this Buoy
 * @param parts.hasBot whether Telegram signs the first person in
 */
export function createSignInLinks(parts: {
  store: SignInStore;
  users: UserStore;
  present: UserPresenter;
  appDomain: string | null;
  hasBot: boolean;
  clock: Clock;
}) {
  const { store, users, present, appDomain, hasBot, clock } = parts;

  /** @param userId null: the first person of an empty Buoy */
  const newLink = (
    userId: string | null,
    { kept, madeBySession }: Pick<SignInLinkTable, 'kept' | 'madeBySession'>,
  ) => {
    const code = newSecret();
    const now = clock.now();
    const expiresAt = isoTime(now + (kept === 1 ? KEPT_LIFE_MS : SENT_LIFE_MS));
    const row = { codeHash: sha256(code), userId, createdAt: isoTime(now), expiresAt, kept, madeBySession };
    return { code, row };
  };
  const shown = (code: string, expiresAt: string, origin: string): SignInLink => ({
    signInUrl: linkUrl(publicBase(appDomain, origin), code),
    expiresAt,
  });
  const codeFor = async (userId: string | null): Promise<string> => {
    const { code, row } = newLink(userId, { kept: 0, madeBySession: null });
    await store.insertLink(row);
    return code;
  };

  return {
    /** A link for a person whom a super-admin makes in this session: `storing` belongs into the same transaction. */
    prepare(
      madeBySession: string,
      userId: string,
      origin: string,
    ): { link: SignInLink; storing: TransactionHook } {
      const { code, row } = newLink(userId, { kept: 0, madeBySession });
      return { link: shown(code, row.expiresAt, origin), storing: store.insertingLink(row) };
    },

    /** A link that the caller keeps; the one before is void. */
    async keep(caller: CallerInPerson, origin: string, audit?: AuditRecorder): Promise<SignInLink> {
      const { code, row } = newLink(caller.user.id, { kept: 1, madeBySession: null });
      await store.insertLink(row, audit?.change({ details: { expiresAt: row.expiresAt } }));
      return shown(code, row.expiresAt, origin);
    },

    async kept(caller: Caller): Promise<{ createdAt: string; expiresAt: string } | null> {
      const link = await store.findKeptLink(caller.user.id, isoTime(clock.now()));
      return link === undefined ? null : { createdAt: link.createdAt, expiresAt: link.expiresAt };
    },

    /** @throws AppError 404 when the caller keeps none */
    async voidKept(caller: CallerInPerson, audit?: AuditRecorder): Promise<void> {
      if (!(await store.removeKeptLink(caller.user.id, isoTime(clock.now()), audit?.change())))
        throw new AppError('not_found', 'You have no sign-in link.');
    },

    /** A link by which a super-admin lets somebody in; the one before is void. @throws AppError 404, and 409 for who is disabled */
    async forPerson(
      caller: CallerInPerson,
      id: string,
      origin: string,
      audit?: AuditRecorder,
    ): Promise<SignInLink> {
      const row = await users.find(id);
      if (row === undefined) throw new AppError('not_found', 'There is no such person.');
      if (row.disabledAt !== null)
        throw new AppError('conflict', `${nameOf(row)} is disabled.`, { hint: 'Enable this person first.' });
      const link = newLink(id, { kept: 0, madeBySession: caller.sessionId });
      await store.insertLink(
        link.row,
        audit?.change({ target: id, details: { expiresAt: link.row.expiresAt } }),
      );
      return shown(link.code, link.row.expiresAt, origin);
    },

    /** The code of a link that makes the first super-admin, while nobody can sign in otherwise; else null. */
    async forFirstStart(): Promise<string | null> {
      return !hasBot && (await users.isEmpty()) ? codeFor(null) : null;
    },

    /**
     * The code of a link for a person who is known, and who it is: the way back in from the machine itself.
     * @param wanted an id, a username or a name; null: the first super-admin
     * @throws AppError 404 when there is no such person, 409 when several have that name, 403 for one who is disabled
     */
    async fromMachine(wanted: string | null): Promise<{ code: string; person: string | null }> {
      if (await users.isEmpty()) {
        if (wanted === null) return { code: await codeFor(null), person: null };
        throw new AppError('not_found', 'Nobody has signed in to this Buoy yet.', {
          hint: 'Leave the name out: the link then makes the first super-admin.',
        });
      }
      const found = await (wanted === null ? superAdmins() : peopleCalled(wanted));
      const [row, another] = found;
      if (row === undefined)
        throw new AppError(
          'not_found',
          wanted === null ? 'No super-admin has signed in here yet.' : `Nobody here is called "${wanted}".`,
          { hint: `People of this Buoy: ${listed(await everybody())}.` },
        );
      if (wanted !== null && another !== undefined)
        throw new AppError('conflict', `${found.length} people are called "${wanted}": ${listed(found)}.`, {
          hint: 'Give the id of the one you mean.',
        });
      if (row.disabledAt !== null)
        throw new AppError('account_disabled', `${nameOf(row)} (${row.id}) is disabled and cannot sign in.`, {
          hint: 'A super-admin can enable this person.',
        });
      return { code: await codeFor(row.id), person: `${nameOf(row)} (${row.id})` };
    },
  };

  async function everybody(isWanted?: (row: UserTable) => boolean): Promise<UserTable[]> {
    return (await users.page({ limit: MAX_NAMED + 1 }, isWanted)).users;
  }

  /** Those who can sign in, the one who came first in front. */
  async function superAdmins(): Promise<UserTable[]> {
    const found = await users.page(
      { limit: MAX_NAMED },
      (row) => row.disabledAt === null && present(row).isSuperAdmin,
    );
    return found.users.toReversed();
  }

  /** An id is one person's alone; a name may be that of several, also because somebody took it to be mistaken for another. */
  async function peopleCalled(wanted: string): Promise<UserTable[]> {
    const byId = await users.find(wanted);
    if (byId !== undefined) return [byId];
    const name = wanted.replace(/^@/, '').trim().toLowerCase();
    return everybody((row) =>
      [nameOf(row), row.displayName, row.firstName, row.username].some((one) => one?.toLowerCase() === name),
    );
  }
}

function listed(people: readonly UserTable[]): string {
  const named = people.slice(0, MAX_NAMED).map((row) => `${nameOf(row)} (${row.id})`);
  return [...named, ...(people.length > MAX_NAMED ? ['and others'] : [])].join(', ');
}
