// Secret files: readable by their owner only, and written atomically, even if the machine crashes.
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fchownSync,
  fsyncSync,
  linkSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { syncToDisk } from './sync-to-disk.ts';

/**
 * Makes `file` with mode 600, on disk when this returns. Of two that make it at once the first one's content stays.
 * @throws the error of the file system
 */
export function makeSecretFile(file: string, content: string): void {
  placeDraft(file, content, (draft) => {
    try {
      linkSync(draft, file);
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
    }
  });
}

/**
 * Puts `content` in the place of what `file` held, on disk when this returns. The file has mode 600 then and the owner that it had,
 * or that its folder has: a command that root runs must not take it away from the account that Buoy runs as.
 * @throws the error of the file system; the file is as it was
 */
export function replaceSecretFile(file: string, content: string): void {
  const owner = statSync(file, { throwIfNoEntry: false }) ?? statSync(path.dirname(file));
  placeDraft(file, content, (draft) => renameSync(draft, file), owner);
}

function placeDraft(
  file: string,
  content: string,
  place: (draft: string) => void,
  owner?: { uid: number; gid: number },
): void {
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  try {
    const handle = openSync(draft, 'wx', 0o600);
    try {
      if (owner !== undefined && process.getuid?.() === 0) fchownSync(handle, owner.uid, owner.gid);
      writeSync(handle, content);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    place(draft);
    syncToDisk(path.dirname(file));
  } finally {
    rmSync(draft, { force: true });
  }
}
