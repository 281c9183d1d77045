// Resolves host names, one at a time for each person: a hanging lookup holds a thread of Node's pool, which files and crypto need.
import { ADDRCONFIG } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { type Clock, systemClock } from '../lib/clock.ts';
import { createFairSlots } from '../lib/fair-slots.ts';
import { untilAborted } from './call-scope.ts';

/** Concurrent lookups over all people; Node's pool has four threads. */
const MAX_AT_ONCE = 3;
/** Milliseconds after which a lookup counts as slow. */
const SLOW_MS = 2_000;
/** Milliseconds for which a person with a slow lookup shares a place with other such people. */
const SLOW_FOR_MS = 60_000;
/** Concurrent lookups over all such people. */
const MAX_SLOW_AT_ONCE = 1;

/** One address of a host name. `family` is 4 or 6. */
export type ResolvedAddress = { address: string; family: number };

/** Rejects as `dns.lookup` does, or with the signal's reason. `enteredBy`: whose lookups wait for each other. */
export type AddressLookup = (
  host: string,
  options: { enteredBy: string; signal: AbortSignal },
) => Promise<ResolvedAddress[]>;

/** The system's own lookup, which also reads numbers as addresses (127.1, 0x7f.1, 2130706433). */
const systemLookup = (host: string): Promise<ResolvedAddress[]> =>
  lookup(host, { all: true, hints: ADDRCONFIG });

/**
 * A person whose lookup took long shares one place with all others of that kind for a while, so that a few people with names that
 * never resolve cannot take every place repeatedly. Kept in this process, as the threads are.
 */
export function createAddressLookup({
  clock = systemClock,
  resolve = systemLookup,
}: {
  clock?: Clock;
  resolve?: (host: string) => Promise<ResolvedAddress[]>;
} = {}): AddressLookup {
  // One's own turn comes first: only then it is known whether the lookup before was slow.
  const turns = createFairSlots({ limit: Number.POSITIVE_INFINITY, perShare: 1 });
  const slowSlots = createFairSlots({ limit: MAX_SLOW_AT_ONCE });
  const slots = createFairSlots({ limit: MAX_AT_ONCE });
  /** When a person's lookups count as quick again. A quick one in between changes nothing: an attacker can produce those too. */
  const slowUntil = new Map<string, number>();

  const isSlow = (person: string): boolean => (slowUntil.get(person) ?? 0) > clock.now();
  const took = (person: string, ms: number): void => {
    if (ms <= SLOW_MS) return;
    for (const one of slowUntil.keys()) if (!isSlow(one)) slowUntil.delete(one);
    slowUntil.set(person, clock.now() + SLOW_FOR_MS);
  };

  return async (host, { enteredBy, signal }) => {
    if (isIP(host) !== 0) return resolve(host);
    const releases: Array<() => void> = [];
    const release = (): void => {
      for (const one of releases) one();
    };
    try {
      releases.push(await turns.acquire(enteredBy, signal));
      if (isSlow(enteredBy)) releases.push(await slowSlots.acquire(enteredBy, signal));
      releases.push(await slots.acquire(enteredBy, signal));
    } catch (error) {
      release();
      throw error;
    }
    const startedAt = clock.now();
    const answer = resolve(host).finally(() => {
      took(enteredBy, clock.now() - startedAt);
      release();
    });
    // A lookup cannot be aborted: it keeps its place until it ends, even when its caller has left.
    return untilAborted(answer, signal);
  };
}
