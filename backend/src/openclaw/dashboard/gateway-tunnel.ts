// The tunnel from Buoy to a gateway's web port: an SSH stream for each request, and the secret that the gateway requires.
import type { Duplex } from 'node:stream';
import { AppError } from '../../lib/app-error.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Ssh } from '../../ssh/ssh.ts';
import type { GatewayAccess, Installations } from '../host/installation.ts';
import type { PortGuard } from '../host/port-guard.ts';

/** Milliseconds to find the port, open a stream to it and see who holds it. */
const OPEN_MS = 15_000;
/** Bytes that SSH holds of one stream while Buoy does not read it. */
export const TUNNEL_AHEAD_BYTES = 2 * 1024 * 1024;
/** Milliseconds between two reads of the secret after a refusal: some pages are refused whatever the secret. */
const REREAD_INTERVAL_MS = 10_000;

export type TunnelStream = {
  stream: Duplex;
  access: GatewayAccess;
  /** The secret was read for this opening; else it may be an old one. */
  isFresh: boolean;
};

export type GatewayTunnel = {
  /** Throws AppError: unreachable, no gateway, one of another account, no secret that Buoy may read. */
  open(serverId: string, signal: AbortSignal): Promise<TunnelStream>;
  /** The gateway refused the secret: it is read anew the next time. */
  refused(serverId: string): void;
};

export function createGatewayTunnel({
  ssh,
  installations,
  portGuard,
  clock,
}: {
  ssh: Pick<Ssh, 'forward'>;
  installations: Pick<Installations, 'access'>;
  portGuard: PortGuard;
  clock: Clock;
}): GatewayTunnel {
  const outdated = new Set<string>();
  const readAt = new Map<string, number>();
  const readAgain = (serverId: string): void => {
    const last = readAt.get(serverId) ?? Number.NEGATIVE_INFINITY;
    if (clock.now() - last >= REREAD_INTERVAL_MS) outdated.add(serverId);
  };
  return {
    async open(serverId, signal) {
      const endsAt = clock.now() + OPEN_MS;
      const remaining = () => ({ deadlineMs: endsAt - clock.now(), signal });
      const isFresh = outdated.delete(serverId);
      if (isFresh) readAt.set(serverId, clock.now());
      const access = await installations.access(serverId, { ...remaining(), fresh: isFresh });
      if (access.problem !== null)
        throw new AppError('gateway_unavailable', access.problem, {
          hint: 'Buoy cannot log in to this gateway; use the SSH command instead.',
        });
      let stream: Duplex | undefined;
      try {
        stream = await ssh.forward(serverId, '127.0.0.1', access.port, remaining());
        await portGuard.check(serverId, access, remaining());
        return { stream, access, isFresh };
      } catch (error) {
        stream?.destroy();
        // The port may have moved.
        readAgain(serverId);
        throw error;
      }
    },
    refused: readAgain,
  };
}

/** The secret in it, for who must hide it. */
export function secretOf({ auth }: GatewayAccess): string | null {
  if (auth === null) return null;
  return 'token' in auth ? auth.token : auth.password;
}
