// Administration of people: approval, disabling, and the right to add servers.
import type { Person, User } from '@buoy/contract';
import type { AuditContext, AuditRecorder } from '../audit/audit-recorder.ts';
import type { UserTable } from '../db/schema.ts';
import type { TransactionHook } from '../db/transaction-hook.ts';
import { AppError } from '../lib/app-error.ts';
import { type Clock, isoTime } from '../lib/clock.ts';
import type { Caller } from './caller.ts';
import { newPerson } from './new-person.ts';
import type { PeopleStore } from './people.store.ts';
import { nameOf, statusOf, type UserPresenter } from './user.presenter.ts';
import type { UserStore } from './users.store.ts';

export type PeopleQuery = {
  q?: string | undefined;
  status?: Person['status'] | undefined;
  limit: number;
  cursor?: string | undefined;
};

export type People = ReturnType<typeof createPeople>;

export function createPeople(parts: {
  users: UserStore;
  store: PeopleStore;
  present: UserPresenter;
  adminUserIds: ReadonlySet<string>;
  /** Told after a person was disabled: what waits to be done for them ends. */
  onDisabled: (userId: string) => Promise<void>;
  clock: Clock;
}) {
  const { users, store, present, adminUserIds, onDisabled, clock } = parts;
  const now = () => isoTime(clock.now());

  const show = (row: UserTable & { lastSeenAt: string | null; servers: number }): Person => ({
    ...present(row),
    status: statusOf(row, present),
    lastSeenAt: row.lastSeenAt,
    servers: row.servers,
  });

  const find = async (id: string): Promise<UserTable> => {
    const row = await users.find(id);
    if (row === undefined) throw new AppError('not_found', 'There is no such person.');
    return row;
  };

  const findShown = async (id: string): Promise<Person> => {
    const row = await users.findKnown(id);
    if (row === undefined) throw new AppError('not_found', 'There is no such person.');
    return show(row);
  };

  return {
    /** One page, the newest person first. @throws AppError `invalid_request` for a cursor that is none */
    async list({ q, status, limit, cursor }: PeopleQuery) {
      const wanted = q?.trim().toLowerCase() ?? '';
      const isWanted = (row: UserTable): boolean =>
        (status === undefined || statusOf(row, present) === status) &&
        (wanted === '' || searchable(row).includes(wanted));
      const page = await users.page({ limit, cursor }, isWanted);
      return { users: page.users.map(show), nextCursor: page.nextCursor };
    },

    /** Whether this person may do what a super-admin may; false for one who is disabled or has never signed in. */
    async isSuperAdmin(id: string): Promise<boolean> {
      const row = await users.find(id);
      return row !== undefined && row.disabledAt === null && present(row).isSuperAdmin;
    },

    /**
     * Makes an approved person who has not been here yet.
     * @param using writes in the transaction that stores them, such as the link that lets them in
     */
    async add(
      name: string,
      using: (userId: string) => TransactionHook,
      audit?: AuditRecorder,
    ): Promise<Person> {
      const at = now();
      const row = newPerson({ name, approvedAt: at, createdAt: at });
      const recording = audit?.change({ target: row.id, details: { name: row.firstName } });
      await store.insert(row, async (trx) => {
        await using(row.id)(trx);
        await recording?.(trx);
      });
      return findShown(row.id);
    },

    /** @throws AppError 404, and 409 for who is disabled */
    async approve(id: string, audit?: AuditRecorder): Promise<Person> {
      const row = await find(id);
      if (row.disabledAt !== null)
        throw new AppError('conflict', `${nameOf(row)} is disabled.`, { hint: 'Enable this person first.' });
      await store.approve(id, now(), audit?.change({ target: id }));
      return findShown(id);
    },

    /** @throws AppError 404, and 409 for who is approved already */
    async refuse(id: string, audit?: AuditRecorder): Promise<Person> {
      const row = await find(id);
      const refused =
        !present(row).approved && (await store.refuse(id, now(), audit?.change({ target: id })));
      if (!refused)
        throw new AppError('conflict', `${nameOf(row)} is approved already.`, {
          hint: 'To remove their access, disable this person.',
        });
      return findShown(id);
    },

    /**
     * Shuts a person out at once; their servers stay as they are.
     * @throws AppError 404, and 409 for the caller, for who is in ADMIN_USER_IDS, and for the last super-admin
     */
    async disable(caller: Caller, id: string, audit?: AuditRecorder): Promise<Person> {
      const row = await find(id);
      if (id === caller.user.id)
        throw new AppError('conflict', 'You cannot disable yourself.', {
          hint: 'Another super-admin can.',
        });
      if (adminUserIds.has(id))
        throw new AppError('conflict', `${nameOf(row)} is a super-admin by the setting ADMIN_USER_IDS.`, {
          hint: 'Take the id out of that setting and restart Buoy, then disable this person.',
        });
      const last = {
        isConfigured: adminUserIds.size > 0,
        refused: () =>
          new AppError('conflict', `${nameOf(row)} is the last super-admin, and a Buoy needs one.`, {
            hint: 'Add another super-admin to ADMIN_USER_IDS first.',
          }),
      };
      const disabled = await store.disable(id, now(), last, audit?.change({ target: id }));
      if (!disabled) audit?.unchanged({ target: id });
      await onDisabled(id);
      return findShown(id);
    },

    /** What ended at disabling stays ended: the person signs in anew. @throws AppError 404 */
    async enable(id: string, audit?: AuditRecorder): Promise<Person> {
      await find(id);
      await store.enable(id, audit?.change({ target: id }));
      return findShown(id);
    },

    /** @throws AppError 404, and 409 for a super-admin, whose rights cannot be narrowed */
    async change(
      id: string,
      change: { mayAddServers?: boolean | undefined; displayName?: string | null | undefined },
      audit?: AuditRecorder,
    ): Promise<Person> {
      const { mayAddServers } = change;
      const row = await find(id);
      if (mayAddServers === false && present(row).isSuperAdmin)
        throw new AppError('conflict', `${nameOf(row)} is a super-admin, who may always add servers.`);
      const changed = await store.change(id, stored(change), audit?.change({ target: id }));
      if (!changed) audit?.unchanged({ target: id });
      return findShown(id);
    },

    /** What a person calls themselves. */
    async rename(caller: Caller, displayName: string | null, audit?: AuditRecorder): Promise<User> {
      const { id } = caller.user;
      const changed = await store.change(id, stored({ displayName }), audit?.change({ target: id }));
      if (!changed) audit?.unchanged({ target: id });
      return present(await find(id));
    },

    /**
     * For the start of Buoy: who stands in ADMIN_USER_IDS cannot be disabled, so whoever was disabled before is enabled.
     * Without that, a Buoy could be left with no super-admin who can sign in.
     */
    async enableConfigured(audit: {
      recorder(start: AuditContext): Pick<AuditRecorder, 'change'>;
    }): Promise<void> {
      for (const id of adminUserIds) {
        const recorder = audit.recorder({
          ...{ action: 'enable super-admin of ADMIN_USER_IDS', userId: null, serverId: null, target: id },
          ...{ ip: null, requestId: null, details: {} },
        });
        await store.enable(id, recorder.change());
      }
    },
  };
}

/** Columns of what is to be changed. */
function stored(change: {
  mayAddServers?: boolean | undefined;
  displayName?: string | null | undefined;
}): Partial<Pick<UserTable, 'mayAddServers' | 'displayName'>> {
  const { mayAddServers, displayName } = change;
  return {
    ...(mayAddServers === undefined ? {} : { mayAddServers: mayAddServers ? 1 : 0 }),
    ...(displayName === undefined ? {} : { displayName: displayName?.trim() ?? null }),
  };
}

function searchable({ id, firstName, lastName, displayName, username }: UserTable): string {
  return [id, `${firstName ?? ''} ${lastName ?? ''}`, displayName ?? '', `@${username ?? ''}`]
    .join('\n')
    .toLowerCase();
}
