// Verifies the whole audit log: reports changed, removed or cut-off entries.
import { setImmediate as othersTurn } from 'node:timers/promises';
import type { AuditStore } from './audit.store.ts';
import {
  type ChainKey,
  type ChainLink,
  checkpointSeal,
  GENESIS,
  headSeal,
  linkProblem,
  sameMac,
} from './chain.ts';
import type { Anchor } from './chain-anchor.ts';

/** Entries read at once, or fewer long ones: some milliseconds of work; other calls get their turn in between. */
const PAGE = 200;

export type Verification = {
  /** Entries checked. */
  entries: number;
  /** What retention removed before the first of them; null: nothing. */
  removed: { entries: number; lastAt: string } | null;
  /** One sentence; null when the chain is whole. */
  problem: string | null;
};

/** Where the chain begins: after what retention removed, or at the first entry. */
type Start = ChainLink & { removed: Verification['removed']; problem: string | null };

async function startOf(store: AuditStore, key: ChainKey): Promise<Start> {
  const checkpoint = await store.checkpoint();
  if (checkpoint === undefined) return { seq: 0, mac: GENESIS, removed: null, problem: null };
  const { seq, mac, pruned, at, seal } = checkpoint;
  const problem = !sameMac(seal, checkpointSeal(key, checkpoint))
    ? 'The audit log checkpoint for removed entries was forged.'
    : (await store.hasEntryUpTo(seq))
      ? `The audit log checkpoint says that entries up to ${seq} were removed, but some still exist.`
      : null;
  return { seq, mac, removed: { entries: pruned, lastAt: at }, problem };
}

/**
 * @param anchor the end of the chain as it was noted outside of the database, null when nothing was noted yet
 */
export async function verifyChain(
  store: AuditStore,
  key: ChainKey,
  anchor: Anchor | null,
): Promise<Verification> {
  let start = await startOf(store, key);
  let last: ChainLink = start;
  let hasMoved = false;
  const found = (problem: string | null): Verification => ({
    entries: last.seq - start.seq,
    removed: start.removed,
    problem,
  });
  const replaced = (seq: number) =>
    `The audit log was replaced: entry ${seq} is not the one that was written.`;
  const head = (await store.head()) ?? { seq: 0, mac: GENESIS, seal: null };
  if (start.problem !== null) return found(start.problem);
  if (head.seal === null && (start.seq > 0 || (await store.following(0, 1)).length > 0))
    return found('The end marker of the audit log is missing.');
  if (start.seq === anchor?.seq && !sameMac(start.mac, anchor.mac)) return found(replaced(start.seq));
  for (;;) {
    const page = await store.following(last.seq, PAGE);
    const [first] = page;
    // Retention may remove entries meanwhile: the chain begins later then.
    if (first !== undefined && first.seq > last.seq + 1 && last.seq < head.seq) {
      const later = await startOf(store, key);
      if (later.problem === null && later.seq > last.seq) {
        start = later;
        last = later;
        hasMoved = true;
        continue;
      }
    }
    for (const row of page) {
      if (last.seq >= head.seq) break;
      const problem = linkProblem(key, last, row);
      if (problem !== null) return found(problem);
      if (row.seq === anchor?.seq && !sameMac(row.mac, anchor.mac)) return found(replaced(row.seq));
      last = row;
    }
    if (first === undefined || last.seq >= head.seq) break;
    // SQLite answers without ever leaving the event loop.
    await othersTurn();
  }
  if (last.seq < head.seq)
    return found(`The end of the audit log was cut off after entry ${last.seq} of ${head.seq}.`);
  // The end may have moved on while retention removed what this began with.
  const isEnd = (hasMoved && last.seq > head.seq) || sameMac(head.mac, last.mac);
  if (!isEnd || (head.seal !== null && !sameMac(head.seal, headSeal(key, head))))
    return found('The end marker of the audit log was forged.');
  if (anchor !== null && last.seq < anchor.seq)
    return found(`The end of the audit log was cut off after entry ${last.seq}; it once had ${anchor.seq}.`);
  return found(null);
}
