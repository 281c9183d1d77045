// The shrinkwrap of a package in the cache of downloads, whose files somebody may remove.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readShrinkwrap } from './shrinkwrap.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'buoy-shrinkwrap-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const read = (name: string) =>
  readShrinkwrap(
    { path: path.join(folder, name), sizeBytes: 1 },
    {
      registry: 'https://npm.example',
      platform: { cpu: 'x64', libc: 'glibc', node: '24.1.0' },
      reader: { shrinkwrap: () => expect.unreachable() } as never,
      signal: new AbortController().signal,
    },
  );

describe('a package in the cache', () => {
  test.each([
    ['has vanished', () => undefined],
    ['is no archive', (file: string) => writeFileSync(file, 'not packed')],
    ['is cut off', (file: string) => writeFileSync(file, gzipSync(Buffer.alloc(4_096)).subarray(0, 12))],
  ])('that %s fails the setup, and ends nothing else', async (_what, make) => {
    make(path.join(folder, 'package.tgz'));
    await expect(read('package.tgz')).rejects.toMatchObject({
      code: 'registry_failed',
      message: 'The package could not be unpacked.',
    });
  });

  test('without a shrinkwrap is refused', async () => {
    writeFileSync(path.join(folder, 'package.tgz'), gzipSync(Buffer.alloc(4_096)));
    await expect(read('package.tgz')).rejects.toMatchObject({
      message: 'The package has no shrinkwrap that npm understands.',
    });
  });
});
