// Sealed files: they come back as they were, and no other way.
import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { openFile, sealFile } from './sealed-file.ts';

const secret = randomBytes(32);

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}
async function all(bytes: AsyncIterable<Buffer>): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of bytes) pieces.push(piece);
  return Buffer.concat(pieces);
}
const sealed = (content: Buffer, size = 10_000) =>
  all(sealFile(secret, { name: 'snp_1', content: inPieces(content, size) }));
const opened = (file: Buffer, size = 7_777, key = secret) => all(openFile(key, inPieces(file, size)));

describe('a sealed file', () => {
  test.each([0, 1, 65_535, 65_536, 65_537, 200_000, 262_144])(
    'of %i bytes is opened as it was',
    async (length) => {
      const content = randomBytes(length);
      const file = await sealed(content);
      // Any file has a single byte by chance.
      if (length > 32) expect(file.includes(content.subarray(0, 32))).toBe(false);
      expect((await opened(file)).equals(content)).toBe(true);
    },
  );

  test('is sealed anew each time', async () => {
    const content = Buffer.alloc(100);
    expect((await sealed(content)).equals(await sealed(content))).toBe(false);
  });

  const content = randomBytes(200_000);
  const cuts: Array<[string, (file: Buffer) => Buffer]> = [
    ['at the end of a frame', (file) => file.subarray(0, file.indexOf('\n') + 1 + 2 * (65_536 + 16))],
    ['in a frame', (file) => file.subarray(0, 100_000)],
    ['before its first frame', (file) => file.subarray(0, file.indexOf('\n') + 1)],
    ['in its first line', (file) => file.subarray(0, 10)],
  ];
  test.each(cuts)('that is cut %s does not open', async (_where, cut) => {
    await expect(opened(cut(await sealed(content)))).rejects.toMatchObject({ code: 'invalid_request' });
  });

  test('does not open with one bit changed, another name, frames in another order, or more behind its end', async () => {
    const file = await sealed(content);
    const start = file.indexOf('\n') + 1;
    const changed = Buffer.from(file);
    changed[start + 70_000]! ^= 1;
    const renamed = Buffer.from(file);
    renamed.write('snp_2', file.indexOf('snp_1'));
    const size = 65_536 + 16;
    const turned = Buffer.concat([
      file.subarray(0, start),
      file.subarray(start + size, start + 2 * size),
      file.subarray(start, start + size),
      file.subarray(start + 2 * size),
    ]);
    for (const bad of [changed, renamed, turned, Buffer.concat([file, Buffer.alloc(1)])])
      await expect(opened(bad)).rejects.toMatchObject({ code: 'invalid_request' });
  });

  test('does not open with another secret, and other files do not open at all', async () => {
    await expect(opened(await sealed(content), 9_999, randomBytes(32))).rejects.toMatchObject({
      code: 'invalid_request',
    });
    await expect(opened(randomBytes(100_000))).rejects.toMatchObject({ code: 'invalid_request' });
    await expect(opened(Buffer.alloc(0))).rejects.toMatchObject({ code: 'invalid_request' });
  });

  test('whose source fails is cut, and does not open', async () => {
    async function* failing(): AsyncGenerator<Buffer> {
      yield randomBytes(150_000);
      throw new Error('gone');
    }
    const pieces: Buffer[] = [];
    const sealing = async () => {
      for await (const piece of sealFile(secret, { name: 'snp_1', content: failing() })) pieces.push(piece);
    };
    await expect(sealing()).rejects.toThrow('gone');
    await expect(opened(Buffer.concat(pieces))).rejects.toMatchObject({ code: 'invalid_request' });
  });
});
