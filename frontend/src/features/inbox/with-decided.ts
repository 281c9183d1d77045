// Keeps decided requests in their place in the inbox, so that the list does not shift under the pointer.
import type { InboxItem } from '@buoy/contract';

/** What became of an item, in words; `note`: what the server adds to that, in English. */
export type DecisionOutcome = { words: string; note: string | null };

export type Entry = { item: InboxItem; outcome: DecisionOutcome | null };

/** What tells an item from all others. */
export function keyOf(item: InboxItem): string {
  const id = item.type === 'pairing' ? item.pairing.id : item.approval.id;
  return `${item.serverId} ${item.type} ${id}`;
}

/** @returns ISO 8601, or null where OpenClaw does not tell */
export function requestedAt(item: InboxItem): string | null {
  return item.type === 'pairing' ? item.pairing.requestedAt : item.approval.requestedAt;
}

/** @param decided with what became of each, in words. The oldest first; those without a time at the end. */
export function withDecided(
  waiting: readonly InboxItem[],
  decided: ReadonlyArray<{ item: InboxItem; outcome: DecisionOutcome }>,
): Entry[] {
  const known = new Set(decided.map(({ item }) => keyOf(item)));
  const entries: Entry[] = [
    ...waiting.filter((item) => !known.has(keyOf(item))).map((item) => ({ item, outcome: null })),
    ...decided,
  ];
  const age = ({ item }: Entry) => {
    const at = requestedAt(item);
    return at === null ? Number.POSITIVE_INFINITY : Date.parse(at);
  };
  return entries.sort((one, other) => {
    const [first, second] = [age(one), age(other)];
    if (first !== second) return first < second ? -1 : 1;
    return keyOf(one.item) < keyOf(other.item) ? -1 : 1;
  });
}
