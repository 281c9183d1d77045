// Checks that each managed server's SSH version line can be read from this machine, without a login.
import { connect } from 'node:net';
import { isAppError } from '../lib/app-error.ts';
import type { ServerRow } from '../servers/servers.store.ts';
import type { AddressLookup } from '../ssh/address-lookup.ts';
import type { AddressPolicy } from '../ssh/address-policy.ts';
import { earlyFailure } from '../ssh/failures.ts';
import { exchangeGreetings } from '../ssh/greeting.ts';
import { type CheckResult, ok, problem } from './check-result.ts';

const DEADLINE_MS = 10_000;
const MAX_AT_ONCE = 16;

export type Reached = Pick<ServerRow, 'name' | 'host' | 'port' | 'jumpServerId' | 'mayUseDeniedNetworks'>;

export async function checkServers(
  servers: readonly Reached[],
  parts: { lookup: AddressLookup; policy: AddressPolicy },
): Promise<CheckResult[]> {
  if (servers.length === 0) return [{ about: 'servers', state: 'not set up', says: 'none yet.' }];
  const results: CheckResult[] = [];
  const waiting = servers.entries();
  const work = async (): Promise<void> => {
    for (const [index, server] of waiting) results[index] = await checkServer(server, parts);
  };
  await Promise.all(Array.from({ length: MAX_AT_ONCE }, work));
  return results;
}

async function checkServer(
  { name, host, port, jumpServerId, mayUseDeniedNetworks }: Reached,
  { lookup, policy }: { lookup: AddressLookup; policy: AddressPolicy },
): Promise<CheckResult> {
  const about = `server ${name}`;
  const hostPort = `${host}:${port}`;
  if (jumpServerId !== null)
    return ok(about, 'reached through its jump server, which is checked on its own.');
  const signal = AbortSignal.timeout(DEADLINE_MS);
  try {
    const addresses = await lookup(host, { enteredBy: 'doctor', signal });
    const allowed = addresses.filter(
      ({ address }) => mayUseDeniedNetworks === 1 || !policy.isDenied(address),
    );
    const [first] = allowed;
    if (first === undefined)
      return problem(
        about,
        `${host} is in a network of SSH_DENIED_NETWORKS.`,
        'Enter its public address, or let a super-admin enter it.',
      );
    const began = performance.now();
    await greet(first.address, port, hostPort, signal);
    return ok(about, `an SSH server answers at ${hostPort} in ${Math.round(performance.now() - began)} ms.`);
  } catch (error) {
    const failure = isAppError(error) ? error : earlyFailure(error, hostPort);
    return problem(about, failure.message, failure.hint ?? `From this machine: ssh -v -p ${port} ${host}`);
  }
}

/** @throws AppError, or the error of the socket */
async function greet(address: string, port: number, hostPort: string, signal: AbortSignal): Promise<void> {
  const socket = connect({ host: address, port });
  const onAbort = (): void => void socket.destroy(Object.assign(new Error('timeout'), { code: 'ETIMEDOUT' }));
  signal.addEventListener('abort', onAbort);
  try {
    await exchangeGreetings(socket, hostPort);
  } finally {
    signal.removeEventListener('abort', onAbort);
    socket.on('error', () => undefined);
    socket.destroy();
  }
}
