// The result of the last backup run, in a file, so that a failure is remembered over restarts.
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { replaceSecretFile } from '../lib/secret-file.ts';

const memory = z.object({
  /** Since when this Buoy makes backups. */
  since: z.iso.datetime(),
  /** When the last run ended; null before the first. */
  lastAt: z.iso.datetime().nullable(),
  lastOk: z.boolean().nullable(),
  /** Time of the last verified backup. */
  lastSuccessAt: z.iso.datetime().nullable(),
  lastSizeBytes: z.number().int().nullable(),
  /** Runs that failed, in all. */
  failures: z.number().int(),
});
export type BackupRunRecord = z.output<typeof memory>;

export function createBackupRunRecord(file: string) {
  /** What could not be written, on a full disk, is still known until the end of this process. */
  let unwritten: BackupRunRecord | null = null;

  return {
    /** @param now what "since" is when nothing was noted yet */
    async read(now: string): Promise<BackupRunRecord> {
      if (unwritten !== null) return unwritten;
      try {
        return memory.parse(JSON.parse(await readFile(file, 'utf8')));
      } catch {
        return {
          since: now,
          lastAt: null,
          lastOk: null,
          lastSuccessAt: null,
          lastSizeBytes: null,
          failures: 0,
        };
      }
    },

    /** @throws the error of the file system; what was to be written is remembered all the same */
    write(content: BackupRunRecord): void {
      unwritten = content;
      replaceSecretFile(file, `${JSON.stringify(content)}\n`);
      unwritten = null;
    },
  };
}
