// Keeps decided requests in their place in the inbox, so that the list does not shift under the pointer.
import type { AccessRequest, InboxItem } from '@buoy/contract';

/** What waits for a person: on a server, or a request for access to this Buoy. */
export type Asked = InboxItem | { type: 'access'; request: AccessRequest };

/** What became of an item, in words; `note`: what the server adds to that, in English. */
export type DecisionOutcome = { words: string; note: string | null };

export type Entry = { item: Asked; outcome: DecisionOutcome | null };

/** What tells an item from all others. */
export function keyOf(item: Asked): string {
  if (item.type === 'access') return `access ${item.request.userId}`;
  const id = item.type === 'pairing' ? item.pairing.id : item.approval.id;
  return `${item.serverId} ${item.type} ${id}`;
}

/** @returns ISO 8601, or null where OpenClaw does not tell */
export function requestedAt(item: Asked): string | null {
  if (item.type === 'access') return item.request.requestedAt;
  return item.type === 'pairing' ? item.pairing.requestedAt : item.approval.requestedAt;
}

/**
 * What is shown already keeps its order, and what comes stands below it: the time of a request is the word of who asks, and must not
 * move another one's buttons. Of what comes the oldest stands first; those without a time at the end.
 * @param decided with what became of each, in words
 * @param shown the keys of what the list shows now, from the top
 */
export function withDecided(
  waiting: readonly Asked[],
  decided: ReadonlyArray<{ item: Asked; outcome: DecisionOutcome }>,
  shown: readonly string[] = [],
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
  const places = new Map(shown.map((key, place) => [key, place]));
  const placeOf = ({ item }: Entry) => places.get(keyOf(item)) ?? shown.length;
  return entries.sort((one, other) => {
    const moved = placeOf(one) - placeOf(other);
    if (moved !== 0) return moved;
    const [first, second] = [age(one), age(other)];
    if (first !== second) return first < second ? -1 : 1;
    return keyOf(one.item) < keyOf(other.item) ? -1 : 1;
  });
}
