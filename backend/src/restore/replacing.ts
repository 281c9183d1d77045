// What both ways to replace a database are given and answer.
import path from 'node:path';
import type { Config } from '../config.ts';
import type { DatabaseHandle } from '../db/database.ts';
import type { Clock } from '../lib/clock.ts';
import { createVault } from '../vault/vault.ts';
import type { BackupContent } from './backup-content.ts';
import { type Settled, settleRestored } from './settle-restored.ts';

export type RestoreParts = {
  config: Config;
  clock: Clock;
  signal: AbortSignal;
  /** Go on although the vault keys here do not open what is sealed in the backup. */
  withoutKeys: boolean;
};

export type Replacing = RestoreParts & {
  /** For files on the way; on the disk of the data folder, and gone afterwards. */
  workFolder: string;
  /** How the names end of what is kept from before. */
  asideName: string;
};

export type Replaced = Settled & {
  /** Where the database from before is; null when there was none. */
  keptAside: string | null;
};

/** Brings an opened database out of a backup to where Buoy can go on with it, and closes it. @throws AppError */
export async function settle(
  database: DatabaseHandle,
  backup: BackupContent,
  { config, clock, withoutKeys, asideName }: Replacing,
): Promise<Settled> {
  try {
    return await settleRestored(database, {
      backup,
      vault: createVault(config.vaultKeys),
      withoutKeys,
      auditFile: path.join(config.dataDir, `audit-log.${asideName}.jsonl`),
      clock,
    });
  } finally {
    await database.close();
  }
}
