// SQL on a database that comes out of a backup: what it holds, and what of it must not go on where it was.
import { sql } from 'kysely';
import type { Db } from '../db/database.ts';
import type { SealedColumn } from '../secrets/sealed-secrets.ts';
import { RESTORE_MARK } from '../users/sign-in.store.ts';
import type { SealedRow } from './key-check.ts';

export function createRestoredStore(db: Db) {
  return {
    async counts(): Promise<{ servers: number; users: number }> {
      const of = async (table: 'servers' | 'users'): Promise<number> => {
        const { count } = await db
          .selectFrom(table)
          .select((e) => e.fn.countAll<number>().as('count'))
          .executeTakeFirstOrThrow();
        return Number(count);
      };
      return { servers: await of('servers'), users: await of('users') };
    },

    /** When the last thing was written into the audit log; null when nothing was. */
    async lastEntryAt(): Promise<string | null> {
      const last = await db
        .selectFrom('auditEntries')
        .select('at')
        .orderBy('seq', 'desc')
        .limit(1)
        .executeTakeFirst();
      return last?.at ?? null;
    },

    async sealedRows(columns: readonly SealedColumn[]): Promise<SealedRow[]> {
      const all: SealedRow[] = [];
      for (const { table, column, key, associatedData } of columns) {
        const names = sql.join(key.map((name) => sql.ref(name)));
        const { rows } = await sql<Record<string, string>>`
          select ${names}, ${sql.ref(column)} as "sealed" from ${sql.table(table)}
          where ${sql.ref(column)} is not null
        `.execute(db);
        for (const { sealed = '', ...row } of rows)
          all.push({ associatedData: associatedData(...key.map((name) => row[name] ?? '')), sealed });
      }
      return all;
    },

    /** Rollouts wait for a person again: one may have been cancelled, or its person disabled, since the backup. Returns how many went on by themselves. */
    async stopRollouts(): Promise<number> {
      const stopped = await db
        .updateTable('rollouts')
        .set({ status: 'stopped' })
        .where('status', '=', 'running')
        .executeTakeFirst();
      return Number(stopped.numUpdatedRows);
    },

    /**
     * Ends all sessions and open invites, and invalidates links, codes and initData that may have been used or revoked since the backup.
     * @param initDataEnds `initDataMemoryEndsMs` of what Telegram signs now
     */
    async endSignIns(
      now: string,
      initDataEnds: string,
    ): Promise<{ endedSessions: number; endedInvites: number }> {
      return db.transaction().execute(async (trx) => {
        const ended = await trx
          .updateTable('sessions')
          .set({ revokedAt: now })
          .where('revokedAt', 'is', null)
          .executeTakeFirst();
        const invites = await trx.deleteFrom('invites').where('acceptedBy', 'is', null).executeTakeFirst();
        await trx.deleteFrom('signInLinks').execute();
        await trx.deleteFrom('deviceLogins').execute();
        await trx.deleteFrom('telegramLogins').execute();
        await trx.deleteFrom('signInChallenges').execute();
        await trx.deleteFrom('initDataUses').where('hash', '=', RESTORE_MARK).execute();
        await trx
          .insertInto('initDataUses')
          .values({ hash: RESTORE_MARK, launchKeyHash: null, expiresAt: initDataEnds })
          .execute();
        return {
          endedSessions: Number(ended.numUpdatedRows),
          endedInvites: Number(invites.numDeletedRows),
        };
      });
    },

    /**
     * What waited to be told when the backup was made has been told since, or is old: it would come a second time. What maintenance held back
     * stays: it would come never.
     */
    async emptyOutbox(): Promise<void> {
      await db.transaction().execute(async (trx) => {
        await trx.deleteFrom('alertEvents').where('held', '=', 0).execute();
        await trx.deleteFrom('notificationDeliveries').where('dueAt', 'is not', null).execute();
        await trx.deleteFrom('monitorNotices').execute();
        await trx.updateTable('monitorRounds').set({ staleSince: null }).execute();
      });
    },

    /** For a backup whose keys are lost: without this, Buoy would find secrets of its own that it cannot open, and not start. */
    async forgetSecretsOf(names: readonly string[]): Promise<void> {
      await db.transaction().execute(async (trx) => {
        await trx.deleteFrom('idempotencyKeys').execute();
        if (names.length > 0) await trx.deleteFrom('keptSecrets').where('name', 'in', names).execute();
      });
    },

    /** The log begins anew: with its key, what proved it is lost. Whoever calls this has kept its entries elsewhere. */
    async emptyAuditLog(): Promise<void> {
      await db.transaction().execute(async (trx) => {
        await trx.deleteFrom('auditEntries').execute();
        await trx.deleteFrom('auditHead').execute();
        await trx.deleteFrom('auditCheckpoint').execute();
      });
    },
  };
}
