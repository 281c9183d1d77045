// npm run restore -- FILE [--without-keys]: replaces the database with a backup, on Buoy's machine, while Buoy is stopped.
import { lstatSync, readlinkSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { ConfigError, dataDirIn, loadConfig } from '../config.ts';
import { AppError, isAppError } from '../lib/app-error.ts';
import { systemClock } from '../lib/clock.ts';
import { becomeOwnerOf, giveToFolderOwner } from '../lib/folder-owner.ts';
import { commandsAre, machineCommand } from '../lib/machine-command.ts';
import { printErrorLine, printLine } from '../lib/print-line.ts';
import { openBackup } from '../restore/backup-content.ts';
import { type Restored, restore } from '../restore/restore.ts';
import { onStop, runCommand } from './run-command.ts';

const USAGE = `Usage: ${machineCommand(commandsAre(process.env), 'restore', 'FILE [--without-keys]')}
  FILE            a backup, by its path or by its name in DATA_DIR/backups
  --without-keys  the vault keys of the backup are lost: restore all but the secrets
`;
const EXIT_REFUSED = 1;
const EXIT_USAGE = 2;

function read(words: string[]): { file: string; withoutKeys: boolean } | null {
  try {
    const { values, positionals } = parseArgs({
      args: words,
      options: { 'without-keys': { type: 'boolean' } },
      allowPositionals: true,
    });
    const [file, ...more] = positionals;
    if (file === undefined || more.length > 0) return null;
    return { file, withoutKeys: values['without-keys'] === true };
  } catch {
    return null;
  }
}

function* report(done: Restored): Generator<string> {
  const { backup, servers, users, lastEntryAt, migrated, keptAside } = done;
  const { endedInvites, endedTasks, stoppedRollouts, lostSecrets, auditKeptIn } = done;
  const of = backup.createdAt === null ? '' : `, the state of ${backup.createdAt}`;
  yield `Restored ${backup.filename}${of}: ${count(servers, 'server')}, ${count(users, 'user')}.`;
  if (lastEntryAt !== null) yield `The last entry of its audit log is from ${lastEntryAt}.`;
  yield backup.hashKnown
    ? 'Its database is intact, and the file matches the checksum in the .json beside it. A change of both files goes unnoticed.'
    : 'Its database is intact. Without its .json beside it, the file itself could not be verified.';
  if (migrated.length > 0) yield `It is from an older Buoy and was migrated: ${migrated.join(', ')}.`;
  yield keptAside === null
    ? 'There was no database before.'
    : `The database from before is in ${keptAside}. Remove it when you are sure.`;
  if (endedTasks > 0)
    yield `${count(endedTasks, 'task')} that ran when the backup was made will not resume: check the servers.`;
  if (stoppedRollouts > 0)
    yield `${count(stoppedRollouts, 'rollout')} that updated servers when the backup was made will not go on: resume what is still wanted.`;
  if (endedInvites > 0)
    yield `${count(endedInvites, 'invite')} that nobody had accepted when the backup was made no longer work: make those again that are still wanted.`;
  if (lostSecrets > 0)
    yield `${count(lostSecrets, 'secret')} could not be opened: enter the password or key of each server again.`;
  if (auditKeptIn !== null) yield `A new audit log was started; the earlier entries are in ${auditKeptIn}.`;
  yield 'Everyone must sign in again. Users, roles and API tokens are as they were then: anything revoked since is valid again.';
  yield 'Keep copies of the vault keys elsewhere: no backup contains them.';
  yield 'Start Buoy now.';
}

function count(number: number, thing: string): string {
  return `${number} ${thing}${number === 1 ? '' : 's'}`;
}

function inWords(error: unknown): string {
  if (!isAppError(error)) return String(error);
  return error.hint === undefined ? error.message : `${error.message} ${error.hint}`;
}

/** As many as Linux follows (path_resolution(7)). */
const MAX_LINKS = 40;

/** Whether the way to `file`, followed link by link, passes through `folder` or a link of its owner: that account chooses what lies behind. */
function leadsThrough(file: string, folder: string): boolean {
  let real: string;
  let owner: number;
  try {
    real = realpathSync(folder);
    owner = statSync(real).uid;
  } catch {
    return false;
  }
  const names = file.split(path.sep);
  let at: string = path.sep;
  for (let links = 0; names.length > 0; ) {
    at = path.join(at, names.shift() ?? '');
    if (at === real) return true;
    const target = linkTarget(at);
    if (target === null) continue;
    links += 1;
    if (links > MAX_LINKS || target.owner === owner) return true;
    at = path.isAbsolute(target.path) ? path.sep : path.dirname(at);
    names.unshift(...target.path.split(path.sep));
  }
  return false;
}

/** null: no link, or nothing is there. */
function linkTarget(file: string): { path: string; owner: number } | null {
  try {
    return { path: readlinkSync(file), owner: lstatSync(file).uid };
  } catch {
    return null;
  }
}

function hasChanged(error: unknown): boolean {
  return isAppError(error) && z.object({ changed: z.literal(true) }).safeParse(error.details).success;
}

async function main(words: string[]): Promise<number> {
  const asked = read(words);
  if (asked === null) {
    process.stderr.write(USAGE);
    return EXIT_USAGE;
  }
  const stop = new AbortController();
  onStop(() => stop.abort());
  try {
    const dataDir = dataDirIn();
    const given = path.resolve(asked.file);
    // A backup may be where only root reads; by way of the data folder its owner could lead root to such a file.
    const elsewhere = leadsThrough(given, dataDir) ? null : await openBackup([given]);
    // Put back by root from where they were kept.
    for (const name of ['vault-keys', 'jwt-secret']) giveToFolderOwner(path.join(dataDir, name));
    becomeOwnerOf(dataDir);
    const config = loadConfig(undefined, asked.withoutKeys ? 'restored-anew' : 'restored');
    const places =
      path.basename(asked.file) === asked.file ? [given, path.join(dataDir, 'backups', asked.file)] : [given];
    const backup = elsewhere ?? (await openBackup(places));
    if (backup === null) throw new AppError('not_found', `No readable file at "${places.join('" or "')}".`);
    const done = await restore(backup, {
      config,
      clock: systemClock,
      signal: stop.signal,
      withoutKeys: asked.withoutKeys,
    });
    for (const line of report(done)) printLine(line);
    return 0;
  } catch (error) {
    if (error instanceof ConfigError) {
      printErrorLine(error.message);
      return EXIT_USAGE;
    }
    printErrorLine(stop.signal.aborted ? 'It was stopped.' : inWords(error));
    if (!hasChanged(error)) printErrorLine('Nothing was changed.');
    return EXIT_REFUSED;
  }
}

await runCommand(main);
