// The arithmetic of the audit chain: each entry is signed together with the one before, and the end of the chain is signed apart.
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { AuditEntryTable, AuditHeadTable } from '../db/schema.ts';

/** What stands before the first entry. */
export const GENESIS = 'genesis';
/** Stands before an entry that was written after a forged end of the chain: no check ever passes over it. */
export const BROKEN = 'broken';

export type ChainKey = Buffer;

/** Hex; over the mac of the entry before and every field of this one, in this order. */
export function entryMac(key: ChainKey, previousMac: string, entry: Omit<AuditEntryTable, 'mac'>): string {
  const { seq, id, at, userId, action, serverId, target, result, ip, requestId, details } = entry;
  return hmac(
    key,
    JSON.stringify([
      previousMac,
      seq,
      id,
      at,
      userId,
      action,
      serverId,
      target,
      result,
      ip,
      requestId,
      details,
    ]),
  );
}

/** Hex; says that the chain ends at `seq` with `mac`. */
export function headSeal(key: ChainKey, { seq, mac }: Pick<AuditHeadTable, 'seq' | 'mac'>): string {
  return hmac(key, JSON.stringify(['head', seq, mac]));
}

export function sameMac(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function hmac(key: ChainKey, text: string): string {
  return createHmac('sha256', key).update(text, 'utf8').digest('hex');
}
