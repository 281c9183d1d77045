// What a server sends on a channel, so that it takes about as much memory as it has bytes, which is what every limit counts.
import type { Readable } from 'node:stream';
import { createOutputBuffer } from './output.ts';

/** A part of a larger block that keeps this many times its own bytes in memory is copied out of it; whole packets are not. */
const MAX_KEPT_TIMES = 4;
/** Bytes that are put together while nobody reads; a chunk of half of that is kept as it is. */
const BLOCK_BYTES = 16 * 1024;

/** The same bytes without the rest of a far larger packet: a server may send 32 KB of anything behind one byte of data. */
export function ownBytes(bytes: Buffer): Buffer {
  if (bytes.length * MAX_KEPT_TIMES >= bytes.buffer.byteLength) return bytes;
  // Not from the pool, whose blocks are shared as well.
  const copy = Buffer.allocUnsafeSlow(bytes.length);
  bytes.copy(copy);
  return copy;
}

/**
 * Keeps what waits in `stream`, which ssh2 fills, in few chunks: as single bytes it would take hundreds of times its size. Nothing changes
 * for a stream that is being read. Call before its first data.
 */
export function gatherUnread(stream: Readable): void {
  const push = stream.push.bind(stream);
  let waiting = createOutputBuffer(BLOCK_BYTES);
  const flush = (): void => {
    const gathered = waiting.kept();
    if (gathered.length === 0) return;
    waiting = createOutputBuffer(BLOCK_BYTES);
    push(ownBytes(gathered));
  };
  stream.push = (chunk: Buffer | null) => {
    if (chunk === null || stream.readableFlowing === true || chunk.length >= BLOCK_BYTES / 2) {
      flush();
      return push(chunk === null ? null : ownBytes(chunk));
    }
    if (waiting.total() + chunk.length > BLOCK_BYTES) flush();
    waiting.add(chunk);
    return stream.readableLength + waiting.total() < stream.readableHighWaterMark;
  };
  // Before the first chunk is read, so that the order stays.
  stream.on('resume', flush);
}
