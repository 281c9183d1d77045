// Loads the settings and opens the database for a command on Buoy's machine.
import { type Config, dataDirIn, loadConfig } from '../config.ts';
import { type DatabaseHandle, databaseSource, openDatabase } from '../db/database.ts';
import { becomeOwnerOf } from '../lib/folder-owner.ts';
import { sayStartFailure } from '../start-failure.ts';

/** Where they cannot be had, says why in one sentence; then the command ends with `exitCode`. */
export async function openForCommand(): Promise<
  { config: Config; database: DatabaseHandle } | { exitCode: number }
> {
  try {
    becomeOwnerOf(dataDirIn());
    const config = loadConfig(undefined, 'used');
    return { config, database: await openDatabase(databaseSource(config)) };
  } catch (error) {
    const exitCode = sayStartFailure(error);
    if (exitCode === null) throw error;
    return { exitCode };
  }
}
