// Lets nothing secret pass to the gateway's port while another account of the server holds it: any account may listen there while the gateway is down.
import { AppError } from '../../lib/app-error.ts';
import type { Clock } from '../../lib/clock.ts';
import { withTimeout } from '../../lib/with-timeout.ts';
import type { CallOptions, Ssh } from '../../ssh/ssh.ts';
import { deadlineError } from '../gateway/call-limit.ts';
import type { GatewayAccess } from './installation.ts';
import { type KeyValues, readKeyValues } from './key-values.ts';
import { portGuardScript } from './scripts.ts';

export type PortGuard = {
  /**
   * Resolves when every socket of the gateway's port belongs to root, the login, the owner of the config file or the account of the system
   * unit. To be called when the stream to the port is open and nothing secret has been sent: who accepted it is seen even after having stopped
   * listening. Throws AppError, `bad_gateway` when another account holds the port or the server does not show who does.
   */
  check(serverId: string, access: GatewayAccess, options: CallOptions): Promise<void>;
};

/** Milliseconds of one check that several callers share; each caller's own deadline may be shorter. */
const SHARED_CHECK_MS = 10_000;
/** Bytes; the script prints 200 rows of less than 80 bytes at most. */
const MAX_OUTPUT_BYTES = 64 * 1024;
const ROOT = 0;

export function createPortGuard({ ssh, clock }: { ssh: Pick<Ssh, 'script'>; clock: Clock }): PortGuard {
  /** Checks that have begun; they may have passed the socket of a later stream. They never reject. */
  const running = new Map<string, Promise<unknown>>();
  /** Checks that begin when the one before has ended: they see each stream that is open by now. */
  const waiting = new Map<string, Promise<void>>();

  async function readOwners(serverId: string, { port, configPath, account }: GatewayAccess): Promise<void> {
    const result = await ssh.script(
      serverId,
      portGuardScript,
      [port.toString(16).toUpperCase().padStart(4, '0'), configPath ?? '', account ?? ''],
      { deadlineMs: SHARED_CHECK_MS, maxOutputBytes: MAX_OUTPUT_BYTES },
    );
    refuseOthers(readKeyValues(result), port);
  }

  function nextCheck(serverId: string, access: GatewayAccess): Promise<void> {
    const key = JSON.stringify([serverId, access.port, access.configPath, access.account]);
    const next = waiting.get(key);
    if (next !== undefined) return next;
    const begin = async (): Promise<void> => {
      await running.get(key);
      waiting.delete(key);
      const reading = readOwners(serverId, access);
      const over = reading
        .catch(() => {})
        .then(() => {
          if (running.get(key) === over) running.delete(key);
        });
      running.set(key, over);
      return reading;
    };
    const started = begin();
    waiting.set(key, started);
    return started;
  }

  return {
    check: (serverId, access, options) =>
      withTimeout(nextCheck(serverId, access), options, clock, deadlineError),
  };
}

function refuseOthers(values: KeyValues, port: number): void {
  const rows: string[] = [];
  const count = values.count('tables') === 1 ? values.count('rows') : null;
  // The script counts more rows than it prints.
  for (let row = values.text('row1'); row !== null; row = values.text(`row${rows.length + 1}`))
    rows.push(row);
  const uids = uidsOn(rows, port);
  const ours = new Set([ROOT, values.count('login'), values.count('config'), values.count('account')]);
  const other = [...(uids ?? [])].find((uid) => !ours.has(uid));
  if (other !== undefined)
    throw refusal(
      `Another account of this server (uid ${other}) listens on the port of the gateway, so Buoy sent it nothing.`,
      "Find its process with `ss -ltnp` (or `ss -tanp`) as root and stop it. If in doubt, rotate the gateway's token.",
      { reason: 'port_of_another_account', port, uid: other },
    );
  if (uids === null || count !== rows.length)
    throw refusal(
      'Buoy cannot read on this server who listens on the port of the gateway, so it sent nothing there.',
      'Allow its login to read /proc/net/tcp and /proc/net/tcp6.',
      { reason: 'port_owner_unread', port },
    );
  if (uids.size === 0)
    throw refusal(
      'Buoy does not see any account of this server listen on the port of the gateway, so it sent nothing there.',
      'Run the gateway on the server itself: who listens in another network namespace cannot be seen.',
      { reason: 'port_owner_unseen', port },
    );
}

const ROW = /^([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4}) ([0-9A-F]{2}) (\d{1,10})$/;
/** What is left of a connection that has ended; it belongs to nobody. */
const TIME_WAIT = '06';

/**
 * Who holds sockets that a stream to `port` of the loopback address can have reached, listening or not.
 * @param rows local address and port, state and uid as in /proc/net/tcp and tcp6
 * @returns null for rows that are none
 */
export function uidsOn(rows: readonly string[], port: number): Set<number> | null {
  const uids = new Set<number>();
  for (const row of rows) {
    const [, address = '', hexPort = '', state, uid] = ROW.exec(row) ?? [];
    if (uid === undefined) return null;
    if (Number.parseInt(hexPort, 16) === port && state !== TIME_WAIT && isReached(address))
      uids.add(Number(uid));
  }
  return uids;
}

/**
 * Where a stream to 127.0.0.1 can end: that address or any, of IPv4, IPv6, or IPv4 within IPv6. Other loopback addresses do not count, or
 * every account could keep Buoy out by listening there. The kernel prints words of 32 bits in the order of its processor; both orders count.
 */
function isReached(address: string): boolean {
  const last = address.slice(-8);
  const before = address.slice(0, -8);
  const isV4 = /^(|0{16}(FFFF0000|0000FFFF))$/.test(before) && /^(00000000|0100007F|7F000001)$/.test(last);
  return isV4 || /^0{32}$/.test(address);
}

function refusal(
  message: string,
  hint: string,
  details: { reason: string; port: number; uid?: number },
): AppError {
  return new AppError('bad_gateway', message, { hint, details });
}
