// What is sent to a server as one stream of bytes, in parts: an index, and behind it the files one after the other. Nothing is copied for it on Buoy's disk.
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import type { CachedFile } from './download-cache.ts';

/** A part is in memory while it is sent; what a lost connection cuts off is sent again. */
const PART_BYTES = 4 * 1024 ** 2;
export const MAX_BUNDLE_BYTES = 2 * 1024 ** 3;

export type BundleFile = {
  /** Where the script finds it: letters, digits and @._~+/- alone. */
  path: string;
  content: string | CachedFile;
};

export type BundlePart = { number: number; sizeBytes: number; sha256: string };

export type Bundle = {
  /** Of all bytes. */
  sha256: string;
  sizeBytes: number;
  indexBytes: number;
  parts: readonly BundlePart[];
  /** The bytes of a part. Throws where a file has vanished or changed. */
  read(part: Pick<BundlePart, 'number' | 'sizeBytes'>): Promise<Buffer>;
};

type Segment = { start: number; sizeBytes: number; content: Buffer | string };

/** @param files in any order: the same files make the same bytes. Reads all of them once. */
export async function createBundle(
  files: readonly BundleFile[],
  { partBytes = PART_BYTES, signal }: { partBytes?: number; signal: AbortSignal },
): Promise<Bundle> {
  const sorted = files.toSorted((one, other) => (one.path < other.path ? -1 : 1));
  const contents = sorted.map(({ content }) =>
    typeof content === 'string' ? Buffer.from(content) : content,
  );
  const sizes = contents.map((content) => (Buffer.isBuffer(content) ? content.length : content.sizeBytes));
  const index = Buffer.from(indexOf(sorted, sizes));
  const segments: Segment[] = [{ start: 0, sizeBytes: index.length, content: index }];
  let end = index.length;
  for (const [at, content] of contents.entries()) {
    const sizeBytes = sizes[at]!;
    segments.push({ start: end, sizeBytes, content: Buffer.isBuffer(content) ? content : content.path });
    end += sizeBytes;
  }
  const sizeBytes = end;

  const read: Bundle['read'] = async ({ number, sizeBytes: length }) => {
    const start = number * partBytes;
    const bytes = Buffer.alloc(length);
    for (const segment of segments) {
      const from = Math.max(start, segment.start);
      const to = Math.min(start + length, segment.start + segment.sizeBytes);
      if (from >= to) continue;
      await copyInto(
        bytes,
        { at: from - start, from: from - segment.start, length: to - from },
        segment.content,
      );
    }
    return bytes;
  };

  const whole = createHash('sha256');
  const parts: BundlePart[] = [];
  for (let start = 0; start < sizeBytes; start += partBytes) {
    signal.throwIfAborted();
    const part = { number: parts.length, sizeBytes: Math.min(partBytes, sizeBytes - start) };
    const bytes = await read(part);
    whole.update(bytes);
    parts.push({ ...part, sha256: createHash('sha256').update(bytes).digest('hex') });
  }
  return { sha256: whole.digest('hex'), sizeBytes, indexBytes: index.length, parts, read };
}

/** Offsets count from behind the index. */
function indexOf(files: readonly BundleFile[], sizes: readonly number[]): string {
  let offset = 0;
  return files
    .map(({ path }, at) => {
      const line = `${offset} ${sizes[at]} ${path}\n`;
      offset += sizes[at]!;
      return line;
    })
    .join('');
}

async function copyInto(
  target: Buffer,
  { at, from, length }: { at: number; from: number; length: number },
  content: Buffer | string,
): Promise<void> {
  if (Buffer.isBuffer(content)) {
    content.copy(target, at, from, from + length);
    return;
  }
  const handle = await open(content, 'r');
  try {
    for (let done = 0; done < length; ) {
      const { bytesRead } = await handle.read(target, at + done, length - done, from + done);
      if (bytesRead === 0) throw new Error('A download is shorter than it was.');
      done += bytesRead;
    }
  } finally {
    await handle.close();
  }
}
