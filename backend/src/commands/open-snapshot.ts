// npm run open-snapshot -- FILE TO: opens a downloaded snapshot on Buoy's machine, by the secret that this Buoy has sealed it with.
import { closeSync, createReadStream, createWriteStream, ftruncateSync, openSync, rmSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { isAppError } from '../lib/app-error.ts';
import { systemClock } from '../lib/clock.ts';
import { commandsAre, machineCommand } from '../lib/machine-command.ts';
import { printErrorLine, printLine } from '../lib/print-line.ts';
import { createKeptSecretStore } from '../secrets/kept-secrets.store.ts';
import { keptSecret, SNAPSHOT_FILES } from '../secrets/kept-secrets.ts';
import { openFile } from '../vault/sealed-file.ts';
import { createVault } from '../vault/vault.ts';
import { openForCommand } from './open-for-command.ts';
import { runCommand } from './run-command.ts';

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;

async function main(words: string[]): Promise<number> {
  const [from, to, ...more] = words;
  if (from === undefined || to === undefined || more.length > 0 || from.startsWith('--')) {
    printErrorLine(`Usage: ${machineCommand(commandsAre(process.env), 'open-snapshot', 'FILE TO')}`);
    return EXIT_USAGE;
  }
  // By whoever typed it: the command goes on as the account of Buoy.
  let file: number;
  let target: number;
  try {
    file = openSync(from, 'r');
    target = openSync(to, 'wx', 0o600);
  } catch (error) {
    printErrorLine((error as Error).message);
    return EXIT_FAILED;
  }
  let isWhole = false;
  try {
    const opened = await openForCommand();
    if ('exitCode' in opened) return opened.exitCode;
    const { config, database } = opened;
    try {
      const secret = await keptSecret(SNAPSHOT_FILES, {
        store: createKeptSecretStore(database.db),
        vault: createVault(config.vaultKeys),
        clock: systemClock,
      });
      await pipeline(
        openFile(secret, createReadStream('', { fd: file, autoClose: false })),
        createWriteStream('', { fd: target, autoClose: false }),
      );
    } finally {
      await database.close();
    }
    isWhole = true;
    printLine(to);
    return 0;
  } catch (error) {
    if (isAppError(error))
      printErrorLine(`${error.message}${error.hint === undefined ? '' : ` ${error.hint}`}`);
    else if (typeof (error as { code?: unknown }).code === 'string') printErrorLine((error as Error).message);
    else throw error;
    return EXIT_FAILED;
  } finally {
    if (!isWhole) removeHalf(target, to);
    closeSync(file);
    closeSync(target);
  }
}

/** Half of an archive must not pass for one. */
function removeHalf(target: number, to: string): void {
  ftruncateSync(target, 0);
  try {
    rmSync(to);
  } catch {
    // The account of Buoy may not remove what root has made; it is empty.
  }
}

await runCommand(main);
