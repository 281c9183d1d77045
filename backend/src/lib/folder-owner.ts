// What root makes by a command in somebody's data folder must be theirs: else the service that runs as them could not open it.
import { chownSync, statSync } from 'node:fs';
import path from 'node:path';

/** Gives `file` to the owner of the folder it is in. Only root can, and only root needs to. */
export function giveToFolderOwner(file: string): void {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = statSync(path.dirname(file));
  chownSync(file, uid, gid);
}
