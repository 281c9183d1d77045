// Allowed names in an uploaded archive: each must mean one file below the skill's folder, on every system and for every reader.
import { refusedUpload } from './skill-file.ts';

/** Bytes of UTF-8. */
const MAX_PATH_BYTES = 200;
const MAX_DEPTH = 8;

export type ArchiveNames = {
  /**
   * Takes the next name as it stands in the archive.
   * @returns its path, without the "/" at the end of a folder
   * @throws AppError `invalid_request`
   */
  add(raw: Buffer): { path: string; isFolder: boolean };
};

export function createArchiveNames(): ArchiveNames {
  /** Folded path → its entry: two names that some file system treats as equal are refused. */
  const seen = new Map<string, 'file' | 'folder'>();

  return {
    add(raw) {
      const name = decode(raw);
      const isFolder = name.endsWith('/');
      const path = isFolder ? name.slice(0, -1) : name;
      const parts = partsOf(path, name);
      for (let depth = 1; depth < parts.length; depth += 1) {
        const parent = fold(parts.slice(0, depth).join('/'));
        if (seen.get(parent) === 'file')
          throw refusedUpload('The archive has a file where another entry needs a folder.', name);
        seen.set(parent, 'folder');
      }
      const key = fold(path);
      const before = seen.get(key);
      if (before === 'file' || (before === 'folder' && !isFolder))
        throw refusedUpload(
          'The archive has two entries of the same name, or that differ only in case.',
          name,
        );
      seen.set(key, isFolder ? 'folder' : 'file');
      return { path, isFolder };
    },
  };
}

function decode(raw: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(raw);
  } catch {
    throw refusedUpload('A name in the archive is not UTF-8.', raw.toString('latin1'));
  }
}

function partsOf(path: string, name: string): string[] {
  if (path === '' || path.startsWith('/') || /^[A-Za-z]:/.test(path))
    throw refusedUpload('A name in the archive is an absolute path.', name);
  if (path.includes('\\')) throw refusedUpload('A name in the archive contains a backslash.', name);
  // Control characters, and marks that reorder or hide what is shown of a name.
  if (/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(path))
    throw refusedUpload('A name in the archive contains invisible characters.', name);
  if (Buffer.byteLength(path) > MAX_PATH_BYTES)
    throw refusedUpload(`A name in the archive is longer than ${MAX_PATH_BYTES} bytes.`, name);
  const parts = path.split('/');
  if (parts.length > MAX_DEPTH)
    throw refusedUpload(`The archive has folders more than ${MAX_DEPTH} deep.`, name);
  if (parts.includes('..')) throw refusedUpload('A name in the archive leads out of its folder.', name);
  if (parts.some((part) => part === '' || part === '.' || part.trim() !== part))
    throw refusedUpload('A name in the archive is not a plain path.', name);
  return parts;
}

function fold(path: string): string {
  return path.normalize('NFKC').toLowerCase();
}
