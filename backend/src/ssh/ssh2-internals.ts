// The five places where the public face of ssh2 (1.17, pinned) is not enough. Each has a test that fails if ssh2 changes.
import type { Duplex } from 'node:stream';
import type { AuthenticationType, Client, ClientChannel, TerminalModes } from 'ssh2';

type OpenConfirmation = { packetSize: number };
type Internals = {
  _protocol: {
    signal(channelId: number, name: string): void;
    _handlers: {
      CHANNEL_OPEN_CONFIRMATION(protocol: unknown, info: OpenConfirmation): void;
      USERAUTH_FAILURE(protocol: unknown, methods: AuthenticationType[], partialSuccess: boolean): void;
    };
  };
};
type ChannelInternals = { outgoing: { id: number; state: string } };

/** Bytes. RFC 4253 §6.1 requires 32768; a few embedded servers take less. */
const minPacketBytes = 512;

/**
 * Refuses channels whose largest packet is absurdly small: ssh2 cuts its data into packets of that size, and with 0 it
 * loops forever, which would let one hostile server freeze the process. Call once, after `connect`.
 */
export function refuseTinyPackets(client: Client, onRefused: () => void): void {
  const handlers = (client as unknown as Internals)._protocol._handlers;
  const confirm = handlers.CHANNEL_OPEN_CONFIRMATION;
  handlers.CHANNEL_OPEN_CONFIRMATION = (protocol, info) => {
    if (info.packetSize < minPacketBytes) onRefused();
    else confirm(protocol, info);
  };
}

/**
 * Tells of each refused try to log in, before ssh2 goes on: after one with an agent it forgets which methods are left, and that the try
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

/** Sends SIGKILL to a command (OpenSSH 7.9 and later obey). ssh2's own `signal` does nothing once stdin was closed. */
export function killCommand(client: Client, channel: ClientChannel): void {
  const { id, state } = (channel as unknown as ChannelInternals).outgoing;
  if (state === 'open' || state === 'eof') (client as unknown as Internals)._protocol.signal(id, 'KILL');
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

/**
 * The terminal mode IUTF8, number 42 (RFC 8160): erasing takes whole characters away, not bytes. ssh2 knows no name for it, and sends
 * modes that are bytes as they are: opcode, value of 32 bits, end.
 */
export const utf8Mode = Buffer.from([42, 0, 0, 0, 1, 0]) as unknown as TerminalModes;
