// Secret files: nobody else reads them, and they are never there in half.
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeSecretFile, replaceSecretFile } from './secret-file.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'buoy-secret-'));
  file = path.join(folder, 'secret');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const modeOf = (name: string) => statSync(name).mode & 0o777;

describe.each([
  ['made', makeSecretFile],
  ['replaced', replaceSecretFile],
])('a file that is %s', (_how, write) => {
  test('holds its content, for its owner alone, and leaves nothing beside it', () => {
    write(file, 'content\n');
    expect(readFileSync(file, 'utf8')).toBe('content\n');
    expect(modeOf(file)).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['secret']);
  });

  test('in a folder that is not there is refused', () => {
    expect(() => write(path.join(folder, 'none', 'secret'), 'x')).toThrow(/ENOENT/);
  });
});

test('a file that is there already is not made again', () => {
  makeSecretFile(file, 'first');
  makeSecretFile(file, 'second');
  expect(readFileSync(file, 'utf8')).toBe('first');
  expect(readdirSync(folder)).toEqual(['secret']);
});

test('a replaced file has the new content and lost the rights of others', () => {
  writeFileSync(file, 'first');
  chmodSync(file, 0o644);
  replaceSecretFile(file, 'second');
  expect(readFileSync(file, 'utf8')).toBe('second');
  expect(modeOf(file)).toBe(0o600);
});

test.skipIf(process.getuid?.() !== 0)(
  'a file that root replaces stays its owner’s, and a new one is the folder owner’s',
  () => {
    writeFileSync(file, 'first');
    chownSync(file, 65_533, 65_533);
    chownSync(folder, 65_534, 65_534);
    replaceSecretFile(file, 'second');
    replaceSecretFile(`${file}.old`, 'first');
    const ownerOf = (name: string) => [statSync(name).uid, statSync(name).gid];
    expect([ownerOf(file), ownerOf(`${file}.old`)]).toEqual([
      [65_533, 65_533],
      [65_534, 65_534],
    ]);
  },
);

test('what cannot be replaced is as it was, and nothing is left beside it', () => {
  // A folder in its place cannot be renamed over.
  const blocked = path.join(folder, 'blocked');
  mkdirSync(blocked);
  expect(() => replaceSecretFile(blocked, 'second')).toThrow();
  expect(readdirSync(folder)).toEqual(['blocked']);
});
