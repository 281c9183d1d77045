// A file, or a new name in a folder, is on the disk only when the system was told to bring it there.
import { closeSync, fsyncSync, openSync } from 'node:fs';

/** @param path of a file, or of a folder in which a name has changed; throws the error of the file system */
export function syncToDisk(path: string): void {
  const handle = openSync(path, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
