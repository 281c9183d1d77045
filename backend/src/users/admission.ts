// Approval at sign-in: a person with a role is approved, everyone else asks the super-admins once.
import type { AccessRequest, User } from '@buoy/contract';
import type { UserTable } from '../db/schema.ts';
import { type Clock, isoTime } from '../lib/clock.ts';
import type { AccessRequestStore } from './access-requests.store.ts';
import { nameOf, type UserPresenter } from './user.presenter.ts';
import type { UserStore } from './users.store.ts';

/** Requests that wait at once: a flood of strangers fills neither the inbox nor the database. Approving by id works beyond it. */
export const MAX_OPEN_REQUESTS = 50;
const DAY_MS = 86_400_000;
/** A refused person may ask again after this. */
const REFUSED_FOR_MS = DAY_MS;
/** A request that nobody answers makes room for others after this; its person asks again at the next sign-in. */
const OPEN_FOR_MS = 30 * DAY_MS;

export type Admission = ReturnType<typeof createAdmission>;

export function createAdmission(parts: {
  users: Pick<UserStore, 'approveIfGranted'>;
  requests: AccessRequestStore;
  present: UserPresenter;
  clock: Clock;
}) {
  const { users, requests, present, clock } = parts;

  return {
    /** The person who has just signed in, as the API shows them. */
    async admit(row: UserTable): Promise<User> {
      const now = clock.now();
      // A grant may precede the first sign-in of its person.
      if (row.approvedAt === null && (await users.approveIfGranted(row.id, isoTime(now))))
        return present({ ...row, approvedAt: isoTime(now) });
      const user = present(row);
      if (!user.approved)
        await requests.insert(
          { userId: row.id, requestedAt: isoTime(now) },
          {
            maxOpen: MAX_OPEN_REQUESTS,
            askedBefore: isoTime(now - OPEN_FOR_MS),
            refusedBefore: isoTime(now - REFUSED_FOR_MS),
          },
        );
      return user;
    },

    /** Requests that wait for a super-admin, the oldest first. */
    async waiting(): Promise<AccessRequest[]> {
      const rows = await requests.listOpen(MAX_OPEN_REQUESTS);
      return rows
        .filter((row) => !present(row).approved)
        .map((row) => ({ userId: row.id, name: nameOf(row), requestedAt: row.requestedAt }));
    },
  };
}
