// Ordinary archives and malicious ones.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isAppError } from '../../lib/app-error.ts';
import { readArchive } from './read-archive.ts';
import { makeZip, type ZipEntry } from './testing/make-zip.ts';

const read = (entries: readonly ZipEntry[]) => readArchive(makeZip(entries));
const refused = (message: RegExp) => ({
  code: 'invalid_request',
  message: expect.stringMatching(message),
  hint: expect.any(String),
});

const part = fc.stringMatching(/^[a-z0-9][a-z0-9._-]{0,11}$/).filter((text) => text !== '.DS_Store');
const plainPath = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
/** No name equals another or is a folder of another. */
const plainPaths = fc
  .uniqueArray(plainPath, { minLength: 1, maxLength: 8 })
  .filter((paths) => !paths.some((one) => paths.some((other) => other.startsWith(`${one}/`))));
/** Nothing that begins like an archive. */
const content = fc.uint8Array({ maxLength: 2_000 }).map((bytes) => Buffer.from([0x23, ...bytes]));

describe('plain archives', () => {
  test('unpacks any content, compressed or stored', async () => {
    await fc.assert(
      fc.asyncProperty(
        plainPaths,
        fc.array(content, { minLength: 8, maxLength: 8 }),
        fc.boolean(),
        async (paths, contents, stored) => {
          const files = await read(paths.map((name, index) => ({ name, content: contents[index]!, stored })));
          expect(files).toEqual(
            paths.map((name, index) => ({ path: name, bytes: contents[index], executable: false })),
          );
        },
      ),
      { numRuns: 100 },
    );
  });

  test('keeps folders and modes, and ignores macOS metadata', async () => {
    const files = await read([
      { name: 'tea/', mode: 0o040755 },
      { name: 'tea/SKILL.md', content: 'x' },
      { name: 'tea/run.sh', content: 'y', mode: 0o100755 },
      { name: 'tea/Größe.md', content: 'z', mode: 0 },
      { name: '__MACOSX/tea/._SKILL.md', content: 'm' },
      { name: 'tea/.DS_Store', content: 'm' },
    ]);
    expect(files.map(({ path: name, executable }) => [name, executable])).toEqual([
      ['tea/SKILL.md', false],
      ['tea/run.sh', true],
      ['tea/Größe.md', false],
    ]);
  });

  test('reads a zip made by Python', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'buoy-zip-'));
    try {
      writeFileSync(path.join(folder, 'SKILL.md'), 'hello\n'.repeat(1_000));
      execFileSync('python3', ['-m', 'zipfile', '-c', 'a.zip', 'SKILL.md'], { cwd: folder });
      const [file] = await readArchive(readFileSync(path.join(folder, 'a.zip')));
      expect(file).toMatchObject({ path: 'SKILL.md', executable: false });
      expect(file?.bytes.toString()).toBe('hello\n'.repeat(1_000));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('names', () => {
  test('one that leads out of its folder is refused, wherever the dots stand', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(part, { maxLength: 3 }),
        fc.array(part, { maxLength: 3 }),
        async (before, after) => {
          const name = [...before, '..', ...after, 'x'].join('/');
          await expect(read([{ name, content: 'x' }])).rejects.toMatchObject(refused(/leads out/));
        },
      ),
      { numRuns: 50 },
    );
  });

  test.each<[string | Buffer, RegExp]>([
    ['/etc/passwd', /absolute/],
    ['C:/Windows/x', /absolute/],
    ['c:x', /absolute/],
    ['a\\..\\x', /backslash/],
    ['a//b', /plain path/],
    ['./a', /plain path/],
    ['a/ b', /plain path/],
    ['a\nb', /invisible characters/],
    ['a\0b', /invisible characters/],
    ['a\u202eb', /invisible characters/],
    [Buffer.from([0x61, 0xff]), /UTF-8/],
    [Buffer.from([0xc0, 0xae, 0xc0, 0xae, 0x2f, 0x78]), /UTF-8/],
    [`${'a/'.repeat(9)}x`, /deep/],
    ['x'.repeat(201), /longer/],
    ['/', /absolute/],
    ['', /absolute/],
  ])('%j is refused', async (name, message) => {
    await expect(read([{ name, content: 'x' }])).rejects.toMatchObject(refused(message));
  });

  test.each([[['a', 'a']], [['A.md', 'a.MD']], [['é', 'e\u0301']], [['ﬁle', 'file']], [['K', 'k']]])(
    'two names for one file are refused: %j',
    async ([one, other]) => {
      const entries = [
        { name: one!, content: '1' },
        { name: other!, content: '2' },
      ];
      await expect(read(entries)).rejects.toMatchObject(refused(/same name/));
    },
  );

  test('a name that is a file and a folder is refused, in either order', async () => {
    const file = { name: 'a', content: '1' };
    const inside = { name: 'a/b', content: '2' };
    await expect(read([file, inside])).rejects.toMatchObject(refused(/needs a folder/));
    await expect(read([inside, file])).rejects.toMatchObject(refused(/same name/));
  });
});

describe('kinds', () => {
  test.each([
    [0o120777, /symbolic link/],
    [0o020666, /neither a file nor a folder/],
    [0o060660, /neither a file nor a folder/],
    [0o010644, /neither a file nor a folder/],
    [0o140755, /neither a file nor a folder/],
    [0o040755, /neither a file nor a folder/],
  ])('mode %o is refused', async (mode, message) => {
    await expect(read([{ name: 'x', content: '/etc/passwd', mode }])).rejects.toMatchObject(refused(message));
  });

  test('encryption and unusual compression are refused', async () => {
    await expect(read([{ name: 'x', encrypted: true }])).rejects.toMatchObject(refused(/encrypted/));
    await expect(read([{ name: 'x', method: 12 }])).rejects.toMatchObject(refused(/unusual/));
  });

  test.each([
    ['zip', makeZip([{ name: 'x', content: 'y' }])],
    ['empty zip', makeZip([])],
    ['gzip', Buffer.from('1f8b0800', 'hex')],
    ['xz', Buffer.from('fd377a585a0000', 'hex')],
    ['tar', Buffer.concat([Buffer.alloc(257), Buffer.from('ustar\x0000'), Buffer.alloc(300)])],
  ])('an archive inside is refused: %s', async (_kind, inside) => {
    await expect(read([{ name: 'notes.txt', content: inside }])).rejects.toMatchObject(
      refused(/another archive/),
    );
  });
});

describe('sizes', () => {
  const zeros = (bytes: number) => Buffer.alloc(bytes);

  test('too high a compression ratio is refused before unpacking', async () => {
    await expect(read([{ name: 'x', content: zeros(5_000_000) }])).rejects.toMatchObject(refused(/100 to 1/));
  });

  test('files that claim to be too large, or are larger than they claim, are refused', async () => {
    const claims = { name: 'x', content: 'a', uncompressedSize: 20_000_000 };
    await expect(read([claims])).rejects.toMatchObject(refused(/10 MiB/));
    const lies = { name: 'x', content: zeros(9_000_000), uncompressedSize: 1_000 };
    await expect(read([lies])).rejects.toMatchObject(refused(/damaged/));
  });

  test('all files together are counted', async () => {
    const noise = (seed: number) =>
      Buffer.from(
        Uint32Array.from({ length: 1_100_000 }, (_, index) => Math.imul(index + seed, 2_654_435_761)).buffer,
      );
    const entries = [1, 2, 3].map((seed) => ({ name: `n${seed}`, content: noise(seed), stored: true }));
    await expect(read(entries)).rejects.toMatchObject(refused(/10 MiB/));
  });

  test('more than 500 entries are refused', async () => {
    const entries = Array.from({ length: 501 }, (_, index) => ({ name: `f${index}`, content: '' }));
    await expect(read(entries)).rejects.toMatchObject(refused(/501 entries/));
  });

  test('a wrong checksum is refused', async () => {
    await expect(read([{ name: 'x', content: 'y', crc: 1 }])).rejects.toMatchObject(refused(/damaged/));
  });
});

describe('anything else', () => {
  test('bytes that are not a zip are refused with a message', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 500 }), async (bytes) => {
        await expect(readArchive(Buffer.from(bytes))).rejects.toMatchObject({
          code: 'invalid_request',
        });
      }),
      { numRuns: 200 },
    );
  });

  test('a valid zip with some bytes changed is read within the limits or refused with a message', async () => {
    const good = makeZip([
      { name: 'tea/SKILL.md', content: 'x'.repeat(300) },
      { name: 'tea/run.sh', content: 'echo hello', stored: true },
    ]);
    const change = fc.tuple(fc.nat(good.length - 1), fc.nat(255));
    await fc.assert(
      fc.asyncProperty(
        fc.array(change, { minLength: 1, maxLength: 4 }),
        fc.nat(good.length),
        async (changes, cut) => {
          const bytes = Buffer.from(good.subarray(0, cut < 20 ? good.length - cut : good.length));
          for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
          const files = await readArchive(bytes).catch((error: unknown) => {
            if (isAppError(error, 'invalid_request')) return [];
            throw error;
          });
          for (const { path: name, bytes: got } of files) {
            expect(path.posix.normalize(name)).toBe(name);
            expect(name).not.toMatch(/^[/.]{2}|^\/|\\/);
            expect(got.length).toBeLessThanOrEqual(10 * 1024 * 1024);
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});
