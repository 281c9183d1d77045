// Secret files: private and written atomically.
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
])('a secret file that is %s', (_how, write) => {
  test('has its content and mode 600, and leaves no temporary file', () => {
    write(file, 'content\n');
    expect(readFileSync(file, 'utf8')).toBe('content\n');
    expect(modeOf(file)).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['secret']);
  });

  test('in a missing folder is refused', () => {
    expect(() => write(path.join(folder, 'none', 'secret'), 'x')).toThrow(/ENOENT/);
  });
});

test('an existing secret file is not replaced by make', () => {
  makeSecretFile(file, 'first');
  makeSecretFile(file, 'second');
  expect(readFileSync(file, 'utf8')).toBe('first');
  expect(readdirSync(folder)).toEqual(['secret']);
});

test('a replaced secret file has the new content and mode 600', () => {
  writeFileSync(file, 'first');
  chmodSync(file, 0o644);
  replaceSecretFile(file, 'second');
  expect(readFileSync(file, 'utf8')).toBe('second');
  expect(modeOf(file)).toBe(0o600);
});

test.skipIf(process.getuid?.() !== 0)(
  "a secret file replaced by root keeps its owner, and a new one gets the folder's owner",
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

test('a failed replacement leaves the secret file unchanged and no temporary file', () => {
  // A folder in its place cannot be renamed over.
  const blocked = path.join(folder, 'blocked');
  mkdirSync(blocked);
  expect(() => replaceSecretFile(blocked, 'second')).toThrow();
  expect(readdirSync(folder)).toEqual(['blocked']);
});
