// A byte stream to an address as seen from the server (direct-tcpip), which behaves like a Node socket.
import { Duplex } from 'node:stream';
import type { Client, ClientChannel } from 'ssh2';
import type { AppError } from '../lib/app-error.ts';
import type { Opener } from './channel.ts';
import { channelRefusal, failure } from './failures.ts';

/** Chunks that may wait in a stream, however short: the rest waits in its channel, where short ones are put together. */
const MAX_WAITING_CHUNKS = 64;

/** Told to the server as the origin of the stream, as OpenSSH does for connections that come from itself. */
const originAddress = '127.0.0.1';

export type Forwarded = { channel: ClientChannel; stream: Duplex };

/** Opens a stream to `host:port`; `refused` puts a refusal into words. */
export function forwardOpener(
  host: string,
  port: number,
  refused: (error: Error) => AppError = (error) => forwardRefused(error, host, port),
): Opener<Forwarded> {
  return {
    open(client: Client, done) {
      client.forwardOut(originAddress, 0, host, port, (error, channel) => {
        if (error !== undefined) done(error);
        else done(undefined, { channel, stream: socketLike(channel) });
      });
    },
    close: ({ channel }) => channel.close(),
    onClosed: ({ channel }, listener) => channel.once('close', listener),
    channelOf: ({ channel }) => channel,
    refused,
  };
}

function forwardRefused(error: Error, host: string, port: number): AppError {
  const { reason } = error as { reason?: unknown };
  if (reason === channelRefusal.connectFailed) {
    return failure('other', 'gateway_unavailable', `Nothing listens on ${host}:${port} on the server.`, {
      hint: 'Start the service there, or check its port.',
      cause: error,
    });
  }
  return failure('other', 'refused', `The server does not allow connections to ${host}:${port}.`, {
    hint: 'Set AllowTcpForwarding (and PermitOpen) for this account in sshd_config.',
    cause: error,
  });
}

/**
 * ssh2's channel ends, errs and closes unlike a socket: `destroy` is only a request to the server, 'close' may never
 * come. This one closes immediately. An 'error' without a listener is dropped, so that a lost server never ends the process.
 * @param endsWith the event of the channel that ends it: a shell reports its exit between its last byte and its close
 */
export function socketLike(channel: ClientChannel, endsWith: 'end' | 'close' = 'end'): Duplex {
  /** How many came since the stream was last empty. */
  let waiting = 0;
  const stream = new Duplex({
    allowHalfOpen: false,
    read() {
      if (waiting < MAX_WAITING_CHUNKS) channel.resume();
    },
    write(chunk, encoding, callback) {
      channel.write(chunk, encoding, callback);
    },
    // Combines writes of one turn: encrypting each packet for itself costs more than a thousand bytes of it.
    writev(chunks, callback) {
      channel.write(Buffer.concat(chunks.map(({ chunk }) => chunk)), callback);
    },
    final(callback) {
      channel.end();
      callback();
    },
    destroy(error, callback) {
      // Read on to the end, or ssh2 never reports that the channel is closed.
      channel.resume();
      callback(error);
    },
  });
  channel.on('data', (chunk: Buffer) => {
    if (stream.destroyed) return;
    const hasRoom = stream.push(chunk);
    waiting = stream.readableLength === 0 ? 0 : waiting + 1;
    if (!hasRoom || waiting >= MAX_WAITING_CHUNKS) channel.pause();
  });
  const read = stream.read.bind(stream);
  stream.read = (size) => {
    const bytes = read(size);
    if (waiting >= MAX_WAITING_CHUNKS && stream.readableLength === 0) {
      waiting = 0;
      channel.resume();
    }
    return bytes;
  };
  channel.on(endsWith, () => stream.destroyed || stream.push(null));
  channel.on('close', () => {
    if (stream.readableEnded) stream.destroy();
    else stream.once('end', () => stream.destroy());
  });
  channel.on('error', (error: Error) => stream.destroy(error));
  // There is one output. What comes here all the same is dropped: it would fill the memory, and a channel with it would never close.
  channel.stderr.on('error', () => {}).resume();
  stream.on('error', () => {});
  return Object.assign(stream, socketMethods(stream));
}

/** What node:http and `ws` call on a socket; the SSH connection below has no such settings per stream. */
function socketMethods(stream: Duplex): Record<string, () => Duplex> {
  const nothing = () => stream;
  return { setNoDelay: nothing, setKeepAlive: nothing, setTimeout: nothing, ref: nothing, unref: nothing };
}
