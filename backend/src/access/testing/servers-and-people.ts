// A database with servers and people, for access tests.
import type { DatabaseHandle } from '../../db/database.ts';
import { serverRow } from '../../db/testing/server-row.ts';
import type { Clock } from '../../lib/clock.ts';
import { newId } from '../../lib/ids.ts';
import { createServerStore } from '../../servers/servers.store.ts';
import type { Caller } from '../../users/caller.ts';
import { userWith } from '../../users/testing/people.ts';
import { createUserStore } from '../../users/users.store.ts';

/** The person with this id, there in a session. */
export function callerWith(id: string, isSuperAdmin = false): Caller {
  return {
    user: userWith(id, { isSuperAdmin }),
    sessionId: 'ses_test',
    apiToken: null,
  };
}

/** A FakeClock. */
export function createStillClock(
  startMs = Date.parse('2026-03-01T10:00:00Z'),
): Clock & { pass(ms: number): void } {
  let nowMs = startMs;
  return {
    now: () => nowMs,
    after: () => () => undefined,
    pass(ms) {
      nowMs += ms;
    },
  };
}

export function createPeopleOf(database: DatabaseHandle) {
  const { db } = database;
  return {
    /** A new server that `ownerId` owns. */
    async newServer(ownerId: string): Promise<string> {
      const id = newId('srv');
      await createServerStore(db).insert(serverRow(id, { createdBy: ownerId }));
      return id;
    },
    removeServer: (id: string) => createServerStore(db).remove(id, '2026-01-02T00:00:00.000Z'),
    /** That person signs in and is known from then on. */
    async signIn(id: string, username: string | null = null): Promise<void> {
      await createUserStore(db).upsert(
        { id, username, firstName: `First ${id}`, lastName: null, photoUrl: null, languageCode: null },
        '2026-01-01T00:00:00.000Z',
      );
    },
    /** User id → role. */
    async rolesOn(serverId: string): Promise<Record<string, string>> {
      const rows = await db.selectFrom('grants').selectAll().where('serverId', '=', serverId).execute();
      return Object.fromEntries(rows.map(({ userId, role }) => [userId, role]));
    },
  };
}

/** The codes of the errors among settled calls, and how many of them came through. */
export function outcomes(settled: ReadonlyArray<PromiseSettledResult<unknown>>): {
  done: number;
  refused: string[];
} {
  return {
    done: settled.filter(({ status }) => status === 'fulfilled').length,
    refused: settled
      .filter((one) => one.status === 'rejected')
      .map(({ reason }) => String(reason?.code ?? reason)),
  };
}
