// The packages that a package names itself, once and for all, in the npm-shrinkwrap.json inside: https://docs.npmjs.com/cli/v11/configuring-npm/npm-shrinkwrap-json
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { Platform } from './dependencies.ts';
import { sourceFailure } from './download-attempts.ts';
import type { CachedFile } from './download-cache.ts';
import type { PackageFile } from './package-source.ts';
import type { RegistryReader } from './registry-reader.ts';

/** Bytes: that of OpenClaw 2026.7.35 has 190 KB. */
const MAX_SHRINKWRAP_BYTES = 8 * 1024 ** 2;
/** Bytes that are unpacked to find it; OpenClaw has 200 MB. */
const MAX_UNPACKED_BYTES = 1024 ** 3;
const BLOCK = 512;

/** Throws AppError `registry_failed` for a package without a shrinkwrap, and as `reader.shrinkwrap`; or the signal's reason. */
export async function readShrinkwrap(
  archive: CachedFile,
  {
    registry,
    platform,
    reader,
    signal,
  }: { registry: string; platform: Platform; reader: RegistryReader; signal: AbortSignal },
): Promise<PackageFile[]> {
  const text = await textInArchive(archive.path, 'package/npm-shrinkwrap.json');
  if (text === null) throw sourceFailure('The package has no shrinkwrap that npm understands.');
  return reader.shrinkwrap({ text, registry, platform }, signal);
}

/** The text of one file of a .tgz; null where it is not in there, or longer than `MAX_SHRINKWRAP_BYTES`. Nothing is unpacked to the disk. */
async function textInArchive(archive: string, name: string): Promise<string | null> {
  // A failure of the file becomes one of what is read below; `pipe` would leave it to end the process.
  const unpacked = pipeline(createReadStream(archive), createGunzip(), () => undefined);
  let rest: Buffer = Buffer.alloc(0);
  let total = 0;
  /** Bytes of the entry under way that are not of interest. */
  let skip = 0;
  try {
    for await (const chunk of unpacked) {
      total += (chunk as Buffer).length;
      if (total > MAX_UNPACKED_BYTES) return null;
      if (skip >= (chunk as Buffer).length && rest.length === 0) {
        skip -= (chunk as Buffer).length;
        continue;
      }
      rest = Buffer.concat([rest, chunk as Buffer]);
      for (;;) {
        const skipped = Math.min(skip, rest.length);
        rest = rest.subarray(skipped);
        skip -= skipped;
        if (rest.length < BLOCK) break;
        const size = sizeIn(rest);
        if (nameIn(rest) === name) {
          if (size > MAX_SHRINKWRAP_BYTES) return null;
          if (rest.length < BLOCK + size) break;
          return rest.toString('utf8', BLOCK, BLOCK + size);
        }
        rest = rest.subarray(BLOCK);
        skip = Math.ceil(size / BLOCK) * BLOCK;
      }
    }
  } catch (cause) {
    throw sourceFailure('The package could not be unpacked.', cause);
  } finally {
    unpacked.destroy();
  }
  return null;
}

/** Of the header of an entry (https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html, ustar). */
function nameIn(header: Buffer): string {
  return header.toString('utf8', 0, 100).replace(/\0.*$/s, '');
}

function sizeIn(header: Buffer): number {
  const octal = header.toString('latin1', 124, 136).replace(/[\0 ].*$/s, '');
  return /^[0-7]{1,11}$/.test(octal) ? Number.parseInt(octal, 8) : 0;
}
