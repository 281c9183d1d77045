// A command that root runs in another account's data folder acts as that account: new files belong to it, and a link placed there
// leads nowhere that the account cannot go itself.
import { closeSync, constants, fchownSync, fstatSync, openSync, statSync } from 'node:fs';
import path from 'node:path';

/** Gives a file that root wrote to the folder's owner; does nothing for a missing file or a link. */
export function giveToFolderOwner(file: string): void {
  if (process.getuid?.() !== 0) return;
  const folder = statSync(path.dirname(file), { throwIfNoEntry: false });
  if (folder === undefined) return;
  const { uid, gid } = folder;
  let handle: number;
  try {
    handle = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch {
    return;
  }
  try {
    const found = fstatSync(handle);
    // Another name of it may be outside of the folder.
    if (found.isFile() && found.nlink === 1) fchownSync(handle, uid, gid);
  } finally {
    closeSync(handle);
  }
}

/** From here on root is the owner of `folder`, for the rest of the process. Nothing happens where there is none. */
export function becomeOwnerOf(folder: string): void {
  const owner = process.getuid?.() === 0 ? statSync(folder, { throwIfNoEntry: false }) : undefined;
  if (owner === undefined || owner.uid === 0) return;
  process.setgroups?.([owner.gid]);
  process.setgid?.(owner.gid);
  process.setuid?.(owner.uid);
}
