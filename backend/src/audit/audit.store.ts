// SQL for the audit log. Entries are appended and, when old enough, removed from the start; none is ever changed.
import { setImmediate as othersTurn } from 'node:timers/promises';
import { sql } from 'kysely';
import type { Db } from '../db/database.ts';
import type { AuditCheckpointTable, AuditEntryTable, AuditHeadTable } from '../db/schema.ts';
import type { TransactionHook } from '../db/transaction-hook.ts';
import {
  BROKEN,
  type ChainKey,
  type ChainLink,
  checkpointSeal,
  entryMac,
  GENESIS,
  headSeal,
  linkProblem,
  sameMac,
} from './chain.ts';

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

/** Entries that are read at once for a filter, some milliseconds of work: SQLite answers without leaving the event loop. */
const SCAN = 10_000;
/** Bytes of details that are read and checked at once, some milliseconds of work too. */
const READ_BYTES = 524_288;

/** Where an entry stands, and how long its details are. */
type Place = { seq: number; bytes: number };

/** The one row of each table that has only one. */
const ONLY_ID = 1;

export function createAuditStore(db: Db) {
  const matching = (filter: EntryFilter) =>
    db
      .selectFrom('auditEntries')
      .select(['seq', sql<number>`octet_length(details)`.as('bytes')])
      .$if(filter.userId !== undefined, (query) => query.where('userId', '=', filter.userId!))
      .$if(filter.serverId !== undefined, (query) => query.where('serverId', '=', filter.serverId!))
      .$if(filter.action !== undefined, (query) =>
        query.where((e) =>
          e(e.fn<string>('lower', ['action']), 'like', containing(filter.action!.toLowerCase())),
        ),
      )
      .$if(filter.from !== undefined, (query) => query.where('at', '>=', filter.from!))
      .$if(filter.to !== undefined, (query) => query.where('at', '<=', filter.to!));

  /** Of the entries that are there; `last` is below `first` when there are none. */
  const rangeOf = async (): Promise<{ first: number; last: number }> => {
    const end = (direction: 'asc' | 'desc') =>
      db.selectFrom('auditEntries').select('seq').orderBy('seq', direction).limit(1).executeTakeFirst();
    return { first: (await end('asc'))?.seq ?? 1, last: (await end('desc'))?.seq ?? 0 };
  };

  /** In the order of `places`; those that retention has removed meanwhile are left out. */
  const rowsAt = async (places: readonly Place[]): Promise<AuditEntryTable[]> => {
    const seqs = places.map(({ seq }) => seq);
    const rows = await db.selectFrom('auditEntries').selectAll().where('seq', 'in', seqs).execute();
    const bySeq = new Map(rows.map((row) => [row.seq, row]));
    return seqs.flatMap((seq) => bySeq.get(seq) ?? []);
  };

  const placesAfter = async (seq: number, limit: number, filter: EntryFilter): Promise<Place[]> => {
    const page = (from: number, rest: number) =>
      matching(filter).where('seq', '>', from).orderBy('seq').limit(rest);
    if (isEmpty(filter)) return page(seq, limit).execute();
    const range = await rangeOf();
    const places: Place[] = [];
    for (let from = Math.max(seq, range.first - 1); from < range.last; from += SCAN) {
      places.push(
        ...(await page(from, limit - places.length)
          .where('seq', '<=', from + SCAN)
          .execute()),
      );
      if (places.length === limit) break;
      await othersTurn();
    }
    return places;
  };

  const placesBefore = async (seq: number | null, limit: number, filter: EntryFilter): Promise<Place[]> => {
    const range = await rangeOf();
    const page = (until: number, rest: number) =>
      matching(filter).where('seq', '<', until).orderBy('seq', 'desc').limit(rest);
    if (isEmpty(filter)) return page(seq ?? range.last + 1, limit).execute();
    const places: Place[] = [];
    for (let until = Math.min(seq ?? range.last + 1, range.last + 1); until > range.first; until -= SCAN) {
      places.push(
        ...(await page(until, limit - places.length)
          .where('seq', '>=', until - SCAN)
          .execute()),
      );
      if (places.length === limit) break;
      await othersTurn();
    }
    return places;
  };

  return {
    /**
     * Adds an entry in the transaction that the answer is given; others that add wait for its end, so that the chain has no fork.
     * @param added told what stands in the chain when that transaction is committed
     */
    adding(
      key: ChainKey,
      entry: NewEntry,
      added: (head: { seq: number; mac: string }) => void,
    ): TransactionHook {
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
        // A forged head must neither stop the work nor be repaired by the next entry.
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
          .where('id', '=', ONLY_ID)
          .execute();
        added(next);
      };
    },

    /** An entry of its own, without a change beside it. */
    async add(write: TransactionHook): Promise<void> {
      await db.transaction().execute(write);
    },

    /** Reads the whole log, which has no index of the ids. */
    async find(id: string): Promise<AuditEntryTable | undefined> {
      return db.selectFrom('auditEntries').selectAll().where('id', '=', id).executeTakeFirst();
    },

    async head(): Promise<AuditHeadTable | undefined> {
      return db.selectFrom('auditHead').selectAll().where('id', '=', ONLY_ID).executeTakeFirst();
    },

    /** The checkpoint of the removed entries; undefined when none were removed. */
    checkpoint: () => checkpointIn(db),

    async hasEntryUpTo(seq: number): Promise<boolean> {
      const row = await db
        .selectFrom('auditEntries')
        .select('seq')
        .where('seq', '<=', seq)
        .limit(1)
        .executeTakeFirst();
      return row !== undefined;
    },

    /** Whether an entry that was noted elsewhere is still in the chain, or was removed from it by retention. */
    async stands(key: ChainKey, { seq, mac }: ChainLink): Promise<boolean> {
      const row = await db.selectFrom('auditEntries').select('mac').where('seq', '=', seq).executeTakeFirst();
      if (row !== undefined) return row.mac === mac;
      const checkpoint = await checkpointIn(db);
      if (checkpoint === undefined || !sameMac(checkpoint.seal, checkpointSeal(key, checkpoint)))
        return false;
      return checkpoint.seq === seq ? checkpoint.mac === mac : checkpoint.seq > seq;
    },

    /** Whether the oldest entry is from before `before`, and not the only one. */
    async hasOlderThan(before: string): Promise<boolean> {
      const [oldest, next] = await db
        .selectFrom('auditEntries')
        .select('at')
        .orderBy('seq')
        .limit(2)
        .execute();
      return next !== undefined && oldest !== undefined && oldest.at < before;
    },

    /**
     * Removes the oldest entries, each from before `before`, at most `limit` and never the last one, and signs a checkpoint in their
     * place, in one transaction. What is removed is checked first: removing it would hide that it was changed.
     */
    async removeOldest(
      key: ChainKey,
      { before, limit, now }: { before: string; limit: number; now: string },
    ): Promise<{ removed: number; problem: string | null }> {
      return db.transaction().execute(async (trx) => {
        const head = await lockHead(trx, key);
        const checkpoint = await checkpointIn(trx);
        if (checkpoint !== undefined && !sameMac(checkpoint.seal, checkpointSeal(key, checkpoint)))
          return { removed: 0, problem: 'Its checkpoint was forged.' };
        const start: ChainLink = checkpoint ?? { seq: 0, mac: GENESIS };
        const rows = await trx
          .selectFrom('auditEntries')
          .selectAll()
          .where('seq', '<', head.seq)
          .orderBy('seq')
          .limit(limit)
          .execute();
        let last = start;
        for (const row of rows) {
          if (row.at >= before) break;
          const problem = linkProblem(key, last, row);
          if (problem !== null) return { removed: 0, problem };
          last = row;
        }
        const removed = last.seq - start.seq;
        if (removed === 0) return { removed, problem: null };
        const next = {
          ...{ seq: last.seq, mac: last.mac },
          ...{ pruned: (checkpoint?.pruned ?? 0) + removed, at: now },
        };
        const sealed = { ...next, seal: checkpointSeal(key, next) };
        await trx
          .insertInto('auditCheckpoint')
          .values({ id: ONLY_ID, ...sealed })
          .onConflict((conflict) => conflict.column('id').doUpdateSet(sealed))
          .execute();
        await trx.deleteFrom('auditEntries').where('seq', '<=', last.seq).execute();
        return { removed, problem: null };
      });
    },

    /** Oldest first, from after `seq` on: `limit` entries, or fewer where they are long; none only at the end. */
    async following(seq: number, limit: number, filter: EntryFilter = {}): Promise<AuditEntryTable[]> {
      for (;;) {
        const [first = []] = inReads(await placesAfter(seq, limit, filter));
        if (first.length === 0) return [];
        const rows = await rowsAt(first);
        // Else retention has removed all of them meanwhile.
        if (rows.length > 0) return rows;
      }
    },

    /** Newest first, from before `seq` back; null: from the end. Others get their turn in between. */
    async preceding(seq: number | null, limit: number, filter: EntryFilter): Promise<AuditEntryTable[]> {
      const rows: AuditEntryTable[] = [];
      for (const places of inReads(await placesBefore(seq, limit, filter))) {
        rows.push(...(await rowsAt(places)));
        await othersTurn();
      }
      return rows;
    },
  };
}

/** Groups of as many as are read at once, each of one entry at least. */
function inReads(places: readonly Place[]): Place[][] {
  const reads: Place[][] = [];
  let left = 0;
  for (const place of places) {
    left -= place.bytes;
    const last = reads.at(-1);
    if (last !== undefined && left >= 0) last.push(place);
    else {
      reads.push([place]);
      left = READ_BYTES - place.bytes;
    }
  }
  return reads;
}

function isEmpty(filter: EntryFilter): boolean {
  return Object.values(filter).every((value) => value === undefined);
}

async function checkpointIn(db: Db): Promise<AuditCheckpointTable | undefined> {
  return db.selectFrom('auditCheckpoint').selectAll().where('id', '=', ONLY_ID).executeTakeFirst();
}

/** The head with its row locked until the transaction ends; made when there is none. */
async function lockHead(trx: Db, key: ChainKey): Promise<AuditHeadTable> {
  const lock = () =>
    trx
      .updateTable('auditHead')
      .set((e) => ({ seq: e.ref('seq') }))
      .where('id', '=', ONLY_ID)
      .returningAll()
      .executeTakeFirst();
  const head = await lock();
  if (head !== undefined) return head;
  const start = { seq: 0, mac: GENESIS };
  await trx
    .insertInto('auditHead')
    .values({ id: ONLY_ID, ...start, seal: headSeal(key, start) })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute();
  return (await lock())!;
}

/** A LIKE pattern; the text's own wildcards are taken literally by leaving them any single character. */
function containing(text: string): string {
  return `%${text.replace(/[%_\\]/g, '_')}%`;
}
