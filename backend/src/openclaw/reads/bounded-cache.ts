// A bounded in-memory cache for answers of servers, as JSON. A server that fills it has its own oldest answers evicted first.

export type BoundedCache = {
  put(serverId: string, what: string, entry: { text: string; observedAt: string }): void;
  /** As it was put, parsed; null when it was never put, or had to go. */
  find(serverId: string, what: string): { value: unknown; observedAt: string } | null;
  forget(serverId: string): void;
};

/** How many answers at most, and the UTF-16 units of their JSON altogether. */
type CacheLimits = { answers: number; length: number };

/** @param limits.ofServer of the answers of one server; without it, one server may fill the cache while others leave room */
export function createBoundedCache(limits: CacheLimits & { ofServer?: CacheLimits }): BoundedCache {
  type Kept = { length: number; entries: Map<string, { text: string; observedAt: string }> };
  const servers = new Map<string, Kept>();
  const all = { answers: 0, length: 0 };

  function remove(serverId: string, what: string): void {
    const kept = servers.get(serverId);
    const entry = kept?.entries.get(what);
    if (kept === undefined || entry === undefined) return;
    kept.entries.delete(what);
    kept.length -= entry.text.length;
    all.answers -= 1;
    all.length -= entry.text.length;
    if (kept.entries.size === 0) servers.delete(serverId);
  }

  function removeOldest(serverId: string): void {
    const [oldest] = servers.get(serverId)?.entries.keys() ?? [];
    if (oldest !== undefined) remove(serverId, oldest);
  }

  /** The server whose answers take the most, so that no other one loses any to it. */
  function greediest(): string {
    const sizeOf = ({ entries, length }: Kept) => (all.length > limits.length ? length : entries.size);
    const [first] = [...servers].reduce((one, other) => (sizeOf(other[1]) > sizeOf(one[1]) ? other : one));
    return first;
  }

  return {
    put(serverId, what, entry) {
      remove(serverId, what);
      const kept = servers.get(serverId) ?? { length: 0, entries: new Map() };
      servers.set(serverId, kept);
      kept.entries.set(what, entry);
      kept.length += entry.text.length;
      all.answers += 1;
      all.length += entry.text.length;
      const { answers, length } = limits.ofServer ?? limits;
      while (kept.entries.size > answers || kept.length > length) removeOldest(serverId);
      while (all.answers > limits.answers || all.length > limits.length) removeOldest(greediest());
    },
    find(serverId, what) {
      const entry = servers.get(serverId)?.entries.get(what);
      return entry === undefined
        ? null
        : { value: JSON.parse(entry.text) as unknown, observedAt: entry.observedAt };
    },
    forget(serverId) {
      for (const what of [...(servers.get(serverId)?.entries.keys() ?? [])]) remove(serverId, what);
    },
  };
}
