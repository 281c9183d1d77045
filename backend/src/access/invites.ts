// Invites: a link that gives one person a role on a server, once, for a while.
import {
  type GrantableRole,
  grantableRole,
  type Invite,
  type Role,
  role as roleSchema,
  type ShownInvite,
} from '@buoy/contract';
import type { AuditRecorder } from '../audit/audit-recorder.ts';
import type { InviteTable } from '../db/schema.ts';
import { AppError } from '../lib/app-error.ts';
import { type Clock, isoTime } from '../lib/clock.ts';
import { newId, newSecret, sha256 } from '../lib/ids.ts';
import { inviteUrl, publicBase } from '../lib/urls.ts';
import type { Caller, ClientInfo } from '../users/caller.ts';
import { newGuest } from '../users/new-person.ts';
import type { SignedIn, SignIn } from '../users/sign-in.ts';
import { nameOf } from '../users/user.presenter.ts';
import { invitedTooMany, raises } from './access.policy.ts';
import type { AccessStore } from './access.store.ts';
import type { InviteStore } from './invites.store.ts';

const HOUR_MS = 3_600_000;
/** Limits the open invites per server, since each one grants access to whoever holds the link. */
const MAX_OPEN_PER_SERVER = 50;
/** Limits the accounts that one person makes by invites: each has limits of its own for streams, memory and guesses at passwords. */
const MAX_GUESTS = 20;

export type Invites = ReturnType<typeof createInvites>;

/**
 * @param parts.isSuperAdmin whether this person is one, whom limits do not bind
 * @param parts.appDomain public host name for the links; null: as the caller reaches this Buoy
 */
export function createInvites(parts: {
  store: InviteStore;
  grants: AccessStore;
  signIn: Pick<SignIn, 'asGuest'>;
  isSuperAdmin: (userId: string) => Promise<boolean>;
  appDomain: string | null;
  clock: Clock;
}) {
  const { store, grants, signIn, isSuperAdmin, appDomain, clock } = parts;

  const checkOpen = async (invite: InviteTable | undefined): Promise<InviteTable> => {
    if (invite === undefined) throw notOpen();
    if (invite.acceptedBy !== null || invite.expiresAt <= isoTime(clock.now())) throw notOpen();
    const { serverId, createdBy } = invite;
    if (await grants.isDisabled(createdBy)) throw notOpen();
    // A former super-admin would else have a way to the servers of others for as long as the link lasts.
    const isOwner = (await grants.findRole(serverId, createdBy)) === 'owner';
    if (!isOwner && !(await isSuperAdmin(createdBy))) throw notOpen();
    return invite;
  };

  const findOpen = async (code: string): Promise<InviteTable> =>
    checkOpen(await store.findByCode(sha256(code)));

  /** The open invite with this code, and what `userId` holds on its server so far. @throws AppError when it cannot be accepted */
  const findAcceptable = async (
    code: string,
    userId: string,
  ): Promise<{ invite: InviteTable; held: Role | null }> => {
    const invite = await store.findByCode(sha256(code));
    if (invite === undefined) throw notOpen();
    const { serverId } = invite;
    const held = roleSchema
      .nullable()
      .catch(null)
      .parse((await grants.findRole(serverId, userId)) ?? null);
    if (invite.acceptedBy === userId && held !== null)
      throw new AppError('conflict', 'You have already accepted this invite.', {
        details: { serverId, role: held },
      });
    await checkOpen(invite);
    if (!raises(held, present(invite).role))
      throw new AppError('conflict', `You are already a member of this server, with the role "${held}".`, {
        hint: 'The invite still works for someone else.',
        details: { serverId, role: held },
      });
    return { invite, held };
  };

  return {
    /** The offer behind this code. @throws AppError `not_found` when the invite is not open */
    async show(code: string): Promise<ShownInvite> {
      const invite = await findOpen(code);
      const described = await store.describe(invite);
      if (described === undefined) throw notOpen();
      const { serverName, maker } = described;
      const { role, expiresAt } = present(invite);
      return { serverName, role, invitedBy: maker === undefined ? null : nameOf(maker), expiresAt };
    },

    /**
     * Makes an account for a person who has none, with the role of the invite, and signs it in: all of it or nothing.
     * @throws AppError `not_found` when the invite is not open: of many people at once, one gets it; `conflict` when its maker has
     * too many guests, and the invite is not used up then
     */
    async acceptAsGuest(
      { code, name }: { code: string; name: string },
      client: ClientInfo,
      audit?: AuditRecorder,
    ): Promise<SignedIn & { serverId: string }> {
      const invite = await findOpen(code);
      const { id, serverId, role, createdBy: invitedBy } = invite;
      const guest = newGuest({ name, invitedBy, createdAt: isoTime(clock.now()) });
      audit?.note({ serverId, details: { invite: id, before: null, role, name: guest.firstName } });
      const limit = (await isSuperAdmin(invitedBy))
        ? null
        : { maxGuests: MAX_GUESTS, full: () => invitedTooMany(MAX_GUESTS) };
      const admitting = store.admitting(invite, guest, { notOpen, limit });
      const signedIn = await signIn.asGuest(guest, client, admitting, audit);
      return { ...signedIn, serverId };
    },

    /** Invites that can still be accepted, without their codes. */
    async list(serverId: string): Promise<Invite[]> {
      return (await store.listOpen(serverId, isoTime(clock.now()))).map(present);
    },

    /**
     * The answer alone has the link; what is kept cannot be turned back into it.
     * @param origin scheme, host and port that the caller used
     * @throws AppError `conflict` when too many are open
     */
    async create(
      caller: Caller,
      serverId: string,
      { role, expiresInH }: { role: GrantableRole; expiresInH: number },
      origin: string,
      audit?: AuditRecorder,
    ): Promise<Invite & { url: string }> {
      const code = newSecret();
      const now = clock.now();
      const invite = {
        id: newId('inv'),
        serverId,
        role,
        codeHash: sha256(code),
        createdBy: caller.user.id,
        createdAt: isoTime(now),
        expiresAt: isoTime(now + expiresInH * HOUR_MS),
      };
      const stored = await store.insert(
        invite,
        MAX_OPEN_PER_SERVER,
        audit?.change({ target: invite.id, details: { role, expiresAt: invite.expiresAt } }),
        // A concurrent transfer ends all invites; one stored after it would let the former owner return.
        caller.user.isSuperAdmin ? undefined : caller.user.id,
      );
      if (!stored)
        throw new AppError('conflict', `This server has ${MAX_OPEN_PER_SERVER} open invites, the maximum.`, {
          hint: 'Revoke the invites that are no longer needed.',
        });
      return { ...present(invite), url: inviteUrl(publicBase(appDomain, origin), code) };
    },

    /** @throws AppError `not_found` when the server has no such open invite */
    async revoke(serverId: string, id: string, audit?: AuditRecorder): Promise<void> {
      const removed = await store.remove(
        { serverId, id, now: isoTime(clock.now()) },
        audit?.change({ target: id }),
      );
      if (!removed) throw new AppError('not_found', 'This invite is not open: it was used or has expired.');
    },

    /**
     * Gives the caller the role of the invite, which is used up. Of many people at once, one gets it.
     * @returns the id of the server
     * @throws AppError `not_found` when it is not open, `conflict` when the caller holds as much already; it is not used up then
     */
    async accept(caller: Caller, code: string, audit?: AuditRecorder): Promise<string> {
      const userId = caller.user.id;
      const { invite, held } = await findAcceptable(code, userId);
      const { id, serverId, role } = invite;
      const accepted = await store.accept(
        invite,
        { userId, held, now: isoTime(clock.now()) },
        audit?.change({ serverId, target: userId, details: { invite: id, before: held, role } }),
      );
      if (accepted) return serverId;
      // Something has changed since; mostly this says what.
      await findAcceptable(code, userId);
      throw new AppError('conflict', 'Your access to this server was changed at the same moment.', {
        hint: 'Open the link again.',
      });
    },
  };
}

function present(row: Omit<InviteTable, 'acceptedBy' | 'acceptedAt' | 'codeHash'>): Invite {
  const { id, createdBy, createdAt, expiresAt } = row;
  return { id, role: grantableRole.parse(row.role), createdBy, createdAt, expiresAt };
}

/** The same message for every cause, so that it does not reveal which codes existed. */
function notOpen(): AppError {
  return new AppError(
    'not_found',
    'This invite is not valid: it was used, was revoked, has expired or never existed.',
    { hint: 'Ask the owner of the server for a new link.' },
  );
}
