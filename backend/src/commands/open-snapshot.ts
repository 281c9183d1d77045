// npm run open-snapshot -- FILE TO: opens a downloaded snapshot on Buoy's machine, by the secret that this Buoy has sealed it with.
import { closeSync, ftruncateSync, openSync, readSync, rmSync, writeFileSync } from 'node:fs';
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
const PIECE_BYTES = 256 * 1024;

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
      for await (const bytes of openFile(secret, bytesOf(file))) writeFileSync(target, bytes);
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

/** No stream of Node: when what it gives cannot be opened, it closes a file that it does not own. */
async function* bytesOf(file: number): AsyncGenerator<Buffer> {
  for (;;) {
    const bytes = Buffer.alloc(PIECE_BYTES);
    const length = readSync(file, bytes);
    if (length === 0) return;
    yield bytes.subarray(0, length);
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
