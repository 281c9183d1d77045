// Exchanges of keys after the first one: ssh2 keeps back all that is to be sent meanwhile, so that none may last, nor much be kept back.
import type { Client } from 'ssh2';
import type { AppError } from '../lib/app-error.ts';
import type { Clock } from '../lib/clock.ts';
import { CUT, failure } from './failures.ts';
import { onKeyExchange } from './ssh2-internals.ts';

/** Packets that may be kept back: all are encrypted at once, which takes some 30 ms. They are requests, and few; data waits in its channel. */
const MAX_KEPT_PACKETS = 1_000;
/** The same in bytes: a piece of a file in each session, and their commands. */
const MAX_KEPT_BYTES = 4 * 1024 * 1024;

export type KeyExchanges = {
  isUnderWay(): boolean;
  /** What is kept back. */
  kept(): { packets: number; bytes: number };
  /** Calls `listener` once this exchange has ended. */
  onEnded(listener: () => void): void;
  /** For a connection that is lost. */
  stop(): void;
};

/**
 * Call once, after `connect`.
 * @param maxMs milliseconds that an exchange may take; they begin anew while what was written before it still goes out
 * @param unsentBytes bytes that wait in the socket
 * @param onTooLong called when it takes longer; the connection must be cut
 * @param onTooMuch called when more is kept back than Buoy has to send; the connection must be cut
 */
export function watchKeyExchanges(
  client: Client,
  {
    clock,
    maxMs,
    unsentBytes,
    onTooLong,
    onTooMuch,
  }: {
    clock: Clock;
    maxMs: number;
    unsentBytes: () => number;
    onTooLong: () => void;
    onTooMuch: () => void;
  },
): KeyExchanges {
  let isUnderWay = false;
  let packets = 0;
  let bytes = 0;
  let stopTimer = () => {};
  const waiting = new Set<() => void>();

  const startTimer = (): void => {
    const before = unsentBytes();
    stopTimer = clock.after(maxMs, () => (unsentBytes() < before ? startTimer() : onTooLong()));
  };

  client.once('handshake', () =>
    onKeyExchange(client, {
      onBegun() {
        isUnderWay = true;
        startTimer();
      },
      onKept(packet) {
        packets += 1;
        bytes += packet.length;
        if (packets > MAX_KEPT_PACKETS || bytes > MAX_KEPT_BYTES) onTooMuch();
      },
    }),
  );
  client.on('handshake', () => {
    stopTimer();
    isUnderWay = false;
    packets = 0;
    bytes = 0;
    const listeners = [...waiting];
    waiting.clear();
    for (const listener of listeners) listener();
  });

  return {
    isUnderWay: () => isUnderWay,
    kept: () => ({ packets, bytes }),
    onEnded: (listener) => void waiting.add(listener),
    stop() {
      stopTimer();
      waiting.clear();
    },
  };
}

/** The server began an exchange and did not end it. */
export function exchangeFailure(hostPort: string): AppError {
  return failure('timeout', 'unreachable', `${hostPort} did not finish an exchange of keys.`, {
    details: { reason: CUT },
    hint: 'Try again; an overloaded server or a firewall that drops large packets (MTU) can cause this.',
  });
}
