// A person as the API shows them: the one place that knows who is a super-admin, who is approved, and who may add servers.
import type { PersonStatus, User } from '@buoy/contract';
import type { UserTable } from '../db/schema.ts';

/** First and last name as this person is shown: a chosen display name takes their place. */
export function shownNames(
  row: Pick<UserTable, 'firstName' | 'lastName' | 'displayName'>,
): Pick<User, 'firstName' | 'lastName'> {
  const { firstName, lastName, displayName } = row;
  return displayName === null ? { firstName, lastName } : { firstName: displayName, lastName: null };
}

export type UserPresenter = (row: UserTable) => User;

/** Settings that decide what a person may. */
export type PeopleSettings = {
  /** Super-admins by configuration, beside those whom the database says are. */
  adminUserIds: ReadonlySet<string>;
  /** `open`: whoever signs in is approved. */
  signUp: 'approval' | 'open';
};

export function createUserPresenter({ adminUserIds, signUp }: PeopleSettings): UserPresenter {
  return (row) => {
    const isSuperAdmin = row.isSuperAdmin === 1 || adminUserIds.has(row.id);
    const approved = isSuperAdmin || signUp === 'open' || row.approvedAt !== null;
    return {
      id: row.id,
      username: row.username,
      ...shownNames(row),
      photoUrl: row.photoUrl,
      languageCode: row.languageCode,
      isSuperAdmin,
      approved,
      mayAddServers: isSuperAdmin || (approved && row.mayAddServers === 1),
      createdAt: row.createdAt,
    };
  };
}

export function statusOf(row: UserTable, present: UserPresenter): PersonStatus {
  if (row.disabledAt !== null) return 'disabled';
  return present(row).approved ? 'active' : 'pending';
}

type NamedRow = Pick<UserTable, 'id' | 'username' | 'firstName' | 'lastName' | 'displayName'>;

/** "Anna Smith", else "@anna", else the id. One line: names come from outside. */
export function nameOf(person: NamedRow | Pick<User, 'id' | 'username' | 'firstName' | 'lastName'>): string {
  const { id, username } = person;
  const { firstName, lastName } = 'displayName' in person ? shownNames(person) : person;
  const name = [firstName, lastName].filter((part) => part !== null).join(' ');
  const line = name.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ' ').trim();
  if (line !== '') return line.slice(0, 128);
  return username === null ? id : `@${username}`;
}
