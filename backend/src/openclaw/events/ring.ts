// The last events of a server. Slow and returning readers read from here, so that no queue for each reader is needed.
import { randomBytes } from 'node:crypto';

export type Ring<T> = {
  push(value: T): void;
  /** UTF-16 units of what is kept. */
  length(): number;
  /** The number of the newest event; 0 when there was none. */
  last(): number;
  /** The first event after number `after`; `lost` when that has been dropped, null when none exists yet. */
  after(after: number): { number: number; value: T } | 'lost' | null;
  /** The id that a client brings back. */
  idOf(number: number): string;
  /** The number in an id of this ring; null for an id of another ring or one that was never issued. */
  numberIn(id: string): number | null;
};

/** @param limits number and bytes (of JSON text) that are remembered */
export function createRing<T>(limits: { events: number; bytes: number }): Ring<T> {
  /** Numbers restart with each ring: an id of another ring must not be accepted here. */
  const name = randomBytes(6).toString('hex');
  /** As texts: small values take twenty times their text as objects, and a slice of a longer text keeps all of it in memory. */
  const kept: string[] = [];
  let lastNumber = 0;
  let bytes = 0;

  return {
    push(value) {
      const text = JSON.stringify(value);
      kept.push(text);
      lastNumber += 1;
      bytes += text.length;
      while (kept.length > limits.events || (bytes > limits.bytes && kept.length > 1))
        bytes -= kept.shift()?.length ?? 0;
    },
    length: () => bytes,
    last: () => lastNumber,
    after(after) {
      if (after >= lastNumber) return null;
      const text = kept[after - (lastNumber - kept.length)];
      return text === undefined ? 'lost' : { number: after + 1, value: JSON.parse(text) as T };
    },
    idOf: (number) => `${name}.${number}`,
    numberIn(id) {
      const [, whose, digits] = /^([0-9a-f]+)\.(\d{1,15})$/.exec(id) ?? [];
      const number = Number(digits);
      return whose === name && number <= lastNumber ? number : null;
    },
  };
}
