// Streams a file through gzip and back: a backup may be larger than Buoy's memory.
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, type ReadStream } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';

/** Of the packed file. */
export type Packed = { sizeBytes: number; sha256: string };

/** Of 1 to 9. The packed size of a database changes by a tenth up to 9, the time by a factor of three. */
const GZIP_LEVEL = 6;

/** Packs `source` into the new file `target` (mode 600), which is on disk when this resolves. */
export async function packFile(source: string, target: string, signal: AbortSignal): Promise<Packed> {
  const meter = createMeter();
  await pipeline(
    createReadStream(source),
    createGzip({ level: GZIP_LEVEL }),
    meter.stream,
    createWriteStream(target, { flags: 'wx', mode: 0o600, flush: true }),
    { signal },
  );
  return meter.read();
}

/** Unpacks `source` into the new file `target` (mode 600). Throws when it was cut off or changed. */
export async function unpackFile(
  source: string | FileHandle,
  target: string,
  signal: AbortSignal,
): Promise<Packed> {
  const meter = createMeter();
  await pipeline(
    fromStart(source),
    meter.stream,
    createGunzip(),
    createWriteStream(target, { flags: 'wx', mode: 0o600 }),
    { signal },
  );
  return meter.read();
}

/** SHA-256 of a file in hex. */
export async function hashOf(file: string | FileHandle): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of fromStart(file)) hash.update(chunk);
  return hash.digest('hex');
}

/** All of a file; one that is open stays so. */
export function fromStart(source: string | FileHandle): ReadStream {
  return typeof source === 'string'
    ? createReadStream(source)
    : source.createReadStream({ start: 0, autoClose: false });
}

/** Counts and hashes what flows through it. */
function createMeter(): { stream: Transform; read(): Packed } {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      sizeBytes += chunk.length;
      done(null, chunk);
    },
  });
  return { stream, read: () => ({ sizeBytes, sha256: hash.digest('hex') }) };
}
