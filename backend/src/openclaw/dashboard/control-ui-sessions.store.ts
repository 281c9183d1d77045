// SQL for Control UI sessions in their stages: a link, the confirmed link, and the browser session.

import type { Db } from '../../db/database.ts';
import type { ControlUiVisitTable } from '../../db/schema.ts';
import { type TransactionHook, withTransactionHook } from '../../db/transaction-hook.ts';

export type ControlUiSessionStage = 'link' | 'entry' | 'open';

export type ControlUiSessionStore = ReturnType<typeof createControlUiSessionStore>;

export function createControlUiSessionStore(db: Db) {
  return {
    /** Stores a link and deletes expired ones. */
    async insert(link: ControlUiVisitTable & { stage: ControlUiSessionStage }, now: string): Promise<void> {
      await db.deleteFrom('controlUiVisits').where('expiresAt', '<=', now).execute();
      await db.insertInto('controlUiVisits').values(link).execute();
    },

    /** The session that is at this stage with this secret, while it has not expired. */
    async find(
      stage: ControlUiSessionStage,
      secretHash: string,
      now: string,
    ): Promise<ControlUiVisitTable | undefined> {
      return db
        .selectFrom('controlUiVisits')
        .selectAll()
        .where('stage', '=', stage)
        .where('secretHash', '=', secretHash)
        .where('expiresAt', '>', now)
        .executeTakeFirst();
    },

    /**
     * Ends the open sessions of one browser to other servers: what hangs on its sign-in, and the one whose secret it brought.
     * Part of the transaction that opens the next one.
     */
    endOthers(of: {
      serverId: string;
      sessionId: string | null;
      secretHash: string | null;
    }): TransactionHook {
      return async (trx) => {
        await trx
          .deleteFrom('controlUiVisits')
          .where('stage', '=', 'open')
          .where('serverId', '!=', of.serverId)
          .where((session) =>
            session.or([
              session('sessionId', '=', of.sessionId ?? ''),
              session('secretHash', '=', of.secretHash ?? ''),
            ]),
          )
          .execute();
      };
    },

    /** Takes the session to its next stage and replaces its secret. undefined for all but one of several concurrent callers. */
    async advance(
      from: { stage: ControlUiSessionStage; secretHash: string; now: string },
      to: Pick<ControlUiVisitTable, 'sessionId' | 'secretHash' | 'expiresAt'> & {
        stage: ControlUiSessionStage;
      },
      also?: TransactionHook,
    ): Promise<ControlUiVisitTable | undefined> {
      const moved = await withTransactionHook(
        db,
        also,
        async (trx) =>
          (await trx
            .updateTable('controlUiVisits')
            .set(to)
            .where('stage', '=', from.stage)
            .where('secretHash', '=', from.secretHash)
            .where('expiresAt', '>', from.now)
            .returningAll()
            .executeTakeFirst()) ?? false,
      );
      return moved === false ? undefined : moved;
    },
  };
}
