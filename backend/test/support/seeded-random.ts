// Repeatable random choices: the same seed gives the same ones.

export type SeededRandom = {
  /** A whole number from 0 to below `limit`. */
  below(limit: number): number;
  /** One of them; undefined when there is none. */
  oneOf<T>(items: readonly T[]): T | undefined;
};

/** Mulberry32, by Tommy Ettinger, in the public domain: 32 bits of state are plenty for a test. */
export function seededRandom(seed: number): SeededRandom {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    below: (limit) => Math.floor(next() * limit),
    oneOf: (items) => items[Math.floor(next() * items.length)],
  };
}
