// Writes zip archives for tests, honest ones and ones that lie (PKWARE APPNOTE 6.3.10, sections 4.3 and 4.4).
import { crc32, deflateRawSync } from 'node:zlib';

export type ZipEntry = {
  name: string | Buffer;
  content?: string | Buffer;
  /** Unix mode with the kind of file, as in 0o100644; 0 as Windows writes it. */
  mode?: number;
  stored?: boolean;
  encrypted?: boolean;
  /** Instead of the true ones, in both headers. */
  method?: number;
  uncompressedSize?: number;
  crc?: number;
};

export function makeZip(entries: readonly ZipEntry[]): Buffer {
  const locals: Buffer[] = [];
  const centrals: Buffer[] = [];
  let offset = 0;
  for (const entry of entries) {
    const name = Buffer.from(entry.name);
    const content = Buffer.from(entry.content ?? '');
    const packed = entry.stored ? content : deflateRawSync(content);
    const shared = Buffer.alloc(26);
    shared.writeUInt16LE(20, 0);
    shared.writeUInt16LE(entry.encrypted ? 0x801 : 0x800, 2);
    shared.writeUInt16LE(entry.method ?? (entry.stored ? 0 : 8), 4);
    shared.writeUInt32LE(entry.crc ?? crc32(content), 10);
    shared.writeUInt32LE(packed.length, 14);
    shared.writeUInt32LE(entry.uncompressedSize ?? content.length, 18);
    shared.writeUInt16LE(name.length, 22);

    const local = Buffer.concat([Buffer.from('PK\x03\x04'), shared, name, packed]);
    const central = Buffer.alloc(16);
    central.writeUInt32LE(((entry.mode ?? 0o100644) << 16) >>> 0, 6);
    central.writeUInt32LE(offset, 10);
    // Made on Unix.
    const head = Buffer.from('PK\x01\x02\x1e\x03', 'latin1');
    centrals.push(Buffer.concat([head, shared, central.subarray(0, 14), name]));
    locals.push(local);
    offset += local.length;
  }
  const directory = Buffer.concat(centrals);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06');
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, directory, end]);
}

/** A SKILL.md that OpenClaw takes. */
export function skillMd(
  name: string,
  body = 'Answer politely.\n',
  description = 'Answers politely.',
): string {
  return `---\nname: ${name}\ndescription: ${description}\n---\n\n${body}`;
}
