// SQL for update policies: one row for each tag of a person.
import { z } from 'zod';
import type { DatabaseHandle } from '../db/database.ts';
import { cursorOf, pageOf, positionIn } from '../db/page-cursor.ts';
import type { UpdatePolicyTable } from '../db/schema.ts';
import { takeTurn } from '../db/take-turn.ts';
import { type TransactionHook, withTransactionHook } from '../db/transaction-hook.ts';

/** What a person chooses; `updateWindow` is a JSON text. */
export type ChosenPolicy = Pick<UpdatePolicyTable, 'pinned' | 'updateWindow'>;

export type PolicyLimits = {
  /** Of one person; `full` makes the error for one more. */
  maxPolicies: number;
  full: () => Error;
};

const position = z.tuple([z.string().max(64)]);
const tagList = z.array(z.string());
/** Ids in one statement. */
const MAX_IDS = 500;

export type UpdatePolicyStore = ReturnType<typeof createUpdatePolicyStore>;

export function createUpdatePolicyStore({ db, dialect }: Pick<DatabaseHandle, 'db' | 'dialect'>) {
  return {
    async find(userId: string, tag: string): Promise<UpdatePolicyTable | null> {
      const row = await db
        .selectFrom('updatePolicies')
        .selectAll()
        .where('userId', '=', userId)
        .where('tag', '=', tag)
        .executeTakeFirst();
      return row ?? null;
    },

    /**
     * By their tags, in the order of the database.
     * @throws AppError `invalid_request` for a cursor that is none
     */
    async list(
      userId: string,
      { limit, cursor }: { limit: number; cursor?: string | undefined },
    ): Promise<{ policies: UpdatePolicyTable[]; nextCursor: string | null }> {
      const after = cursor === undefined ? null : positionIn(cursor, position)[0];
      const rows = await db
        .selectFrom('updatePolicies')
        .selectAll()
        .where('userId', '=', userId)
        .$if(after !== null, (query) => query.where('tag', '>', after!))
        .orderBy('tag')
        .limit(limit + 1)
        .execute();
      const { page, nextCursor } = pageOf(rows, limit, ({ tag }) => cursorOf([tag]));
      return { policies: page, nextCursor };
    },

    /**
     * Puts what `choose` makes of the stored policy in its place; of changes at the same time none is lost.
     * @param choose is given null where there is none; what it throws ends the change
     * @param hooks `also` runs when something has changed, `alsoWhenSame` when nothing has
     * @throws what `limits.full` makes
     */
    async change(
      { userId, tag }: Pick<UpdatePolicyTable, 'userId' | 'tag'>,
      now: string,
      choose: (stored: UpdatePolicyTable | null) => ChosenPolicy,
      limits: PolicyLimits,
      hooks: { also?: TransactionHook | undefined; alsoWhenSame?: TransactionHook | undefined } = {},
    ): Promise<UpdatePolicyTable> {
      return db.transaction().execute(async (trx) => {
        await takeTurn(trx, dialect, `update policies of ${userId}`);
        const stored = await trx
          .selectFrom('updatePolicies')
          .selectAll()
          .where('userId', '=', userId)
          .where('tag', '=', tag)
          .executeTakeFirst();
        const chosen = choose(stored ?? null);
        const isSame =
          stored !== undefined &&
          stored.pinned === chosen.pinned &&
          stored.updateWindow === chosen.updateWindow;
        if (isSame) {
          await hooks.alsoWhenSame?.(trx);
          return stored;
        }
        const policy = { ...{ userId, tag }, ...chosen, version: (stored?.version ?? 0) + 1, updatedAt: now };
        if (stored === undefined) {
          const { count } = await trx
            .selectFrom('updatePolicies')
            .select((e) => e.fn.countAll<number>().as('count'))
            .where('userId', '=', userId)
            .executeTakeFirstOrThrow();
          if (count >= limits.maxPolicies) throw limits.full();
          await trx.insertInto('updatePolicies').values(policy).execute();
        } else
          await trx
            .updateTable('updatePolicies')
            .set(policy)
            .where('userId', '=', userId)
            .where('tag', '=', tag)
            .execute();
        await hooks.also?.(trx);
        return policy;
      });
    },

    /** False when there is none. */
    async remove(userId: string, tag: string, also?: TransactionHook): Promise<boolean> {
      return withTransactionHook(db, also, async (trx) => {
        const removed = await trx
          .deleteFrom('updatePolicies')
          .where('userId', '=', userId)
          .where('tag', '=', tag)
          .executeTakeFirst();
        return removed.numDeletedRows === 1n;
      });
    },

    /**
     * The policies of each server's owner for its tags, in the order of the tags; a server without any is left out. So is one that the owner was given:
     * whoever gave it is still its admin, and would read the policies of its new owner by its tags.
     */
    async ofServers(
      serverIds: readonly string[],
    ): Promise<ReadonlyMap<string, readonly UpdatePolicyTable[]>> {
      const found = new Map<string, UpdatePolicyTable[]>();
      for (let start = 0; start < serverIds.length; start += MAX_IDS) {
        const servers = await db
          .selectFrom('servers')
          .innerJoin('grants', 'grants.serverId', 'servers.id')
          .select(['servers.id', 'servers.tags', 'grants.userId'])
          .where('grants.role', '=', 'owner')
          .whereRef('grants.grantedBy', '=', 'grants.userId')
          .where('servers.id', 'in', serverIds.slice(start, start + MAX_IDS))
          .where('servers.tags', '!=', '[]')
          .execute();
        const owners = [...new Set(servers.map(({ userId }) => userId))];
        if (owners.length === 0) continue;
        const policies = await db
          .selectFrom('updatePolicies')
          .selectAll()
          .where('userId', 'in', owners)
          .orderBy('tag')
          .execute();
        const byOwner = Map.groupBy(policies, ({ userId }) => userId);
        for (const { id, tags, userId } of servers) {
          const own = new Set(tagList.parse(JSON.parse(tags)));
          const holding = (byOwner.get(userId) ?? []).filter(({ tag }) => own.has(tag));
          if (holding.length > 0) found.set(id, holding);
        }
      }
      return found;
    },
  };
}
