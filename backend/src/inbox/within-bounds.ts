// How much goes into one inbox: what a server says waits there must not fill the memory of Buoy and of the app of whoever looks.
import type { InboxItem, Server } from '@buoy/contract';
import { textLength } from '../lib/text-length.ts';

/** Items, and UTF-16 units of their texts. */
type Bounds = { items: number; length: number };
/** OpenClaw itself lets some tens wait. */
const OF_SERVER: Bounds = { items: 50, length: 256 * 1024 };
const OF_ALL: Bounds = { items: 2_000, length: 4 * 1024 * 1024 };

/** What waits on one server, the oldest first. */
export type ServerItems = { server: Server; items: readonly InboxItem[]; isCut: boolean };

/** The oldest of a server's items, as many as one server may show. */
export function itemsOf(server: Server, items: readonly InboxItem[]): ServerItems {
  const kept = fitting(items.toSorted(oldestFirst), { ...OF_SERVER });
  // Copied: a part of a longer text keeps all of it in memory.
  return { server, items: structuredClone(kept), isCut: kept.length < items.length };
}

/** The items of all servers, the oldest first, and the servers that have more. People and servers with little come before those with much. */
export function allItems(answers: readonly ServerItems[]): { items: InboxItem[]; cut: Server[] } {
  const ofOwner = new Map<string, number>();
  const ownerOf = ({ server }: ServerItems): string => server.owner?.id ?? '';
  for (const one of answers) ofOwner.set(ownerOf(one), (ofOwner.get(ownerOf(one)) ?? 0) + one.items.length);
  const countOf = (one: ServerItems): number => ofOwner.get(ownerOf(one)) ?? 0;
  const fewestFirst = answers.toSorted(
    (one, other) => countOf(one) - countOf(other) || one.items.length - other.items.length,
  );
  const left = { ...OF_ALL };
  const items: InboxItem[] = [];
  const cut: Server[] = [];
  for (const one of fewestFirst) {
    const kept = fitting(one.items, left);
    items.push(...kept);
    if (one.isCut || kept.length < one.items.length) cut.push(one.server);
  }
  return { items: items.toSorted(oldestFirst), cut };
}

/** The items for which there is room, the first ones first; takes it from `left`. */
function fitting(items: readonly InboxItem[], left: Bounds): InboxItem[] {
  const kept: InboxItem[] = [];
  for (const item of items) {
    if (left.items < 1) break;
    const length = textLength(item);
    // One long request must not hide those behind it.
    if (left.length < length) continue;
    left.items -= 1;
    left.length -= length;
    kept.push(item);
  }
  return kept;
}

function oldestFirst(one: InboxItem, other: InboxItem): number {
  const [time, otherTime] = [timeOf(one), timeOf(other)];
  if (time === otherTime) return 0;
  return time < otherTime ? -1 : 1;
}

function timeOf(item: InboxItem): string {
  return (item.type === 'pairing' ? item.pairing : item.approval).requestedAt ?? '';
}
