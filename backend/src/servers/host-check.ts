// Whether a person may point Buoy to a host: only a super-admin to networks that only Buoy's own machine reaches.

import { AppError } from '../lib/app-error.ts';
import type { Clock } from '../lib/clock.ts';
import type { AddressLookup, ResolvedAddress } from '../ssh/address-lookup.ts';
import type { AddressPolicy } from '../ssh/address-policy.ts';
import type { Caller } from '../users/caller.ts';

/** Milliseconds for resolving the name. A name without an answer is checked when Buoy connects, as all are. */
const LOOKUP_MS = 2_000;

type Address = { host: string; port: number; jumpServerId: string | null };

/**
 * Returns whether the server may be in a denied network, 1 or 0. An unknown host name is not refused. The same address again keeps what it
 * had, unless a super-admin names that of their own server: whoever edits somebody else's has not looked where its name leads.
 * @param before the server as it is; null for a new one
 * @throws AppError `invalid_request` when the host has no address but denied ones
 */
export type HostCheck = (
  caller: Caller,
  address: Address,
  before: (Address & { mayUseDeniedNetworks: number; ownerId: string | null }) | null,
) => Promise<number>;

export function createHostCheck(parts: {
  policy: AddressPolicy;
  lookup: AddressLookup;
  clock: Clock;
}): HostCheck {
  const { policy, lookup, clock } = parts;

  /** Empty when the name is not resolved in time. */
  async function addressesOf(host: string, enteredBy: string): Promise<ResolvedAddress[]> {
    const late = new AbortController();
    const stopTimer = clock.after(LOOKUP_MS, () => late.abort());
    try {
      return await lookup(host, { enteredBy, signal: late.signal });
    } catch {
      return [];
    } finally {
      stopTimer();
    }
  }

  return async ({ user }, address, before) => {
    const entersAgain = user.isSuperAdmin && before?.ownerId === user.id;
    const kept = before !== null && isSame(before, address) ? before.mayUseDeniedNetworks : null;
    if (kept !== null && !entersAgain) return kept;
    // Behind a jump server, that server's network counts.
    if (address.jumpServerId !== null) return 0;
    if (policy.allowsAll) return Number(user.isSuperAdmin);
    const addresses = await addressesOf(address.host, user.id);
    const denied = addresses.filter((one) => policy.isDenied(one.address));
    // Only for the entered address: a name that resolves elsewhere now must not lead to this machine later.
    if (user.isSuperAdmin) return addresses.length === 0 ? (kept ?? 1) : Number(denied.length > 0);
    if (addresses.length > 0 && denied.length === addresses.length) throw deniedHost();
    return 0;
  };
}

function isSame(one: Address, other: Address): boolean {
  return one.host === other.host && one.port === other.port && one.jumpServerId === other.jumpServerId;
}

function deniedHost(): AppError {
  const message = 'This Buoy does not connect to that network (such as loopback or link-local).';
  return new AppError('invalid_request', message, {
    hint: 'Enter the public address of the server, or reach it through a jump server. A super-admin may add this address; SSH_DENIED_NETWORKS says which networks are denied.',
    details: [{ path: 'host', message }],
  });
}
