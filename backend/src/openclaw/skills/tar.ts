// Packs the checked files of a skill as tar, the one archive that every server can unpack.
import type { SkillFile } from './skill-file.ts';

const BLOCK = 512;
/** Bytes of the name field of the header; longer ones stand in a record before it (POSIX.1-2001, pax). */
const MAX_NAME_BYTES = 100;

export function packTar(files: readonly SkillFile[]): Buffer {
  const blocks = files.flatMap(({ path, bytes, executable }) => [
    ...longName(path),
    ...entry(path, bytes, executable ? 0o755 : 0o644, '0'),
  ]);
  return Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)]);
}

function longName(path: string): Buffer[] {
  if (Buffer.byteLength(path) <= MAX_NAME_BYTES) return [];
  // The length counts itself.
  const rest = Buffer.byteLength(` path=${path}\n`);
  const length = String(rest + String(rest + 3).length).length + rest;
  return entry('long-name', Buffer.from(`${length} path=${path}\n`), 0o644, 'x');
}

function entry(path: string, content: Buffer, mode: number, type: string): Buffer[] {
  const header = Buffer.alloc(BLOCK);
  header.write(path, 0, MAX_NAME_BYTES);
  header.write(octal(mode, 8), 100);
  header.write(octal(0, 8), 108);
  header.write(octal(0, 8), 116);
  header.write(octal(content.length, 12), 124);
  header.write(octal(0, 12), 136);
  header.write(type, 156);
  header.write('ustar\x0000', 257);
  header.write(' '.repeat(8), 148);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${octal(sum, 7)} `, 148);
  return [header, content, Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK)];
}

function octal(value: number, width: number): string {
  return `${value.toString(8).padStart(width - 1, '0')}\0`;
}
