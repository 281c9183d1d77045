// SQL for the audit log. Entries are only ever added; there is no update and no deletion here.
import type { AlsoWrite } from '../db/also-write.ts';
import type { Db } from '../db/database.ts';
import type { AuditEntryTable, AuditHeadTable } from '../db/schema.ts';
import { BROKEN, type ChainKey, entryMac, GENESIS, headSeal, sameMac } from './chain.ts';

export type NewEntry = Omit<AuditEntryTable, 'seq' | 'mac'>;

export type EntryFilter = {
  userId?: string | undefined;
  serverId?: string | undefined;
  /** Part of the action, in any case. */
  action?: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
};

export type AuditStore = ReturnType<typeof createAuditStore>;

const HEAD_ID = 1;

export function createAuditStore(db: Db) {
  const matching = (filter: EntryFilter) =>
    db
      .selectFrom('auditEntries')
      .selectAll()
      .$if(filter.userId !== undefined, (query) => query.where('userId', '=', filter.userId!))
      .$if(filter.serverId !== undefined, (query) => query.where('serverId', '=', filter.serverId!))
      .$if(filter.action !== undefined, (query) =>
        query.where((e) =>
          e(e.fn<string>('lower', ['action']), 'like', containing(filter.action!.toLowerCase())),
        ),
      )
      .$if(filter.from !== undefined, (query) => query.where('at', '>=', filter.from!))
      .$if(filter.to !== undefined, (query) => query.where('at', '<=', filter.to!));

  return {
    /**
     * Adds an entry in the transaction that the answer is given; others that add wait for its end, so that the chain has no fork.
     * @param added told what stands in the chain when that transaction is committed
     */
    adding(key: ChainKey, entry: NewEntry, added: (head: { seq: number; mac: string }) => void): AlsoWrite {
      return async (trx) => {
        const head = await lockHead(trx, key);
        const last = await trx
          .selectFrom('auditEntries')
          .select(['seq', 'mac'])
          .orderBy('seq', 'desc')
          .limit(1)
          .executeTakeFirst();
        const whole =
          sameMac(head.seal, headSeal(key, head)) &&
          head.seq === (last?.seq ?? 0) &&
          head.mac === (last?.mac ?? GENESIS);
        // A forged end must not stop the work, nor be healed by the next entry.
        const previousMac = whole ? head.mac : BROKEN;
        const row = { ...entry, seq: Math.max(head.seq, last?.seq ?? 0) + 1 };
        const mac = entryMac(key, previousMac, row);
        await trx
          .insertInto('auditEntries')
          .values({ ...row, mac })
          .execute();
        const next = { seq: row.seq, mac };
        await trx
          .updateTable('auditHead')
          .set({ ...next, seal: headSeal(key, next) })
          .where('id', '=', HEAD_ID)
          .execute();
        added(next);
      };
    },

    /** An entry of its own, without a change beside it. */
    async add(write: AlsoWrite): Promise<void> {
      await db.transaction().execute(write);
    },

    async head(): Promise<AuditHeadTable | undefined> {
      return db.selectFrom('auditHead').selectAll().where('id', '=', HEAD_ID).executeTakeFirst();
    },

    async macAt(seq: number): Promise<string | undefined> {
      const row = await db.selectFrom('auditEntries').select('mac').where('seq', '=', seq).executeTakeFirst();
      return row?.mac;
    },

    /** Oldest first, from after `seq` on. */
    async following(seq: number, limit: number, filter: EntryFilter = {}): Promise<AuditEntryTable[]> {
      return matching(filter).where('seq', '>', seq).orderBy('seq').limit(limit).execute();
    },

    /** Newest first, from before `seq` back; null: from the end. */
    async preceding(seq: number | null, limit: number, filter: EntryFilter): Promise<AuditEntryTable[]> {
      return matching(filter)
        .$if(seq !== null, (query) => query.where('seq', '<', seq))
        .orderBy('seq', 'desc')
        .limit(limit)
        .execute();
    },
  };
}

/** The head with its row locked until the transaction ends; made when there is none. */
async function lockHead(trx: Db, key: ChainKey): Promise<AuditHeadTable> {
  const lock = () =>
    trx
      .updateTable('auditHead')
      .set((e) => ({ seq: e.ref('seq') }))
      .where('id', '=', HEAD_ID)
      .returningAll()
      .executeTakeFirst();
  const head = await lock();
  if (head !== undefined) return head;
  const start = { seq: 0, mac: GENESIS };
  await trx
    .insertInto('auditHead')
    .values({ id: HEAD_ID, ...start, seal: headSeal(key, start) })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute();
  return (await lock())!;
}

/** A LIKE pattern; the text's own wildcards are taken literally by leaving them any single character. */
function containing(text: string): string {
  return `%${text.replace(/[%_\\]/g, '_')}%`;
}
