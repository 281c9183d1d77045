// Who works on a data folder: any number of Buoys and nobody who restores, or one restore and no Buoy.
import path from 'node:path';
import { AppError } from '../lib/app-error.ts';
import { type FileLock, lockFile } from './file-lock.ts';

const fileOf = (dataDir: string): string => path.join(dataDir, 'buoy.lock');

/** For a Buoy that starts; to be kept until it ends. @throws AppError `conflict` while a restore is running */
export function shareDataDir(dataDir: string): FileLock {
  const lock = lockFile(fileOf(dataDir), 'shared');
  if (lock === null)
    throw new AppError('conflict', 'A restore is running on this DATA_DIR.', {
      hint: 'Start Buoy when it is done.',
    });
  return lock;
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
