// The fourteen places where the public face of ssh2 (1.17, pinned) is not enough. Each has a test that fails if ssh2 changes.
import { type Duplex, Readable, Writable } from 'node:stream';
import type { AuthenticationType, Client, ClientChannel, SFTPWrapper, TerminalModes } from 'ssh2';
import { gatherUnread } from './received-data.ts';
import type { TurnScheduler } from './turn-scheduler.ts';

type OpenConfirmation = { packetSize: number };
type Internals = {
  /** The number of a channel → the channel, or a function while it is being opened. */
  _chanMgr: {
    get(channel: number): { incoming?: { state: string }; stderr?: unknown } | undefined;
    update(channel: number, opened: unknown): void;
    remove(channel: number): void;
  };
  _protocol: {
    /** Buoy's part of an exchange of keys that is under way. */
    _kexinit: Buffer | undefined;
    /** Packets that are sent at its end. */
    _queue: Buffer[] | undefined;
    signal(channelId: number, name: string): void;
    start(): void;
    _handlers: {
      CHANNEL_OPEN_CONFIRMATION(protocol: unknown, info: OpenConfirmation): void;
      USERAUTH_FAILURE(protocol: unknown, methods: AuthenticationType[], partialSuccess: boolean): void;
      USERAUTH_INFO_REQUEST(protocol: unknown, ...rest: unknown[]): void;
      GLOBAL_REQUEST(protocol: unknown, name: string, wantsAnswer: boolean, data: unknown): void;
      CHANNEL_OPEN(protocol: unknown, ...rest: unknown[]): void;
      CHANNEL_DATA(protocol: unknown, channel: number, ...rest: unknown[]): void;
      CHANNEL_EXTENDED_DATA(protocol: unknown, channel: number, ...rest: unknown[]): void;
      CHANNEL_REQUEST(
        protocol: unknown,
        channel: number,
        type: string,
        wantsAnswer: boolean,
        data: unknown,
      ): void;
    };
  };
};
type ChannelInternals = {
  incoming: { id: number };
  outgoing: { id: number; state: string; packetSize: number };
};

/** Bytes. RFC 4253 §6.1 requires 32768; a few embedded servers take less. */
const MIN_PACKET_BYTES = 512;

/** Bytes unread in one stream. ssh2 grants 2 MiB; more means that the server ignores it. */
const MAX_UNREAD_BYTES = 8 * 1024 * 1024;

/**
 * Keeps what a server does to its channels from freezing or ending the process, and from filling its memory. Call once, after `connect`.
 * @param onRefused called for a channel that is refused; its connection must be cut
 * @param onUnread called when more waits in a channel than a server may send; its connection must be cut
 */
export function guardChannels(client: Client, onRefused: () => void, onUnread: () => void): void {
  refuseTinyPackets(client, onRefused);
  guardData(client, onUnread);
}

/**
 * Refuses channels whose largest packet is absurdly small: ssh2 cuts its data into packets of that size, and with 0 it
 * loops forever.
 */
function refuseTinyPackets(client: Client, onRefused: () => void): void {
  const handlers = (client as unknown as Internals)._protocol._handlers;
  const confirm = handlers.CHANNEL_OPEN_CONFIRMATION;
  handlers.CHANNEL_OPEN_CONFIRMATION = (protocol, info) => {
    if (info.packetSize < MIN_PACKET_BYTES) onRefused();
    else confirm(protocol, info);
  };
}

/**
 * Drops what a server sends behind the end of a channel: ssh2 would add it to a stream that has ended, whose 'error' ends the process while
 * the server has not yet answered what the channel was opened for, since nobody listens before. What waits to be read takes only as much
 * memory as it has bytes, and is bounded from the first byte on.
 */
function guardData(client: Client, onUnread: () => void): void {
  const { _chanMgr: channels, _protocol } = client as unknown as Internals;
  const handlers = _protocol._handlers;
  const { CHANNEL_DATA: output, CHANNEL_EXTENDED_DATA: errorOutput } = handlers;
  const gathering = new WeakSet<Readable>();
  const guarded =
    (take: typeof output, isError: boolean): typeof output =>
    (protocol, channel, ...rest) => {
      const opened = channels.get(channel);
      if (opened?.incoming?.state !== 'open') return;
      const stream = isError ? opened.stderr : opened;
      // ssh2 reads the answers of SFTP itself, at once.
      if (!(stream instanceof Readable)) return take(protocol, channel, ...rest);
      if (!gathering.has(stream)) {
        gathering.add(stream);
        gatherUnread(stream);
      }
      take(protocol, channel, ...rest);
      if (stream.readableLength > MAX_UNREAD_BYTES) onUnread();
    };
  handlers.CHANNEL_DATA = guarded(output, false);
  handlers.CHANNEL_EXTENDED_DATA = guarded(errorOutput, true);
}

/**
 * Reports each refused login attempt before ssh2 continues: after one with an agent it forgets which methods are left, and that the try
 * was one of two that are needed. Call once, after `connect`.
 */
export function onRefusedTry(
  client: Client,
  listener: (methodsLeft: AuthenticationType[], partialSuccess: boolean) => void,
): void {
  const handlers = (client as unknown as Internals)._protocol._handlers;
  const refused = handlers.USERAUTH_FAILURE;
  handlers.USERAUTH_FAILURE = (protocol, methods, partialSuccess) => {
    listener(methods, partialSuccess);
    refused(protocol, methods, partialSuccess);
  };
}

/**
 * Calls `mayContinue` before each unsolicited message of the server that ssh2 would answer; the message is dropped when it returns false. Host
 * keys that a server sends after the login are always dropped: ssh2 parses and verifies each of them, and Buoy does not use them. Call
 * once, after `connect`.
 */
export function limitDemands(client: Client, mayContinue: () => boolean): void {
  const handlers = (client as unknown as Internals)._protocol._handlers;
  const {
    USERAUTH_INFO_REQUEST: prompt,
    GLOBAL_REQUEST: request,
    CHANNEL_OPEN: open,
    CHANNEL_REQUEST: channelRequest,
  } = handlers;
  handlers.USERAUTH_INFO_REQUEST = (...told) => {
    if (mayContinue()) prompt(...told);
  };
  handlers.GLOBAL_REQUEST = (protocol, name, wantsAnswer, data) => {
    if (wantsAnswer && !mayContinue()) return;
    if (name !== 'hostkeys-00@openssh.com') request(protocol, name, wantsAnswer, data);
  };
  handlers.CHANNEL_OPEN = (...told) => {
    if (mayContinue()) open(...told);
  };
  handlers.CHANNEL_REQUEST = (protocol, channel, type, wantsAnswer, data) => {
    if (!wantsAnswer || mayContinue()) channelRequest(protocol, channel, type, wantsAnswer, data);
  };
}

/** Bytes read between two time checks: as many of the smallest packets take some milliseconds. */
const PIECE_BYTES = 8 * 1024;

/**
 * Reads `stream` in pieces, when it is this server's turn: Node reads two megabytes of one socket in a turn of the event loop,
 * which are seconds of work in packets of a few bytes. What waits stays in the stream, which does not end before it is read. Call once,
 * after `connect`.
 */
export function readScheduled(client: Client, stream: Duplex, turns: TurnScheduler): void {
  const protocol = (client as unknown as Internals)._protocol;
  const { start } = protocol;
  const readPiece = (): boolean => {
    // ssh2 listens to this 'data' event, and catches its own exceptions.
    stream.read(Math.min(stream.readableLength, PIECE_BYTES));
    // A stream ends when more is asked of it than there is.
    if (stream.readableLength === 0) stream.read(0);
    return !stream.destroyed && stream.readableLength > 0;
  };
  // Not before ssh2 listens, which it does right behind its own start.
  protocol.start = () => {
    Reflect.apply(start, protocol, []);
    // With such a listener nothing flows by itself.
    stream.on('readable', () => turns.run(readPiece));
  };
}

/** Calls `listener` with each channel that is opened, before anybody writes to it; SFTP is no stream. Call once, after `connect`. */
export function onChannelOpened(client: Client, listener: (channel: ClientChannel) => void): void {
  const channels = (client as unknown as Internals)._chanMgr;
  const { update } = channels;
  channels.update = (id, opened) => {
    if (opened instanceof Writable) listener(opened as ClientChannel);
    Reflect.apply(update, channels, [id, opened]);
  };
}

/** Bytes of the largest packet that the server takes in this channel. */
export function packetBytes(channel: ClientChannel | SFTPWrapper): number {
  return (channel as unknown as ChannelInternals).outgoing.packetSize;
}

/** Bytes that ssh2 puts into one request to write a file; the server may choose them. */
export function largestWriteBytes(sftp: SFTPWrapper): number {
  return (sftp as unknown as { _maxWriteLen: number })._maxWriteLen;
}

/**
 * Tells when an exchange of keys begins, and of each packet that ssh2 keeps back until it ends, which is the next event 'handshake': it
 * takes such packets without limit, as if they were sent. Call once, after the first exchange.
 */
export function onKeyExchange(
  client: Client,
  { onBegun, onKept }: { onBegun: () => void; onKept: (packet: Buffer) => void },
): void {
  const protocol = (client as unknown as Internals)._protocol;
  let kexinit = protocol._kexinit;
  Object.defineProperty(protocol, '_kexinit', {
    get: () => kexinit,
    set(sent: Buffer | undefined) {
      kexinit = sent;
      if (sent === undefined) return;
      const kept: Buffer[] = [];
      protocol._queue = kept;
      kept.push = (packet) => {
        kept[kept.length] = packet;
        onKept(packet);
        return kept.length;
      };
      onBegun();
    },
  });
}

/** Sends SIGKILL to a command (OpenSSH 7.9 and later obey). ssh2's own `signal` does nothing once stdin was closed. */
export function killCommand(client: Client, channel: ClientChannel): void {
  const { id, state } = (channel as unknown as ChannelInternals).outgoing;
  if (state === 'open' || state === 'eof') (client as unknown as Internals)._protocol.signal(id, 'KILL');
}

/**
 * Lets go of a channel that the server does not say is closed: ssh2 would keep it, with all that waits in it, for as long as the connection.
 * What still comes for it is ignored.
 */
export function forgetChannel(client: Client, channel: ClientChannel | SFTPWrapper): void {
  const { id } = (channel as unknown as ChannelInternals).incoming;
  (client as unknown as Internals)._chanMgr.remove(id);
}

/** Drops the next write if it is `line`: ssh2 greets by itself, and cannot be told that this was done already. */
export function swallowNextWrite(stream: Duplex, line: string): void {
  const write = stream.write;
  stream.write = ((chunk: unknown, ...rest: unknown[]) => {
    stream.write = write;
    if (Buffer.isBuffer(chunk) && chunk.toString('latin1') === line) return true;
    return Reflect.apply(write, stream, [chunk, ...rest]);
  }) as typeof stream.write;
}

/** Counts the bytes sent to the server from now on; a channel of a jump server does not count them. Call once, after the login. */
export function onWritten(stream: Duplex, listener: (bytes: number) => void): void {
  const write = stream.write;
  stream.write = ((chunk: Buffer, ...rest: unknown[]) => {
    listener(chunk.length);
    return Reflect.apply(write, stream, [chunk, ...rest]);
  }) as typeof stream.write;
}

/**
 * Pieces that wait to be written. Node counts their bytes for everybody, but the pieces for itself only (`_writableState`, Node 24): 0 where it
 * no longer does.
 */
export function waitingPieces(stream: Duplex): number {
  const { _writableState: state } = stream as { _writableState?: { bufferedRequestCount?: unknown } };
  return typeof state?.bufferedRequestCount === 'number' ? state.bufferedRequestCount : 0;
}

/**
 * The terminal mode IUTF8, number 42 (RFC 8160): erasing takes whole characters away, not bytes. ssh2 knows no name for it, and sends
 * modes that are bytes as they are: opcode, value of 32 bits, end.
 */
export const utf8Mode = Buffer.from([42, 0, 0, 0, 1, 0]) as unknown as TerminalModes;
