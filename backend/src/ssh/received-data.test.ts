import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { gatherUnread, ownBytes } from './received-data.ts';

/** A stream that is filled as ssh2 does. */
function filled(highWaterMark = 1024 * 1024): Readable {
  const stream = new Readable({ highWaterMark, read: () => undefined });
  gatherUnread(stream);
  return stream;
}

describe('unread data of a channel', () => {
  test('comes in the order in which it was sent, however it is paused and read in between', async () => {
    const stream = filled();
    const sent: Buffer[] = [];
    const read: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => read.push(chunk));
    let seed = 1;
    for (let at = 0; at < 3_000; at += 1) {
      seed = (seed * 16_807) % 2_147_483_647;
      const chunk = Buffer.alloc(seed % 5 === 0 ? seed % 20_000 : seed % 9, at % 251);
      sent.push(chunk);
      stream.push(chunk);
      if (seed % 7 === 0) stream.pause();
      if (seed % 11 === 0) stream.resume();
      if (seed % 13 === 0) await new Promise(setImmediate);
    }
    stream.push(null);
    const ended = new Promise((resolve) => stream.once('end', resolve));
    stream.resume();
    await ended;
    expect(Buffer.concat(read).equals(Buffer.concat(sent))).toBe(true);
  });

  test('says that it is full as soon as it holds as much as it may, in chunks of any size', () => {
    const stream = filled(1_000);
    for (let count = 1; count < 1_000; count += 1) expect(stream.push(Buffer.of(1))).toBe(true);
    expect(stream.push(Buffer.of(1))).toBe(false);
  });

  test('is kept as it came when it fills its packet, and copied out of a far larger one', () => {
    const packet = Buffer.alloc(32_000);
    expect(ownBytes(packet.subarray(9)).buffer).toBe(packet.buffer);
    const own = ownBytes(packet.subarray(9, 12));
    expect([own.length, own.buffer.byteLength]).toEqual([3, 3]);
  });
});
