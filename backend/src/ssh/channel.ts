// Opens one channel on a connection and frees its slot exactly once, whatever the server does.
import type { Client, ClientChannel, SFTPWrapper } from 'ssh2';
import { type AppError, isAppError } from '../lib/app-error.ts';
import type { Clock } from '../lib/clock.ts';
import type { Connection } from './connection.ts';
import { lostFailure } from './failures.ts';
import type { SshLimits } from './limits.ts';
import { forgetChannel } from './ssh2-internals.ts';

/** How to open, close and explain one kind of channel. */
export type Opener<T> = {
  /** Asks for the channel; `done` is called in the same turn in which the server's answer is read. */
  open(client: Client, done: (error: Error | undefined, value?: T) => void): void;
  /** Asks the server to close it. */
  close(value: T, client: Client): void;
  onClosed(value: T, listener: () => void): void;
  /** What ssh2 keeps of it until the server says that it is closed. */
  channelOf(value: T): ClientChannel | SFTPWrapper;
  /** The server's refusal in words. */
  refused(error: Error): AppError;
};

export type OpenChannel<T> = {
  readonly connection: Connection;
  readonly value: T;
  /** Closes the channel from our side; its place comes back when the server confirms, or after the grace time. */
  abandon(): void;
};

export type Opening<T> =
  | { outcome: 'opened'; channel: OpenChannel<T> }
  /** `byLimit`: the server has too many channels open, later it may say yes. */
  | { outcome: 'refused'; error: AppError; byLimit: boolean }
  /** The connection was lost while the channel was opened. `started`: its command may have started anyway. */
  | { outcome: 'lost'; error: AppError; started: boolean };

/**
 * Opens a channel. Rejects only with the reason of `signal`; a channel that opens after that is closed immediately.
 * @param retire takes the connection out of use once idle: it holds a channel that can no longer be reached
 * @param onFreed called once, when the channel no longer counts
 */
export function openChannel<T>({
  connection,
  opener,
  signal,
  clock,
  limits,
  retire,
  onFreed,
}: {
  connection: Connection;
  opener: Opener<T>;
  signal: AbortSignal;
  clock: Clock;
  limits: Pick<SshLimits, 'closeGraceMs' | 'suspectMs'>;
  retire: () => void;
  onFreed: () => void;
}): Promise<Opening<T>> {
  return new Promise((resolve, reject) => {
    const startedAt = clock.now();
    const receivedBefore = connection.receivedBytes();
    let state: 'opening' | 'abandoned' | 'open' | 'closing' | 'freed' = 'opening';
    let stopGrace = () => {};
    let stopListening = () => {};

    function free(): void {
      if (state === 'freed') return;
      state = 'freed';
      stopGrace();
      stopListening();
      signal.removeEventListener('abort', onAbort);
      onFreed();
    }

    function onAbort(): void {
      if (state !== 'opening') return;
      state = 'abandoned';
      stopGrace = clock.after(limits.closeGraceMs, () => {
        retire();
        free();
      });
      reject(signal.reason);
      const waited = Math.min(clock.now() - startedAt, connection.silentMs());
      if (isAppError(signal.reason, 'deadline') && waited >= limits.suspectMs) {
        connection.destroy(lostFailure(connection.hostPort, false));
      }
    }

    function abandon(value: T): void {
      if (state !== 'open') return;
      state = 'closing';
      stopGrace = clock.after(limits.closeGraceMs, () => {
        forgetChannel(connection.client, opener.channelOf(value));
        free();
      });
      close(value);
    }

    function close(value: T): void {
      try {
        opener.close(value, connection.client);
      } catch (error) {
        // ssh2 throws when its socket is closing: the channel goes with it.
        connection.destroy(error);
      }
    }

    /** Its place is somebody else's already. */
    function onOpenedTooLate(value: T): void {
      close(value);
      forgetChannel(connection.client, opener.channelOf(value));
    }

    function onOpened(value: T): void {
      const wanted = state === 'opening';
      stopGrace();
      state = 'open';
      signal.removeEventListener('abort', onAbort);
      opener.onClosed(value, free);
      if (wanted)
        resolve({ outcome: 'opened', channel: { connection, value, abandon: () => abandon(value) } });
      else abandon(value);
    }

    function onRefused(error: Error): void {
      const reason = (error as { reason?: unknown }).reason;
      const byPeer = typeof reason === 'number';
      // The channel opened, but its request was refused: ssh2 does not expose such a channel.
      if (!byPeer) retire();
      resolve({ outcome: 'refused', error: opener.refused(error), byLimit: byPeer });
      free();
    }

    stopListening = connection.onLost((cause) => {
      // ssh2 sends the command as soon as the channel is confirmed, and calls back only when the command is, too. Not one
      // byte since we asked: then it was not confirmed, and nothing can have run.
      const started = connection.receivedBytes() > receivedBefore;
      resolve({ outcome: 'lost', error: lostFailure(connection.hostPort, started, cause), started });
      free();
    });
    if (state !== 'opening') return;
    if (signal.aborted) {
      reject(signal.reason);
      free();
      return;
    }
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      opener.open(connection.client, (error, value) => {
        if (error !== undefined) {
          if (state !== 'freed') onRefused(error);
        } else if (state === 'freed') onOpenedTooLate(value as T);
        else onOpened(value as T);
      });
    } catch (error) {
      // ssh2 throws when its socket is no longer writable: the connection is on its way out.
      connection.destroy(error);
    }
  });
}
