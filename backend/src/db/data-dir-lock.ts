// Locks a data folder: shared by running Buoys, exclusive for a restore.
import path from 'node:path';
import { AppError } from '../lib/app-error.ts';
import { type FileLock, lockFile } from './file-lock.ts';

const fileOf = (dataDir: string): string => path.join(dataDir, 'buoy.lock');

/** Held by the one Buoy that may use the SQLite database of the folder. */
const soleFileOf = (dataDir: string): string => path.join(dataDir, 'buoy-process.lock');

/**
 * For a Buoy that starts; to be kept until it ends.
 * @param isSole whether another Buoy on the folder would use the same database without knowing of this one
 * @throws AppError `conflict` while a restore is running, and while another Buoy runs that must be the only one
 */
export function occupyDataDir(dataDir: string, isSole: boolean): FileLock {
  const lock = lockFile(fileOf(dataDir), 'shared');
  if (lock === null)
    throw new AppError('conflict', 'A restore is running on this DATA_DIR.', {
      hint: 'Start Buoy when it is done.',
      details: { momentary: true },
    });
  if (!isSole) return lock;
  const sole = lockFile(soleFileOf(dataDir), 'exclusive');
  if (sole === null) {
    lock.release();
    throw new AppError('conflict', `Another Buoy runs on DATA_DIR "${dataDir}".`, {
      hint: 'Stop that one first, or give this one another folder.',
    });
  }
  return {
    release() {
      sole.release();
      lock.release();
    },
  };
}

/** For a restore. @throws AppError `conflict` while a Buoy runs on this folder, or another restore */
export function seizeDataDir(dataDir: string): FileLock {
  const lock = lockFile(fileOf(dataDir), 'exclusive');
  if (lock === null)
    throw new AppError('conflict', 'Buoy is running on this DATA_DIR, or another restore is.', {
      hint: 'Stop Buoy first, then restore.',
    });
  return lock;
}
