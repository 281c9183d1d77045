// Reads an uploaded zip in memory. Nothing in it is trusted: names, kinds, sizes and checksums are checked, and inflated bytes counted.

import { Transform } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { crc32 } from 'node:zlib';
import { type Entry, fromBuffer, type ZipFile } from 'yauzl';
import { AppError } from '../../lib/app-error.ts';
import { createArchiveNames } from './archive-names.ts';
import { refusedUpload, type SkillFile } from './skill-file.ts';

/** Entries, folders included. The largest skill that comes with OpenClaw has 6 files. */
const MAX_ENTRIES = 500;
/** Bytes of all files together. */
const MAX_TOTAL_BYTES = 10 * 1024 * 1024;
/** Highest compression ratio of a file; text rarely exceeds 20. Small files are exempt. */
const MAX_RATIO = 100;
const RATIO_FROM_BYTES = 64 * 1024;

/** Bits of a Unix mode with the kind of file, and the only two allowed kinds. */
const KIND = 0o170000;
const REGULAR = 0o100000;
const FOLDER = 0o040000;

/**
 * The files of a zip. Leftovers of macOS (`__MACOSX/`, `.DS_Store`) are left out.
 * @throws AppError `invalid_request`, in words, for whatever is not a plain archive of plain files
 */
export async function readArchive(bytes: Buffer): Promise<SkillFile[]> {
  const zip = await open(bytes);
  try {
    if (zip.entryCount > MAX_ENTRIES)
      throw refusedUpload(`The archive has ${zip.entryCount} entries; at most ${MAX_ENTRIES} are allowed.`);
    const names = createArchiveNames();
    const files: SkillFile[] = [];
    let total = 0;
    for await (const entry of zip.eachEntry()) {
      // Names are not decoded, so that each byte is checked.
      const { path, isFolder } = names.add(entry.fileNameRaw);
      const { executable } = checkKind(entry, path, isFolder);
      if (isFolder) continue;
      checkSizes(entry, path, total);
      const content = await inflate(zip, entry, MAX_TOTAL_BYTES - total, path);
      total += content.length;
      if (crc32(content) !== entry.crc32) throw refusedUpload('A file in the archive is damaged.', path);
      if (isArchive(content)) throw refusedUpload('The archive contains another archive.', path);
      if (!isLeftover(path)) files.push({ path, bytes: content, executable });
    }
    return files;
  } catch (error) {
    // yauzl throws for a bad archive: truncated, false sizes, several disks.
    throw error instanceof AppError ? error : refusedUpload('The archive is damaged or not a plain zip.');
  } finally {
    zip.close();
  }
}

function open(bytes: Buffer): Promise<ZipFile> {
  return new Promise((resolve, reject) => {
    fromBuffer(bytes, { lazyEntries: true, decodeStrings: false, validateEntrySizes: true }, (error, zip) =>
      error ? reject(refusedUpload('The file is not a zip archive.')) : resolve(zip),
    );
  });
}

function checkKind(entry: Entry, path: string, isFolder: boolean): { executable: boolean } {
  if (entry.isEncrypted()) throw refusedUpload('The archive is encrypted.', path);
  if (entry.compressionMethod !== 0 && entry.compressionMethod !== 8)
    throw refusedUpload('A file in the archive is compressed in an unusual way.', path);
  const mode = entry.externalFileAttributes >>> 16;
  const kind = mode & KIND;
  // Zips from Windows have no mode at all.
  const expected = isFolder ? FOLDER : REGULAR;
  if (kind === 0o120000) throw refusedUpload('The archive contains a symbolic link.', path);
  if (kind !== 0 && kind !== expected)
    throw refusedUpload('The archive contains an entry that is neither a file nor a folder.', path);
  if (isFolder && entry.uncompressedSize !== 0)
    throw refusedUpload('A folder in the archive has content.', path);
  return { executable: (mode & 0o100) !== 0 };
}

function checkSizes(entry: Entry, path: string, before: number): void {
  const { uncompressedSize, compressedSize } = entry;
  if (before + uncompressedSize > MAX_TOTAL_BYTES) throw tooLarge(path);
  if (uncompressedSize > RATIO_FROM_BYTES && uncompressedSize > compressedSize * MAX_RATIO)
    throw refusedUpload(`A file in the archive is compressed more than ${MAX_RATIO} to 1.`, path);
}

/** Stops at the first byte beyond the limit. */
async function inflate(zip: ZipFile, entry: Entry, maxBytes: number, path: string): Promise<Buffer> {
  let size = 0;
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      size += chunk.length;
      if (size > maxBytes) done(tooLarge(path));
      else done(null, chunk);
    },
  });
  const [content] = await Promise.all([
    buffer(counted),
    pipeline(await zip.openReadStreamPromise(entry), counted),
  ]);
  return content;
}

function tooLarge(path: string): AppError {
  return refusedUpload(`The archive unpacks to more than ${MAX_TOTAL_BYTES / 1024 / 1024} MiB.`, path);
}

function isLeftover(path: string): boolean {
  return path.startsWith('__MACOSX/') || path.split('/').at(-1) === '.DS_Store';
}

/** First bytes of zip, gzip, bzip2, xz, 7z, rar, zstd. */
const archiveStarts = [
  '504b0304',
  '504b0506',
  '1f8b08',
  '425a68',
  'fd377a585a00',
  '377abcaf271c',
  '526172211a07',
  '28b52ffd',
];
/** "ustar" at 257: tar (POSIX.1-1988). */
const TAR_MARK_AT = 257;

function isArchive(content: Buffer): boolean {
  const start = content.subarray(0, 8).toString('hex');
  return (
    archiveStarts.some((mark) => start.startsWith(mark)) ||
    content.toString('latin1', TAR_MARK_AT, TAR_MARK_AT + 5) === 'ustar'
  );
}
