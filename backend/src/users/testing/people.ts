// People for tests: a row, a user as the API shows them, and the parts that decide who is let in.
import type { User } from '@buoy/contract';
import type { DatabaseHandle } from '../../db/database.ts';
import type { SessionTable, UserTable } from '../../db/schema.ts';
import { type Clock, isoTime } from '../../lib/clock.ts';
import { createAccessRequestStore } from '../access-requests.store.ts';
import { createAdmission } from '../admission.ts';
import { createSignInStore } from '../sign-in.store.ts';
import { createSignInLinks } from '../sign-in-links.ts';
import { createUserPresenter, type PeopleSettings } from '../user.presenter.ts';
import { createUserStore } from '../users.store.ts';

/** A person whom nobody has approved, with what the test cares about in `changes`. */
export function userRow(id: string, changes: Partial<UserTable> = {}): UserTable {
  return {
    id,
    username: null,
    firstName: null,
    lastName: null,
    photoUrl: null,
    languageCode: null,
    displayName: null,
    isSuperAdmin: 0,
    approvedAt: null,
    disabledAt: null,
    mayAddServers: 1,
    invitedBy: null,
    createdAt: '2026-01-01T00:00:00.000Z',
    ...changes,
  };
}

/** A session that was opened at that time, and lasts for a day. */
export function sessionRow(id: string, userId: string, now: string): SessionTable {
  return {
    ...{ id, userId, kind: 'link', refreshHash: 'hash', familyHash: null, ip: null, userAgent: null },
    ...{ createdAt: now, lastUsedAt: now, expiresAt: isoTime(Date.parse(now) + 86_400_000), revokedAt: null },
  };
}

/** An approved person as the API shows them. */
export function userWith(id: string, changes: Partial<User> = {}): User {
  const row = userRow(id, { approvedAt: '2026-01-01T00:00:00.000Z' });
  return { ...createUserPresenter({ adminUserIds: new Set(), signUp: 'approval' })(row), ...changes };
}

/** What `createSignIn` needs to know of people, over the stores of this database. */
export function admissionParts(
  database: Pick<DatabaseHandle, 'db' | 'dialect'>,
  clock: Clock,
  settings: Partial<PeopleSettings> = {},
) {
  const present = createUserPresenter({ adminUserIds: new Set(), signUp: 'approval', ...settings });
  const users = createUserStore(database.db);
  const requests = createAccessRequestStore(database);
  return { present, admission: createAdmission({ users, requests, present, clock }) };
}

/** One-time links over the stores of this database, as the machine itself makes them where Telegram is not set up. */
export function signInLinksOf(database: Pick<DatabaseHandle, 'db'>, clock: Clock) {
  return createSignInLinks({
    store: createSignInStore(database.db),
    users: createUserStore(database.db),
    present: createUserPresenter({ adminUserIds: new Set(), signUp: 'approval' }),
    appDomain: null,
    hasBot: false,
    clock,
  });
}

/** The code of a one-time link for this person. */
export async function linkCodeFor(
  userId: string,
  database: Pick<DatabaseHandle, 'db'>,
  clock: Clock,
): Promise<string> {
  return (await signInLinksOf(database, clock).fromMachine(userId)).code;
}
