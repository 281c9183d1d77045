// Builds the gateway module: one link a server, typed calls over it, health pages beside it.
import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import { observed } from '../../lib/observed.ts';
import { createOneATurn } from '../../lib/one-a-turn.ts';
import { withTimeout } from '../../lib/with-timeout.ts';
import type { Ssh } from '../../ssh/ssh.ts';
import type { Installations } from '../host/installation.ts';
import type { PortGuard } from '../host/port-guard.ts';
import { deadlineError } from './call-limit.ts';
import { misunderstood, retryAfter } from './failures.ts';
import type { GatewayConnectionState, GatewayEvent, Gateways, RpcOptions } from './gateways.ts';
import { createHeldFrames } from './held-frames.ts';
import { createManagedConnection, type ManagedConnection } from './managed-connection.ts';
import { type GatewayObserver, unobserved } from './observer.ts';
import { probeOver } from './probe.ts';

type Listener<T> = (serverId: string, value: T) => void;

/**
 * @param random 0 to 1, for the jitter of the back-off
 * @param observe called for each call, for metrics
 */
export function createGateways({
  ssh,
  installations,
  portGuard,
  clock,
  logger,
  ownerOf,
  random = Math.random,
  observe = unobserved,
}: {
  ssh: Ssh;
  installations: Installations;
  portGuard: PortGuard;
  /** The person whose server it is. */
  ownerOf: (serverId: string) => Promise<string>;
  clock: Clock;
  logger: Logger;
  random?: () => number;
  observe?: GatewayObserver;
}): Gateways & { openConnections(): number } {
  const myTurn = createOneATurn();
  const heldFrames = createHeldFrames();
  const connections = new Map<string, ManagedConnection>();
  const eventListeners = new Set<Listener<GatewayEvent>>();
  const stateListeners = new Set<Listener<GatewayConnectionState>>();

  const stopListening = ssh.onStateChange((serverId, state) => {
    if (state === 'connected') connections.get(serverId)?.onSshUp();
  });

  function connectionTo(serverId: string): ManagedConnection {
    let connection = connections.get(serverId);
    if (connection === undefined) {
      connection = createManagedConnection({
        serverId,
        ssh,
        installations,
        portGuard,
        clock,
        logger,
        random,
        myTurn,
        heldFrames,
        owner: () => ownerOf(serverId),
        onEvent: (event) => tell(eventListeners, serverId, event),
        onStateChange: (state) => tell(stateListeners, serverId, state),
      });
      connections.set(serverId, connection);
    }
    return connection;
  }

  function tell<T>(listeners: Set<Listener<T>>, serverId: string, value: T): void {
    for (const listener of listeners) {
      try {
        listener(serverId, value);
      } catch (error) {
        // A bad event ends neither the connection nor the process, and the other listeners still get it.
        logger.error({ err: error, serverId }, 'dropped a gateway event');
      }
    }
  }

  /** Retries `work`, where the options allow it, while the gateway asks to wait and the deadline allows. */
  async function retryUntilDeadline<T>(
    { deadlineMs, signal, retry }: RpcOptions,
    work: (limit: { deadlineMs: number; signal?: AbortSignal }) => Promise<T>,
  ): Promise<T> {
    const endsAt = clock.now() + deadlineMs;
    for (;;) {
      try {
        return await work({ deadlineMs: endsAt - clock.now(), signal });
      } catch (error) {
        const pauseMs = retry ? retryAfter(error) : null;
        if (pauseMs === null || clock.now() + pauseMs >= endsAt) throw error;
        const pause = new Promise<void>((resolve) => clock.after(pauseMs, resolve));
        await withTimeout(pause, { deadlineMs: endsAt - clock.now(), signal }, clock, deadlineError);
      }
    }
  }

  return {
    hello: (serverId, options) =>
      retryUntilDeadline(options, async (limit) => (await connectionTo(serverId).connection(limit)).hello),

    call: (serverId, method, params, schema, options) => {
      const answer = retryUntilDeadline(options, async ({ deadlineMs, signal }) => {
        const endsAt = clock.now() + deadlineMs;
        const connection = await connectionTo(serverId).connection({ deadlineMs, signal });
        const payload = await connection.request(method, params, {
          deadlineMs: endsAt - clock.now(),
          signal,
        });
        // Parsing the frame took its time: yields to the event loop before the answer is checked.
        await connection.myTurn();
        const parsed = schema.safeParse(payload);
        if (!parsed.success) throw misunderstood(method, parsed.error);
        return parsed.data;
      });
      return observed(observe.call(method), answer);
    },

    probe: (serverId, path, options) =>
      retryUntilDeadline(options, async ({ deadlineMs, signal }) => {
        const endsAt = clock.now() + deadlineMs;
        const { port } = await installations.access(serverId, { deadlineMs, signal });
        const remaining = () => ({ deadlineMs: endsAt - clock.now(), signal });
        const stream = await ssh.forward(serverId, '127.0.0.1', port, remaining());
        return probeOver({ stream, port, path, clock }, remaining());
      }),

    onEvent(listener) {
      eventListeners.add(listener);
      return () => eventListeners.delete(listener);
    },

    onStateChange(listener) {
      stateListeners.add(listener);
      return () => stateListeners.delete(listener);
    },

    reset(serverId) {
      const connection = connections.get(serverId);
      connections.delete(serverId);
      void connection?.close();
      tell(stateListeners, serverId, 'reset');
    },

    openConnections: () => [...connections.values()].filter((connection) => connection.isUp()).length,

    async close() {
      stopListening();
      const open = [...connections.values()];
      connections.clear();
      await Promise.all(open.map((connection) => connection.close()));
    },
  };
}
