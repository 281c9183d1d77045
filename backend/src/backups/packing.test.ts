// Compression round trip, and detection of changed files.
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { hashOf, packFile, unpackFile } from './packing.ts';

const signal = new AbortController().signal;
const content = Buffer.concat([randomBytes(300_000), Buffer.alloc(300_000, 'a')]);

let folder: string;
const inFolder = (name: string) => path.join(folder, name);
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'buoy-packing-'));
  writeFileSync(inFolder('plain'), content);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('a packed file', () => {
  test('unpacks to the same bytes, and reports size and hash in both directions', async () => {
    const packed = await packFile(inFolder('plain'), inFolder('packed'), signal);
    const bytes = readFileSync(inFolder('packed'));
    expect(packed).toEqual({
      sizeBytes: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
    });
    expect(await unpackFile(inFolder('packed'), inFolder('again'), signal)).toEqual(packed);
    expect(readFileSync(inFolder('again')).equals(content)).toBe(true);
    expect(await hashOf(inFolder('packed'))).toBe(packed.sha256);
    for (const name of ['packed', 'again']) expect(statSync(inFolder(name)).mode & 0o777).toBe(0o600);
  });

  test.each([
    ['with a changed byte', (bytes: Buffer) => bytes.fill(bytes[150_000]! ^ 1, 150_000, 150_001)],
    ['that was cut off', (bytes: Buffer) => bytes.subarray(0, bytes.length - 1)],
    ['that was never packed', () => content],
    ['that is empty', () => Buffer.alloc(0)],
  ])('%s does not unpack', async (_what, change) => {
    await packFile(inFolder('plain'), inFolder('packed'), signal);
    writeFileSync(inFolder('packed'), change(readFileSync(inFolder('packed'))));
    await expect(unpackFile(inFolder('packed'), inFolder('again'), signal)).rejects.toThrow();
  });

  test('does not replace an existing file', async () => {
    writeFileSync(inFolder('packed'), 'mine');
    await expect(packFile(inFolder('plain'), inFolder('packed'), signal)).rejects.toThrow('EEXIST');
    await packFile(inFolder('plain'), inFolder('other'), signal);
    await expect(unpackFile(inFolder('other'), inFolder('packed'), signal)).rejects.toThrow('EEXIST');
    expect(readFileSync(inFolder('packed'), 'utf8')).toBe('mine');
  });

  test('stops when the signal aborts', async () => {
    const caller = new AbortController();
    const packing = packFile(inFolder('plain'), inFolder('packed'), caller.signal);
    caller.abort();
    await expect(packing).rejects.toThrow();
  });
});
