// Opens the TCP connection that SSH runs over, to the addresses that were checked and to no other.
import { connect, type Socket } from 'node:net';
import type { ResolvedAddress } from './address-lookup.ts';
import { earlyFailure } from './failures.ts';

/** Happy-eyeballs pause, milliseconds. Node's 250 gives up on a server that is further away than that. */
const NEXT_ADDRESS_AFTER_MS = 3000;

export type DialOptions = {
  /** Whether an address may be connected to; the returned error ends the call when none may be. */
  refusalOf: (address: string) => Error | null;
  /** All addresses of a host; rejects as `dns.lookup` does. */
  lookup: (host: string, signal: AbortSignal) => Promise<ResolvedAddress[]>;
  signal: AbortSignal;
};

/**
 * Connects to `host:port`. The name is resolved once: a second answer could differ from the checked address.
 * Always with `noDelay`: with Nagle's algorithm each command takes 31 times as long (measured).
 * Rejects with an AppError of kind `dns`, `refused`, `timeout` or `other`; with the signal's reason when aborted.
 */
export async function dialTcp(
  host: string,
  port: number,
  { refusalOf, lookup, signal }: DialOptions,
): Promise<Socket> {
  const hostPort = `${host}:${port}`;
  signal.throwIfAborted();
  const found = await lookup(host, signal).catch((error: unknown) => {
    throw signal.aborted ? signal.reason : earlyFailure(error, hostPort);
  });
  signal.throwIfAborted();
  const allowed = found.filter(({ address }) => refusalOf(address) === null);
  const [first] = allowed;
  if (first === undefined)
    throw (found[0] && refusalOf(found[0].address)) ?? earlyFailure({ code: 'ENODATA' }, hostPort);
  return connectTo(allowed.length === 1 ? first.address : host, port, allowed, hostPort, signal);
}

/** @param host an address, or the name that stands for `addresses` */
function connectTo(
  host: string,
  port: number,
  addresses: readonly ResolvedAddress[],
  hostPort: string,
  signal: AbortSignal,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      host,
      port,
      noDelay: true,
      autoSelectFamily: true,
      autoSelectFamilyAttemptTimeout: NEXT_ADDRESS_AFTER_MS,
      // Returns the checked addresses instead of asking the name server again.
      lookup: (_name, _options, answer) => answer(null, [...addresses]),
    });
    // Stays for the socket's life: an 'error' without a listener would end the process.
    socket.on('error', () => {});

    const settle = () => {
      signal.removeEventListener('abort', stop);
      socket.off('connect', onConnect).off('error', onError);
    };
    const stop = () => {
      settle();
      socket.destroy();
      reject(signal.reason);
    };
    const onConnect = () => {
      settle();
      resolve(socket);
    };
    const onError = (error: Error) => {
      settle();
      socket.destroy();
      reject(earlyFailure(error, hostPort));
    };
    signal.addEventListener('abort', stop, { once: true });
    socket.once('connect', onConnect).once('error', onError);
  });
}
