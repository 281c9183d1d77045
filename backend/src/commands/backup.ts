// npm run backup: makes a backup now, on the machine itself, whether Buoy runs or not.
import path from 'node:path';
import { createBackups } from '../backups/backups.ts';
import { ConfigError, dataDirIn, loadConfig } from '../config.ts';
import { databaseCopies, databaseSource } from '../db/database.ts';
import { isAppError } from '../lib/app-error.ts';
import { systemClock } from '../lib/clock.ts';
import { createLogger } from '../lib/create-logger.ts';
import { becomeOwnerOf } from '../lib/folder-owner.ts';
import { commandsAre, machineCommand } from '../lib/machine-command.ts';
import { printErrorLine, printLine } from '../lib/print-line.ts';
import { version } from '../lib/version.ts';
import { onStop, runCommand } from './run-command.ts';

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;

async function main(words: string[]): Promise<number> {
  if (words.length > 0) {
    printErrorLine(`Usage: ${machineCommand(commandsAre(process.env), 'backup')}`);
    return EXIT_USAGE;
  }
  try {
    becomeOwnerOf(dataDirIn());
    const config = loadConfig(undefined, 'used');
    const folder = path.join(config.dataDir, 'backups');
    const backups = createBackups({
      copies: databaseCopies(databaseSource(config)),
      folder,
      keep: config.backupKeep,
      version,
      clock: systemClock,
      logger: createLogger('silent'),
    });
    onStop(() => void backups.close());
    const { filename, sizeBytes, sha256 } = await backups.run();
    printLine(`${path.join(folder, filename)}: ${sizeBytes} bytes, read back and verified.`);
    printLine(`SHA-256 ${sha256}`);
    printLine(
      'It contains neither the vault keys nor the token secret: keep copies of vault-keys and jwt-secret elsewhere.',
    );
    return 0;
  } catch (error) {
    if (error instanceof ConfigError) {
      printErrorLine(error.message);
      return EXIT_USAGE;
    }
    const { message, hint } = isAppError(error) ? error : { message: String(error), hint: undefined };
    printErrorLine(`${message}${hint === undefined ? '' : ` ${hint}`}`);
    return EXIT_FAILED;
  }
}

await runCommand(main);
