// What else belongs into the transaction of a change. Features pass it on to their store without knowing SQL.
import type { Db } from './database.ts';

/** Writes inside a transaction, such as the audit entry of a change: it is stored with the change or not at all. */
export type TransactionHook = (trx: Db) => Promise<void>;

/** All of them, one after the other. The audit entry comes last: its chain has one writer at a time. */
export function inOrder(...hooks: ReadonlyArray<TransactionHook | undefined>): TransactionHook {
  return async (trx) => {
    for (const hook of hooks) await hook?.(trx);
  };
}

/**
 * Runs `change` and then `also` in one transaction.
 * @param change answers false when there was nothing to change; `also` is left out then
 */
export async function withTransactionHook<T>(
  db: Db,
  also: TransactionHook | undefined,
  change: (trx: Db) => Promise<T>,
): Promise<T> {
  return db.transaction().execute(async (trx) => {
    const result = await change(trx);
    if (result !== false) await also?.(trx);
    return result;
  });
}
