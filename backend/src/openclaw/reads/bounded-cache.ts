// A bounded in-memory cache for reads that must not be stored on disk, as JSON; evicts the oldest first.

export type BoundedCache = {
  put(name: string, entry: { text: string; observedAt: string }): void;
  /** As it was put, parsed; null when it was never put, or had to go. */
  find(name: string): { value: unknown; observedAt: string } | null;
  forget(which: (name: string) => boolean): void;
};

/**
 * @param limits.answers how many at most
 * @param limits.length UTF-16 units of JSON altogether
 */
export function createBoundedCache(limits: { answers: number; length: number }): BoundedCache {
  const entries = new Map<string, { text: string; observedAt: string }>();
  let length = 0;

  function remove(name: string): void {
    length -= entries.get(name)?.text.length ?? 0;
    entries.delete(name);
  }

  return {
    put(name, entry) {
      remove(name);
      entries.set(name, entry);
      length += entry.text.length;
      for (const oldest of entries.keys()) {
        if (entries.size <= limits.answers && length <= limits.length) return;
        remove(oldest);
      }
    },
    find(name) {
      const entry = entries.get(name);
      return entry === undefined
        ? null
        : { value: JSON.parse(entry.text) as unknown, observedAt: entry.observedAt };
    },
    forget(which) {
      for (const name of [...entries.keys()]) if (which(name)) remove(name);
    },
  };
}
