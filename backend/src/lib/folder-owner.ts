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

/**
 * From here on root is the owner of `folder`, for the rest of the process. Nothing happens where there is none. That account may not read or
 * trace the process, as it may one that was started under it: with the process it would have root's terminal.
 * @param environment where `buoy-server` names the account of an installed Buoy: then it is that one, whoever owns the folder
 */
export function becomeOwnerOf(folder: string, environment: NodeJS.ProcessEnv = process.env): void {
  if (process.getuid?.() !== 0) return;
  const owner = accountIn(environment) ?? statSync(folder, { throwIfNoEntry: false });
  if (owner === undefined || owner.uid === 0) return;
  const { uid, gid } = owner;
  // A signal of that account would start Node's debugger.
  process.on('SIGUSR1', () => undefined);
  try {
    (process as WithInitgroups).initgroups?.(uid, gid);
  } catch {
    // An account without a name has no other groups.
    process.setgroups?.([gid]);
  }
  process.setgid?.(gid);
  process.setuid?.(uid);
}

/** The types of Node leave it out: https://nodejs.org/api/process.html#processinitgroupsuser-extragroup */
type WithInitgroups = NodeJS.Process & { initgroups?(user: number, extraGroup: number): void };

function accountIn({ BUOY_ACCOUNT = '' }: NodeJS.ProcessEnv): { uid: number; gid: number } | null {
  const [, uid, gid] = /^(\d+):(\d+)$/.exec(BUOY_ACCOUNT) ?? [];
  return uid === undefined || gid === undefined ? null : { uid: Number(uid), gid: Number(gid) };
}
