// One logged-in SSH connection: greeting, key exchange, host key check, login, and the moment it is lost.
import type { Duplex } from 'node:stream';
import type { Client, ConnectConfig } from 'ssh2';
import ssh2 from 'ssh2';
import { type AppError, isAppError } from '../lib/app-error.ts';
import type { Clock } from '../lib/clock.ts';
import { createDemandLimit } from './demand-limit.ts';
import {
  type ConnectPhase,
  closedFailure,
  handshakeFailure,
  kindOf,
  lostFailure,
  timeoutFailure,
} from './failures.ts';
import { exchangeGreetings, softwareName } from './greeting.ts';
import { hostKeyOf, hostKeyPreference } from './host-key.ts';
import { exchangeFailure, watchKeyExchanges } from './key-exchanges.ts';
import type { SshLimits } from './limits.ts';
import { createLogin, type Secret } from './login.ts';
import { paceWrites } from './paced-writes.ts';
import type { HostKey, SshTarget } from './ssh.ts';
import {
  guardChannels,
  limitDemands,
  onChannelOpened,
  onRefusedTry,
  onWritten,
  readScheduled,
  waitingPieces,
} from './ssh2-internals.ts';
import type { TurnScheduler } from './turn-scheduler.ts';

export type Connection = {
  readonly client: Client;
  readonly hostPort: string;
  readonly hostKey: HostKey;
  isUp(): boolean;
  /** Milliseconds since the last byte from the server. */
  silentMs(): number;
  /** Bytes that came from the server so far. */
  receivedBytes(): number;
  /** Bytes of memory that wait until the server reads them, about. */
  untakenBytes(): number;
  /** Called once when the connection is lost, immediately if it already is. Returns the unsubscribe function. */
  onLost(listener: (cause: unknown) => void): () => void;
  /** Disconnects in an orderly way. */
  end(): void;
  /** Closes the connection immediately. */
  destroy(cause: unknown): void;
};

/**
 * Bytes that wait until the server reads them. Servers accept 2 MiB for each channel; more than a few of those wait only for one
 * that lets more come than it reads.
 */
const MAX_UNTAKEN_BYTES = 32 * 1024 * 1024;
/** Bytes of memory that a piece takes besides its own, about: a packet of one letter is three of them (measured, Node 24). */
const PIECE_COST_BYTES = 768;

/**
 * curve25519 and the NIST curves, then fixed groups. Group exchange is left out: there the server chooses the numbers.
 * No compression: a small packet must not grow.
 */
const algorithms = {
  kex: [
    'curve25519-sha256',
    'curve25519-sha256@libssh.org',
    'ecdh-sha2-nistp256',
    'ecdh-sha2-nistp384',
    'ecdh-sha2-nistp521',
    'diffie-hellman-group14-sha256',
    'diffie-hellman-group16-sha512',
  ],
  compress: ['none'],
} satisfies ConnectConfig['algorithms'];

export type ConnectOptions = {
  target: Pick<SshTarget, 'host' | 'port' | 'username' | 'hostKey'>;
  secret: Secret;
  /** Opens the byte stream: TCP, or a channel of the jump host. Rejects with an AppError. */
  dial: (signal: AbortSignal) => Promise<Duplex>;
  /** Refuses the host key by rejecting with the AppError that the caller shall see. The login waits for it. */
  checkHostKey: (offered: HostKey) => Promise<void>;
  /** Asked before the credential is sent; rejects with the AppError that the caller shall see. */
  beforeLogin: () => Promise<void>;
  /** Shared by all connections. */
  turns: TurnScheduler;
  /** Its reason `deadline` becomes a timeout in words; any other reason is passed on. */
  signal: AbortSignal;
  clock: Clock;
  limits: Pick<SshLimits, 'keepAliveMs' | 'keepAliveMisses' | 'exchangeMs'>;
};

/** Connects and logs in. Rejects with an AppError whose `details.kind` is set. */
export async function openConnection(options: ConnectOptions): Promise<Connection> {
  const { target, dial, signal } = options;
  const hostPort = `${target.host}:${target.port}`;
  let phase: ConnectPhase = 'network';
  let stream: Duplex | null = null;
  const cut = () => stream?.destroy();
  signal.addEventListener('abort', cut, { once: true });
  try {
    stream = await dial(signal);
    signal.throwIfAborted();
    phase = 'greeting';
    await exchangeGreetings(stream, hostPort);
    signal.throwIfAborted();
    phase = 'handshake';
    return await logIn(stream, hostPort, options, (next) => {
      phase = next;
    });
  } catch (error) {
    stream?.destroy();
    // A jump host that does not answer has its own words.
    if (!signal.aborted || (isAppError(error) && kindOf(error) === 'jump')) throw error;
    throw isAppError(signal.reason, 'deadline') ? timeoutFailure(phase, hostPort) : signal.reason;
  } finally {
    signal.removeEventListener('abort', cut);
  }
}

function logIn(
  stream: Duplex,
  hostPort: string,
  { target, secret, checkHostKey, beforeLogin, turns, clock, limits }: ConnectOptions,
  onPhase: (phase: ConnectPhase) => void,
): Promise<Connection> {
  const client = new ssh2.Client();
  const lostListeners = new Set<(cause: unknown) => void>();
  let phase: ConnectPhase | 'up' | 'lost' = 'handshake';
  let hostKey: HostKey | null = null;
  let lastByteAt = clock.now();
  let receivedBytes = 0;
  let sentBytes = 0;
  let lostCause: unknown;
  const demands = createDemandLimit(clock);

  return new Promise((resolve, reject) => {
    const fail = (error: AppError) => {
      lose(error);
      reject(error);
    };

    const login = createLogin({
      username: target.username,
      secret,
      hostPort,
      async mayTry() {
        await beforeLogin();
        if (phase !== 'login') throw closedFailure('login', hostPort);
      },
      onUnsent: (error) => fail(isAppError(error) ? error : handshakeFailure(error, 'login', hostPort)),
    });

    /** The first cause wins; later events of the same end are only echoes. */
    function lose(cause: unknown): void {
      if (phase === 'lost') return;
      phase = 'lost';
      lostCause = cause;
      stream.destroy();
      const listeners = [...lostListeners];
      lostListeners.clear();
      for (const listener of listeners) listener(cause);
    }

    function onClientError(error: Error): void {
      if (phase === 'up') lose(error);
      else if (phase === 'login' && isRefusedLogin(error, login.tried())) fail(login.failure(error));
      else if (phase !== 'lost') fail(handshakeFailure(error, phase, hostPort));
    }

    const untakenBytes = () => {
      const kept = exchanges.kept();
      const pieces = waitingPieces(stream) + kept.packets;
      return stream.writableLength + kept.bytes + PIECE_COST_BYTES * pieces;
    };

    function onClosed(): void {
      if (phase === 'up') lose(lostFailure(hostPort, true));
      else if (phase !== 'lost') fail(closedFailure(phase, hostPort));
    }

    /** Cuts the connection of a server that demands too much. */
    function orCut(mayContinue: boolean): boolean {
      if (!mayContinue) onClosed();
      return mayContinue;
    }

    const exchanges = watchKeyExchanges(client, {
      clock,
      maxMs: limits.exchangeMs,
      unsentBytes: () => stream.writableLength,
      onTooLong: () => fail(exchangeFailure(hostPort)),
      onTooMuch: onClosed,
    });
    lostListeners.add(exchanges.stop);

    // 'error' stays listened to for good: ssh2 may report late, and an unheard 'error' ends the process.
    client.on('error', onClientError);
    client.on('end', onClosed).on('close', onClosed);
    client.on('change password', () => fail(login.passwordExpired()));
    client.on('handshake', () => {
      // Also emitted after each later exchange of keys, when the connection is long up.
      if (!orCut(demands.keyExchange(receivedBytes + sentBytes)) || phase !== 'handshake') return;
      phase = 'login';
      onPhase('login');
    });
    client.on('ready', () => {
      if (phase !== 'login' || hostKey === null) return;
      phase = 'up';
      onWritten(stream, (bytes) => {
        sentBytes += bytes;
        if (untakenBytes() > MAX_UNTAKEN_BYTES) lose(lostFailure(hostPort, true));
      });
      resolve({
        client,
        hostPort,
        hostKey,
        isUp: () => phase === 'up',
        silentMs: () => clock.now() - lastByteAt,
        receivedBytes: () => receivedBytes,
        untakenBytes,
        onLost(listener) {
          if (phase === 'lost') listener(lostCause);
          else lostListeners.add(listener);
          return () => lostListeners.delete(listener);
        },
        end() {
          if (phase !== 'up') return;
          // ssh2 sends its DISCONNECT and a FIN; pending writes are still sent before the socket closes.
          client.end();
          stream.once('finish', () => lose(lostFailure(hostPort, true)));
        },
        destroy: lose,
      });
    });

    const verify = (blob: Buffer, answer: (valid: boolean) => void): void => {
      const offered = hostKeyOf(blob);
      if (hostKey !== null) {
        // A later exchange of keys: the server must be the one that we logged in to.
        answer(hostKey.fingerprint === offered.fingerprint);
        return;
      }
      checkHostKey(offered).then(
        () => {
          if (phase !== 'handshake') return;
          hostKey = offered;
          try {
            answer(true);
          } catch (error) {
            fail(handshakeFailure(error, 'handshake', hostPort));
          }
        },
        (error) => fail(error),
      );
    };

    try {
      client.connect({
        sock: stream,
        ident: softwareName,
        username: target.username,
        authHandler: login.handler,
        hostVerifier: verify,
        algorithms: { ...algorithms, serverHostKey: hostKeyPreference(target.hostKey) },
        keepaliveInterval: limits.keepAliveMs,
        keepaliveCountMax: limits.keepAliveMisses,
        readyTimeout: 0,
      } as ConnectConfig);
      onRefusedTry(client, login.onRefused);
      limitDemands(client, () => orCut(demands.message()));
      readScheduled(client, stream, turns);
      guardChannels(
        client,
        () => lose(handshakeFailure(new Error('packet size'), 'login', hostPort)),
        () => lose(lostFailure(hostPort, true)),
      );
      onChannelOpened(client, (channel) =>
        paceWrites(channel, { exchanges, turns, isUp: () => phase === 'up' }),
      );
    } catch (error) {
      fail(handshakeFailure(error, 'handshake', hostPort));
    }
    // After ssh2's own listener, so that its stored state is available here.
    stream.on('data', (chunk: Buffer) => {
      receivedBytes += chunk.length;
      lastByteAt = clock.now();
    });
  });
}

/** Reason codes with which servers end a login after too many tries (RFC 4253 §11.1; OpenSSH uses the first). */
const loginEndedReasons = [2, 14];

/** ssh2 ran out of methods, or the server hung up over failed tries. */
function isRefusedLogin(error: Error, tried: boolean): boolean {
  const { level, code } = error as { level?: unknown; code?: unknown };
  return level === 'client-authentication' || (tried && loginEndedReasons.includes(code as number));
}
