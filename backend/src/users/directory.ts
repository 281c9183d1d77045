// Who is here: everybody who has signed in, for the super-admins.
import type { User } from '@buoy/contract';
import type { UserPresenter } from './user.presenter.ts';
import type { UserStore } from './users.store.ts';

/** `lastSeenAt`: the last use of any session or API token of theirs, to the minute. `servers`: those they have a role on by name. */
export type DirectoryEntry = User & { lastSeenAt: string | null; servers: number };

export type Directory = ReturnType<typeof createDirectory>;

export function createDirectory({ store, present }: { store: UserStore; present: UserPresenter }) {
  return {
    /** One page, the newest person first. @throws AppError `invalid_request` for a cursor that is none */
    async list(query: {
      limit: number;
      cursor?: string | undefined;
    }): Promise<{ users: DirectoryEntry[]; nextCursor: string | null }> {
      const { users, nextCursor } = await store.page(query);
      return {
        users: users.map((row) => ({ ...present(row), lastSeenAt: row.lastSeenAt, servers: row.servers })),
        nextCursor,
      };
    },
  };
}
