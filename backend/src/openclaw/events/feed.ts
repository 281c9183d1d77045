// The events of one server while it has readers: keeps the gateway connected, subscribes, and remembers the last events.
import { z } from 'zod';
import { isAppError } from '../../lib/app-error.ts';
import type { Clock } from '../../lib/clock.ts';
import { createReconnectBackOff } from '../gateway/back-off.ts';
import { CHANGE_MS } from '../gateway/deadlines.ts';
import { meansUnreachable } from '../gateway/failures.ts';
import type { Gateways } from '../gateway/gateways.ts';
import type { OpenclawEvent, StreamEvent } from './events.ts';
import { createRing, type Ring } from './ring.ts';

type GatewayEvent = Extract<StreamEvent, { event: 'gateway' }>;
export type FeedEvent = OpenclawEvent | Omit<GatewayEvent, 'id'>;

/** Kept events of one server. A turn has 20 to 60 events of about 1 KB. */
const MAX_RING = { events: 2_000, bytes: 1024 * 1024 };
/** Milliseconds of one attempt to reach the gateway, SSH included. */
const JOIN_MS = 15_000;
/** Milliseconds for which a gateway counts as restarting, at least and at most: measured 6 to 13 s, 36 s under load. */
const MIN_RESTART_MS = 60_000;
const MAX_RESTART_MS = 600_000;

const shutdown = z.looseObject({ restartExpectedMs: z.number().nonnegative().nullish().catch(null) });

export type Feed = {
  readonly ring: Ring<FeedEvent>;
  /** State of the connection to the gateway; null until that is known. */
  gateway(): GatewayEvent['data'] | null;
  /** The first attempt to reach the gateway has ended. Returns whether to keep the feed: the server was reachable. */
  first: Promise<boolean>;
  add(event: OpenclawEvent): void;
  /** The gateway announces its shutdown. */
  onShutdown(payload: unknown): void;
  onConnected(): void;
  onDisconnected(): void;
  /** Resolves with the next event, or when `signal` aborts. */
  more(signal: AbortSignal): Promise<void>;
  close(): void;
};

/** @param random 0 to 1, for the jitter of the back-off */
export function createFeed({
  serverId,
  gateways,
  clock,
  random,
}: {
  serverId: string;
  gateways: Gateways;
  clock: Clock;
  random: () => number;
}): Feed {
  const ring = createRing<FeedEvent>(MAX_RING);
  const backOff = createReconnectBackOff(random, clock);
  const ending = new AbortController();
  const bells = new Set<() => void>();
  const first = Promise.withResolvers<boolean>();
  let gateway: GatewayEvent['data'] | null = null;
  let isJoining = false;
  /** Grows with each lost connection: results of an earlier one are void. */
  let losses = 0;
  let restartsUntil = 0;
  let cancelRetry = () => {};

  function push(event: FeedEvent): void {
    ring.push(event);
    for (const wake of [...bells]) wake();
  }

  /** A restarting gateway is not reported as lost. */
  function tellLost(message: string): void {
    if (gateway?.state === 'restarting' && clock.now() < restartsUntil) return;
    tell({ state: 'disconnected', version: null, message });
  }

  function tell(data: GatewayEvent['data']): void {
    if (JSON.stringify(data) === JSON.stringify(gateway)) return;
    gateway = data;
    push({ event: 'gateway', data });
  }

  /** Connects where there is no connection, and subscribes on it. */
  async function join(): Promise<void> {
    if (isJoining || ending.signal.aborted) return;
    isJoining = true;
    cancelRetry();
    const lossesBefore = losses;
    const limit = { deadlineMs: JOIN_MS, signal: ending.signal };
    try {
      const { version } = await gateways.hello(serverId, limit);
      await subscribe();
      if (losses !== lossesBefore) return retry();
      backOff.connected();
      tell({ state: 'connected', version, message: 'The gateway answers.' });
      first.resolve(true);
    } catch (error) {
      if (ending.signal.aborted) return;
      tellLost(saying(error));
      first.resolve(!meansUnreachable(error));
      retry();
    } finally {
      isJoining = false;
    }
  }

  /** Sessions, their messages and tools of all agents; chats come without. It ends with the connection. */
  async function subscribe(): Promise<void> {
    const options = { deadlineMs: CHANGE_MS, signal: ending.signal, retry: true };
    await gateways.call(serverId, 'sessions.subscribe', {}, z.looseObject({}), options);
  }

  function retry(): void {
    cancelRetry();
    cancelRetry = clock.after(backOff.next(), () => void join());
  }

  void join();
  return {
    ring,
    gateway: () => gateway,
    first: first.promise,
    add: push,
    onShutdown(payload) {
      const expectedMs = shutdown.safeParse(payload).data?.restartExpectedMs;
      if (expectedMs == null) return;
      restartsUntil = clock.now() + Math.min(Math.max(expectedMs, MIN_RESTART_MS), MAX_RESTART_MS);
      tell({ state: 'restarting', version: null, message: 'The gateway is restarting.' });
    },
    onConnected: () => void join(),
    onDisconnected() {
      losses += 1;
      backOff.lost();
      tellLost('The connection to the gateway was lost; Buoy is reconnecting.');
      if (!isJoining) retry();
    },
    more(signal) {
      return new Promise((resolve) => {
        const wake = () => {
          bells.delete(wake);
          signal.removeEventListener('abort', wake);
          resolve();
        };
        bells.add(wake);
        if (signal.aborted || ending.signal.aborted) wake();
        else signal.addEventListener('abort', wake, { once: true });
      });
    },
    close() {
      ending.abort();
      cancelRetry();
      first.resolve(false);
      for (const wake of [...bells]) wake();
    },
  };
}

function saying(error: unknown): string {
  return isAppError(error) ? error.message : 'The gateway could not be read for an unknown reason.';
}
