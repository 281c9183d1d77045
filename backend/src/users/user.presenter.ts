// A person as the API shows them: the one place that knows who is a super-admin.
import type { User } from '@buoy/contract';
import type { UserTable } from '../db/schema.ts';

export type UserPresenter = (row: UserTable) => User;

/** @param adminUserIds super-admins by configuration, beside those whom the database says are */
export function createUserPresenter(adminUserIds: ReadonlySet<string>): UserPresenter {
  return (row) => ({
    id: row.id,
    username: row.username,
    firstName: row.firstName,
    lastName: row.lastName,
    photoUrl: row.photoUrl,
    languageCode: row.languageCode,
    isSuperAdmin: row.isSuperAdmin === 1 || adminUserIds.has(row.id),
    createdAt: row.createdAt,
  });
}
