// One kept connection a server, shared by all calls, with bounded channels and a bounded queue before them.
import type { Duplex } from 'node:stream';
import { AppError, isAppError } from '../lib/app-error.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import { createSlots, type Slots } from '../lib/slots.ts';
import { type Breaker, createBreaker } from './breaker.ts';
import { type CallScope, createCallScope } from './call-scope.ts';
import { type OpenChannel, type Opener, openChannel } from './channel.ts';
import type { Connection } from './connection.ts';
import type { Connector, OpenTunnel } from './connector.ts';
import { kindOf, lostFailure, timeoutFailure } from './failures.ts';
import type { Forwarded } from './forward.ts';
import type { SshLimits } from './limits.ts';
import type { ConnectionState } from './ssh.ts';

/** Sessions (exec, SFTP), shells, forwarded streams, and the connections of other servers that lead through this one. */
export type SshChannelKind = 'session' | 'shell' | 'forward' | 'tunnel';

/** What the pool holds at this moment, over all servers. */
export type SshLoad = {
  /** Kept connections that are up. */
  connections: number;
  /** Places taken, by what for; a call has its place while it connects. */
  channels: Record<SshChannelKind, number>;
  /** Calls that wait for a place. */
  waiting: number;
  /** Servers whose calls are refused for now after repeated failures. */
  openCircuits: number;
};

export type Pool = {
  /** A channel on the kept connection, which is made first if need be. Rejects with an AppError. */
  channel<T>(
    serverId: string,
    lane: SshChannelKind,
    opener: Opener<T>,
    scope: CallScope,
  ): Promise<OpenChannel<T>>;
  /** A stream on a jump host's kept connection. */
  openTunnel: OpenTunnel;
  reset(serverId: string): void;
  state(serverId: string): ConnectionState;
  watchSending(serverId: string): () => boolean;
  load(): SshLoad;
  onStateChange(listener: (serverId: string, state: ConnectionState) => void): () => void;
  close(): Promise<void>;
};

type Attempt = { connection: Promise<Connection>; cancel: AbortController };

type Entry = {
  serverId: string;
  breaker: Breaker;
  lanes: Record<SshChannelKind, Slots>;
  connection: Connection | null;
  /** Those that take no new channels: each ends with its last one. */
  retired: Set<Connection>;
  /** How many have been made. */
  made: number;
  /** Connections in a row that were lost soon after the login. */
  soonLost: number;
  attempt: Attempt | null;
};

const lanes: readonly SshChannelKind[] = ['session', 'shell', 'forward', 'tunnel'];

/** Milliseconds after which sessions are opened to the full number again, once the server had refused one. */
const NARROWED_MS = 60_000;
/** Milliseconds after the login within which a connection is lost soon, and how many of them in a row do not count as failures. */
const SOON_MS = 10_000;
const MAX_SOON_LOST = 3;
/** Milliseconds that `close` waits for connections to end. */
const ABORT_GRACE_MS = 500;

export function createPool({
  connector,
  clock,
  logger,
  limits,
  random,
}: {
  connector: Connector;
  clock: Clock;
  logger: Logger;
  limits: SshLimits;
  random: () => number;
}): Pool {
  const entries = new Map<string, Entry>();
  const listeners = new Set<(serverId: string, state: ConnectionState) => void>();
  /** Channels in use by connection. */
  const usage = new WeakMap<Connection, number>();
  /** Connections on which the server took or refused a channel: it is truly there. */
  const proven = new WeakSet<Connection>();
  /** When each was made. */
  const madeAt = new WeakMap<Connection, number>();
  let closed = false;

  function entryOf(serverId: string): Entry {
    const known = entries.get(serverId);
    if (known !== undefined) return known;
    const slots = (limit: number) => createSlots({ limit, maxWaiting: limits.waiting });
    const entry: Entry = {
      serverId,
      breaker: createBreaker({ clock, limits, random }),
      lanes: {
        session: slots(limits.sessions),
        shell: slots(limits.shells),
        forward: slots(limits.forwards),
        tunnel: slots(limits.tunnels),
      },
      connection: null,
      retired: new Set(),
      made: 0,
      soonLost: 0,
      attempt: null,
    };
    entries.set(serverId, entry);
    return entry;
  }

  function announce(entry: Entry): void {
    for (const listener of [...listeners]) {
      try {
        listener(entry.serverId, stateOf(entry));
      } catch (error) {
        logger.error({ err: error, serverId: entry.serverId }, 'a listener for the connection state failed');
      }
    }
  }

  function stateOf(entry: Entry | undefined): ConnectionState {
    if (entry === undefined) return 'idle';
    if (entry.connection !== null) return 'connected';
    return entry.attempt !== null ? 'connecting' : entry.breaker.state();
  }

  function start(entry: Entry): Attempt {
    const cancel = new AbortController();
    const scope = createCallScope({ deadlineMs: limits.connectTimeoutMs, signal: cancel.signal, clock });
    const attempt: Attempt = {
      cancel,
      connection: connector
        .connectKnown(entry.serverId, scope, openTunnel)
        .then(
          (connection) => adopt(entry, attempt, connection),
          (error: unknown) => {
            if (entry.attempt === attempt) giveUp(entry, error);
            throw error;
          },
        )
        .finally(scope.dispose),
    };
    // Every caller may have left before the outcome.
    attempt.connection.catch(() => {});
    return attempt;
  }

  function adopt(entry: Entry, attempt: Attempt, connection: Connection): Connection {
    if (entry.attempt !== attempt || entries.get(entry.serverId) !== entry) {
      connection.end();
      throw lostFailure(connection.hostPort, false);
    }
    entry.attempt = null;
    entry.connection = connection;
    entry.made += 1;
    madeAt.set(connection, clock.now());
    entry.lanes.session.setLimit(limits.sessions);
    logger.info({ serverId: entry.serverId }, 'ssh connection is up');
    connection.onLost((cause) => {
      if (entry.connection !== connection) return;
      entry.connection = null;
      entry.soonLost = isNew(connection) ? entry.soonLost + 1 : 0;
      // A server that drops every login counts as unreachable, and so does one that drops each connection after a command.
      if (!proven.has(connection) || entry.soonLost > MAX_SOON_LOST)
        entry.breaker.failed(lostFailure(connection.hostPort, false, cause));
      logger.info({ serverId: entry.serverId }, 'ssh connection is down');
      announce(entry);
    });
    announce(entry);
    return connection;
  }

  function isNew(connection: Connection): boolean {
    return clock.now() - (madeAt.get(connection) ?? 0) < SOON_MS;
  }

  function giveUp(entry: Entry, error: unknown): void {
    entry.attempt = null;
    // A failing jump host, a server that is gone or a key that cannot be read say nothing about the server.
    const counts = isAppError(error, 'unreachable', 'ssh_auth', 'host_key_changed') && !isJumpItself(error);
    if (counts) entry.breaker.failed(error);
    else entry.breaker.undecided();
    const code = isAppError(error) ? error.code : 'internal';
    const kind = isAppError(error) ? kindOf(error) : 'other';
    logger.warn({ serverId: entry.serverId, code, kind }, 'ssh connection failed');
  }

  async function connected(entry: Entry, scope: CallScope): Promise<Connection> {
    let mine: Attempt | null = null;
    for (;;) {
      if (closed) throw new AppError('shutting_down', 'Buoy is shutting down.');
      if (entry.connection !== null) return entry.connection;
      if (entry.attempt === null) {
        const verdict = entry.breaker.admit();
        if (verdict.go === 'refuse') throw verdict.error;
        if (verdict.go === 'wait') {
          await scope.wait(new Promise<void>((resolve) => void clock.after(verdict.ms, resolve)));
          continue;
        }
        mine = start(entry);
        entry.attempt = mine;
      } else if (entry.breaker.onTrial() && entry.attempt !== mine) {
        throw entry.breaker.refusal();
      }
      const attempt: Attempt = entry.attempt;
      try {
        return await scope.wait(attempt.connection);
      } catch (error) {
        if (scope.signal.aborted || !attempt.cancel.signal.aborted) throw error;
        // Reset while connecting: once more with the new settings.
      }
    }
  }

  async function connectedInTime(entry: Entry, scope: CallScope): Promise<Connection> {
    try {
      return await connected(entry, scope);
    } catch (error) {
      // It never connected: "unreachable" is more precise than "too slow".
      throw isAppError(error, 'deadline') ? timeoutFailure('network', 'The server') : error;
    }
  }

  async function channel<T>(serverId: string, lane: SshChannelKind, opener: Opener<T>, scope: CallScope) {
    if (closed) throw new AppError('shutting_down', 'Buoy is shutting down.');
    let lost = 0;
    for (;;) {
      // Anew for each attempt: a reset forgets an entry without a slot in use, and what is connected by such a one, no later reset would close.
      const entry = entryOf(serverId);
      const slots = entry.lanes[lane];
      const refusal = entry.connection === null ? entry.breaker.refusal() : null;
      if (refusal !== null) throw refusal;
      const leave = await slots.acquire(scope.signal);
      let connection: Connection;
      try {
        connection = await connectedInTime(entry, scope);
      } catch (error) {
        leave();
        throw error;
      }
      const release = use(entry, connection);
      const hasCompany = slots.inUse() > 1;
      const opening = await openChannel({
        connection,
        opener,
        signal: scope.signal,
        clock,
        limits,
        retire: () => retire(entry, connection),
        onFreed() {
          leave();
          release();
        },
      });
      if (opening.outcome !== 'lost') {
        proven.add(connection);
        if (entry.soonLost <= MAX_SOON_LOST || !isNew(connection)) entry.breaker.succeeded();
        else entry.breaker.undecided();
      }
      if (opening.outcome === 'opened') return opening.channel;
      if (opening.outcome === 'lost') {
        // Nothing has run: a connection that died unnoticed (reboot, NAT) is replaced once, and the caller never knows.
        lost += 1;
        if (opening.started || lost > 1) throw opening.error;
        continue;
      }
      // Refused although none of ours was open: a later call would fare no better.
      if (lane !== 'session' || !opening.byLimit || !hasCompany) throw opening.error;
      // MaxSessions is lower than our own limit: wait until one of ours ends, unless all have ended in the meantime.
      slots.setLimit(slots.inUse());
      clock.after(NARROWED_MS, () => slots.setLimit(limits.sessions));
    }
  }

  function use(entry: Entry, connection: Connection): () => void {
    usage.set(connection, (usage.get(connection) ?? 0) + 1);
    return () => {
      const left = (usage.get(connection) ?? 1) - 1;
      usage.set(connection, left);
      if (left === 0 && entry.retired.has(connection)) connection.end();
    };
  }

  /** New calls get a new connection; the old one ends with its last channel. */
  function retire(entry: Entry, connection: Connection): void {
    entry.retired.add(connection);
    connection.onLost(() => void entry.retired.delete(connection));
    if (entry.connection !== connection) return;
    entry.connection = null;
    announce(entry);
  }

  const openTunnel: OpenTunnel = async (serverId, opener, scope) =>
    streamOf(await channel(serverId, 'tunnel', opener, scope));

  return {
    channel,
    openTunnel,
    state: (serverId) => stateOf(entries.get(serverId)),
    watchSending(serverId) {
      const entry = entryOf(serverId);
      const { connection, retired, made } = entry;
      const wasOpen = connection !== null || retired.size > 0;
      return () => wasOpen || entry.made !== made || entries.get(serverId) !== entry;
    },
    load() {
      const load = {
        connections: 0,
        channels: { session: 0, shell: 0, forward: 0, tunnel: 0 },
        waiting: 0,
        openCircuits: 0,
      };
      for (const entry of entries.values()) {
        const state = stateOf(entry);
        if (state === 'connected') load.connections += 1;
        if (state === 'circuit_open') load.openCircuits += 1;
        for (const lane of lanes) {
          load.channels[lane] += entry.lanes[lane].inUse();
          load.waiting += entry.lanes[lane].waiting();
        }
      }
      return load;
    },
    reset(serverId) {
      const entry = entries.get(serverId);
      if (entry === undefined) return;
      const { connection, attempt, retired } = entry;
      entry.attempt = null;
      entry.connection = null;
      entry.breaker.reset();
      attempt?.cancel.abort();
      const cause = new AppError('cancelled', 'The settings of the server changed.');
      connection?.destroy(cause);
      for (const one of [...retired]) one.destroy(cause);
      if (connection !== null) announce(entry);
      if (Object.values(entry.lanes).every((slots) => slots.inUse() === 0)) entries.delete(serverId);
    },
    onStateChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async close() {
      closed = true;
      const endings: Promise<void>[] = [];
      for (const { attempt, connection, retired } of entries.values()) {
        attempt?.cancel.abort();
        for (const open of connection === null ? retired : [connection, ...retired]) {
          endings.push(new Promise((resolve) => void open.onLost(() => resolve())));
          open.end();
          clock.after(ABORT_GRACE_MS, () =>
            open.destroy(new AppError('shutting_down', 'Buoy is shutting down.')),
          );
        }
      }
      await Promise.all(endings);
    },
  };
}

function isJumpItself(error: AppError): boolean {
  return (error.details as { failed?: unknown } | undefined)?.failed === 'jump';
}

/** The stream of an opened forward; it closes its channel, and ends with the connection. */
export function streamOf({ value, connection, abandon }: OpenChannel<Forwarded>): Duplex {
  const { stream } = value;
  const stop = connection.onLost((cause) => stream.destroy(lostFailure(connection.hostPort, true, cause)));
  stream.once('close', () => {
    stop();
    abandon();
  });
  return stream;
}
