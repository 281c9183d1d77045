// Reads the whole audit log and says whether anything in it was changed, taken out, or cut off.
import { setImmediate as othersTurn } from 'node:timers/promises';
import type { AuditStore } from './audit.store.ts';
import { type ChainKey, entryMac, GENESIS, headSeal, sameMac } from './chain.ts';
import type { Anchor } from './chain-anchor.ts';

/** Entries read at once, some 10 ms of work; other calls get their turn in between. */
const PAGE = 200;

export type Verification = {
  /** Entries checked. */
  entries: number;
  /** One sentence; null when the chain is whole. */
  problem: string | null;
};

/**
 * @param anchor the end of the chain as it was noted outside of the database, null when nothing was noted yet
 */
export async function verifyChain(
  store: AuditStore,
  key: ChainKey,
  anchor: Anchor | null,
): Promise<Verification> {
  let seq = 0;
  let mac = GENESIS;
  const found = (problem: string): Verification => ({ entries: seq, problem });
  const head = (await store.head()) ?? { seq: 0, mac: GENESIS, seal: null };
  if (head.seal === null && (await store.macAt(1)) !== undefined)
    return found('The note of where the audit log ends is missing.');
  for (;;) {
    const page = await store.following(seq, PAGE);
    for (const row of page) {
      if (seq >= head.seq) break;
      if (row.seq !== seq + 1)
        return found(
          row.seq === seq + 2
            ? `Entry ${seq + 1} is missing from the audit log.`
            : `Entries ${seq + 1} to ${row.seq - 1} are missing from the audit log.`,
        );
      const { mac: stored, ...entry } = row;
      if (!sameMac(stored, entryMac(key, mac, entry)))
        return found(`Entry ${row.seq} of ${row.at} was changed, or what stood before it was.`);
      if (row.seq === anchor?.seq && !sameMac(stored, anchor.mac))
        return found(`The audit log was replaced: entry ${row.seq} is not the one that was written.`);
      seq = row.seq;
      mac = stored;
    }
    if (page.length < PAGE || seq >= head.seq) break;
    // SQLite answers without ever leaving the event loop.
    await othersTurn();
  }
  if (seq < head.seq) return found(`The end of the audit log was cut off after entry ${seq} of ${head.seq}.`);
  if (!sameMac(head.mac, mac) || (head.seal !== null && !sameMac(head.seal, headSeal(key, head))))
    return found('The note of where the audit log ends was forged.');
  if (anchor !== null && seq < anchor.seq)
    return found(`The end of the audit log was cut off after entry ${seq}; it had ${anchor.seq} once.`);
  return { entries: seq, problem: null };
}
