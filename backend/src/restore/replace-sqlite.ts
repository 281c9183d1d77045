// The restore of an SQLite database: everything is done on the copy beside it; putting that in place is the one step that changes anything.
import path from 'node:path';
import { openDatabase } from '../db/database.ts';
import type { BackupContent } from './backup-content.ts';
import { replaceFile } from './replace-file.ts';
import { type Replaced, type Replacing, settle } from './replacing.ts';

/** @throws AppError; nothing is changed then */
export async function replaceSqlite(backup: BackupContent, parts: Replacing): Promise<Replaced> {
  const database = await openDatabase({ engine: 'sqlite', file: backup.copy });
  const settled = await settle(database, backup, parts);
  const keptAside = replaceFile(backup.copy, path.join(parts.config.dataDir, 'buoy.db'), parts.asideName);
  return { ...settled, keptAside };
}
