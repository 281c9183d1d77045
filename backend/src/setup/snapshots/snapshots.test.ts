// Downloads of snapshots: who reads slowly holds little of Buoy's memory, and keeps a place for others no longer than a slow line needs.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { createFakeClock } from '../../lib/testing/fake-clock.ts';
import { PIECE_BYTES } from './archives.ts';
import { createSnapshots } from './snapshots.ts';

const PIECES = 40;
const piece = Buffer.alloc(PIECE_BYTES, 7);
const hash = createHash('sha256');
for (let at = 0; at < PIECES; at += 1) hash.update(piece);
const row = {
  ...{ id: 'snp_1', serverId: 'srv_1', version: '2026.9.6', reason: 'manual', note: null, verified: 1 },
  ...{ sizeBytes: PIECES * PIECE_BYTES, sha256: hash.digest('hex'), createdAt: '2026-03-01T10:00:00.000Z' },
};

function prepare() {
  const clock = createFakeClock();
  let asked = 0;
  const snapshots = createSnapshots({
    store: { find: async () => row },
    ssh: {
      async script() {
        asked += 1;
        return { exitCode: 0, stdout: piece.toString('base64'), truncated: false };
      },
    },
    ...{ fileSecret: Buffer.alloc(32, 5), clock, installations: {}, access: {} },
  } as unknown as Parameters<typeof createSnapshots>[0]);
  return {
    clock,
    asked: () => asked,
    async download(userId: string): Promise<Readable> {
      const { signal } = new AbortController();
      const { stream } = await snapshots.download('srv_1', 'snp_1', { userId, signal });
      stream.on('error', () => undefined);
      return stream;
    },
  };
}
/** What is ready without time passing has happened then. */
const someTurns = async () => {
  for (let at = 0; at < 200; at += 1) await turn();
};
const read = async (stream: Readable): Promise<Buffer> => {
  for (;;) {
    const bytes: Buffer | null = stream.read();
    if (bytes !== null) return bytes;
    await once(stream, 'readable');
  }
};

describe('a download that is read slowly', () => {
  test('holds two pieces of the archive, and not all that its server sends', async () => {
    const { download, asked } = prepare();
    const stream = await download('ada');
    await read(stream);
    await someTurns();
    expect(asked()).toBeLessThanOrEqual(4);
    stream.destroy();
  });

  test('is ended once it is slower than a slow line, and its place is free for others', async () => {
    const { download, clock } = prepare();
    const slow = await Promise.all(Array.from({ length: 8 }, (_, at) => download(`slow ${at}`)));
    const next = download('ada');
    const isIn = next.then(() => true);
    for (const stream of slow) await read(stream);
    await someTurns();
    expect(await Promise.race([isIn, turn(false)])).toBe(false);
    clock.pass(600_000);
    expect(await isIn).toBe(true);
    await someTurns();
    for (const stream of slow) {
      expect(stream.destroyed).toBe(true);
      expect(stream.errored).toMatchObject({ code: 'deadline' });
    }
    (await next).destroy();
  });

  test('goes on as long as it keeps the pace of a slow line, for as long as that takes', async () => {
    const { download, clock } = prepare();
    const stream = await download('ada');
    let bytes = 0;
    stream.on('data', (some: Buffer) => {
      bytes += some.length;
      clock.pass((some.length / 52_000) * 1_000);
    });
    await once(stream, 'end');
    expect(bytes).toBeGreaterThan(row.sizeBytes);
  });

  test('gives its place back when it has ended, and when nobody reads it', async () => {
    const { download } = prepare();
    for (let at = 0; at < 10; at += 1) {
      const stream = await download('ada');
      if (at % 2 === 0) await read(stream);
      stream.destroy();
    }
  });
});
