// The kept connection to the gateway of one server: made on demand, made again when it breaks while SSH is up.
import { isAppError } from '../../lib/app-error.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import { withTimeout } from '../../lib/with-timeout.ts';
import type { Ssh } from '../../ssh/ssh.ts';
import type { GatewayAccess, Installations } from '../host/installation.ts';
import type { PortGuard } from '../host/port-guard.ts';
import { createReconnectBackOff, LASTING_MS } from './back-off.ts';
import { type CallLimit, deadlineError } from './call-limit.ts';
import { type Connection, openConnection } from './connection.ts';
import { droppedFailure, noSecret, retryAfter, wantsNewSecret } from './failures.ts';
import type { GatewayConnectionState, GatewayEvent } from './gateways.ts';
import type { HeldFrames } from './held-frames.ts';

export type ManagedConnection = {
  /** The connection, or the failure to get one, within `limit`. Throws AppError. */
  connection(limit: CallLimit): Promise<Connection>;
  isUp(): boolean;
  /** The SSH connection of this server came up. */
  onSshUp(): void;
  close(): Promise<void>;
};

export type ManagedConnectionParts = {
  serverId: string;
  ssh: Ssh;
  installations: Installations;
  portGuard: PortGuard;
  clock: Clock;
  logger: Logger;
  random: () => number;
  /** Of all links together; the owners of the servers take turns. */
  myTurn: (owner: string) => Promise<void>;
  /** Of all links together. */
  heldFrames: HeldFrames;
  /** Whose server it is. */
  owner: () => Promise<string>;
  onEvent(event: GatewayEvent): void;
  onStateChange(state: GatewayConnectionState): void;
};

/** Milliseconds of one attempt that several callers share: config file, stream, handshake. */
const ATTEMPT_MS = 10_000;
/** Milliseconds for which a failure answers further callers, so that many of them make few attempts. */
const FAILURE_HOLDS_MS = 250;
/** The same after a refused secret: gateways lock out those who try often. */
const REFUSAL_HOLDS_MS = 5_000;
/** Milliseconds of a pause after a lost connection beyond which it also holds for callers: the gateway has hung up several times in a row. */
const LONG_PAUSE_MS = 1_000;
/** Milliseconds between two reads of the config file while no usable gateway answers: a stopped gateway does not justify more. */
const REREAD_INTERVAL_MS = 30_000;
/** The longest pause that a gateway may ask for. */
const MAX_RETRY_AFTER_MS = 60_000;

export function createManagedConnection(parts: ManagedConnectionParts): ManagedConnection {
  const { serverId, ssh, installations, portGuard, clock, logger, myTurn, onEvent, onStateChange } = parts;
  const { heldFrames } = parts;
  const backOff = createReconnectBackOff(parts.random, clock);
  let current: Connection | null = null;
  let attempt: Promise<Connection> | null = null;
  let failure: { error: unknown; holdsUntil: number } | null = null;
  let secretIsOld = false;
  let readAt = Number.NEGATIVE_INFINITY;
  let cancelReconnect = () => {};
  let closed = false;
  let sshUpAt = Number.NEGATIVE_INFINITY;
  const ending = new AbortController();

  async function dial(access: GatewayAccess, deadlineAt: number): Promise<Connection> {
    if (access.problem !== null) throw noSecret(access.problem);
    const remaining = () => ({ deadlineMs: deadlineAt - clock.now(), signal: ending.signal });
    const owner = await parts.owner();
    const stream = await ssh.forward(serverId, '127.0.0.1', access.port, remaining());
    let connection: Connection | null = null;
    connection = await openConnection(
      {
        stream,
        access,
        beforeConnect: () => portGuard.check(serverId, access, remaining()),
        myTurn: () => myTurn(owner),
        hold: (onTooMuch) => heldFrames.open(owner, onTooMuch),
        clock,
        events: {
          onEvent,
          onClosed(error) {
            if (current !== connection) return;
            current = null;
            secretIsOld ||= wantsNewSecret(error);
            logger.debug({ serverId, reason: error.message }, 'gateway connection ended');
            // Where SSH itself was lost, the gateway has not hung up.
            const pauseMs = ssh.state(serverId) === 'connected' ? backOff.lost() : 0;
            if (pauseMs > LONG_PAUSE_MS)
              failure = { error, holdsUntil: clock.now() + Math.min(pauseMs, REFUSAL_HOLDS_MS) };
            onStateChange('disconnected');
            scheduleReconnect(retryAfter(error) ?? 0);
          },
        },
      },
      remaining(),
    );
    return connection;
  }

  async function connect(): Promise<Connection> {
    const deadlineAt = clock.now() + ATTEMPT_MS;
    const read = (fresh: boolean) => {
      if (fresh) readAt = clock.now();
      return installations.access(serverId, {
        deadlineMs: deadlineAt - clock.now(),
        signal: ending.signal,
        fresh,
      });
    };
    const wasFresh = secretIsOld;
    const access = await read(secretIsOld);
    secretIsOld = false;
    try {
      return await dial(access, deadlineAt);
    } catch (error) {
      // The port or the secret may have changed: the earlier settings may be outdated.
      const mayHelp = isAppError(error, 'gateway_unavailable', 'bad_gateway') && retryAfter(error) === null;
      const isDue = wantsNewSecret(error) || clock.now() - readAt >= REREAD_INTERVAL_MS;
      if (wasFresh || !mayHelp || !isDue) throw error;
      const again = await read(true);
      if (isSameAccess(access, again)) throw error;
      return await dial(again, deadlineAt);
    }
  }

  function start(): Promise<Connection> {
    cancelReconnect();
    const started = connect().then(
      (connection) => {
        attempt = null;
        if (closed) {
          void connection.close();
          throw droppedFailure();
        }
        current = connection;
        failure = null;
        backOff.connected();
        logger.debug({ serverId, version: connection.hello.version }, 'gateway connected');
        onStateChange('connected');
        return connection;
      },
      (error: unknown) => {
        attempt = null;
        const asked = Math.min(retryAfter(error) ?? 0, MAX_RETRY_AFTER_MS);
        const holds = wantsNewSecret(error) ? REFUSAL_HOLDS_MS : FAILURE_HOLDS_MS;
        secretIsOld ||= wantsNewSecret(error);
        failure = { error, holdsUntil: clock.now() + Math.max(asked, holds) };
        scheduleReconnect(Math.max(asked, wantsNewSecret(error) ? REFUSAL_HOLDS_MS : 0));
        throw error;
      },
    );
    attempt = started;
    started.catch(() => {});
    return started;
  }

  /** Only while SSH is up: the gateway must not cause a connection to an unused server. */
  function scheduleReconnect(atLeastMs: number): void {
    cancelReconnect();
    if (closed || ssh.state(serverId) !== 'connected' || isAppError(failure?.error, 'not_installed')) return;
    cancelReconnect = clock.after(Math.max(atLeastMs, backOff.next()), () => {
      if (closed || current !== null || attempt !== null || ssh.state(serverId) !== 'connected') return;
      void start().catch(() => {});
    });
  }

  return {
    async connection(limit) {
      if (closed) throw droppedFailure();
      if (current !== null) return current;
      if (attempt === null && failure !== null && clock.now() < failure.holdsUntil) throw failure.error;
      return withTimeout(attempt ?? start(), limit, clock, deadlineError);
    },
    isUp: () => current !== null,
    onSshUp() {
      const lasted = clock.now() - sshUpAt >= LASTING_MS;
      sshUpAt = clock.now();
      if (closed || current !== null || attempt !== null) return;
      if (lasted) backOff.retrySoon();
      scheduleReconnect(0);
    },
    async close() {
      closed = true;
      cancelReconnect();
      ending.abort();
      const connection = current;
      current = null;
      await connection?.close();
    },
  };
}

function isSameAccess(one: GatewayAccess, other: GatewayAccess): boolean {
  return one.port === other.port && JSON.stringify(one.auth) === JSON.stringify(other.auth);
}
