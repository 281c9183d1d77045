// Looks host names up, one at a time for each person: a lookup that hangs holds a thread of Node's pool, which files and cryptography need too.
import { ADDRCONFIG } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { createFairSlots } from '../lib/fair-slots.ts';
import { untilAborted } from './call-scope.ts';

/** Lookups at once over all people; Node's pool has four threads. */
const AT_ONCE = 3;

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

export function createAddressLookup({ resolve = systemLookup } = {}): AddressLookup {
  const slots = createFairSlots({ limit: AT_ONCE, perShare: 1 });
  return async (host, { enteredBy, signal }) => {
    if (isIP(host) !== 0) return resolve(host);
    const release = await slots.acquire(enteredBy, signal);
    // A lookup cannot be stopped: it keeps its place until it ends, whoever has stopped waiting.
    return untilAborted(resolve(host).finally(release), signal);
  };
}
