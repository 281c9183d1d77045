// npm run doctor: reports problems of this Buoy on its machine, and how to fix them.
import { type Config, ConfigError, dataDirIn, loadConfig } from '../config.ts';
import { type DatabaseHandle, databaseSource, openDatabase } from '../db/database.ts';
import { checkBot } from '../doctor/bot.ts';
import { type CheckResult, linesOf, ok, problem } from '../doctor/check-result.ts';
import { checkCertificate, checkClock, checkDisk, checkPort } from '../doctor/machine.ts';
import { checkServers } from '../doctor/server-connections.ts';
import { isAppError } from '../lib/app-error.ts';
import { systemClock } from '../lib/clock.ts';
import { becomeOwnerOf } from '../lib/folder-owner.ts';
import { commandsAre, machineCommand } from '../lib/machine-command.ts';
import { printErrorLine, printLine } from '../lib/print-line.ts';
import { sealedColumns } from '../sealed-columns.ts';
import { createSealedSecretStore } from '../secrets/sealed-secrets.store.ts';
import { countOf, createSealedSecrets, keysMissing, PUT_KEYS_BACK } from '../secrets/sealed-secrets.ts';
import { createServerStore } from '../servers/servers.store.ts';
import { createAddressLookup } from '../ssh/address-lookup.ts';
import { createAddressPolicy } from '../ssh/address-policy.ts';
import { startFailure } from '../start-failure.ts';
import { createVault } from '../vault/vault.ts';
import { exitOnStop, runCommand } from './run-command.ts';

const EXIT_PROBLEMS = 1;
const EXIT_USAGE = 2;
const SETTINGS_ADVICE = 'Correct the setting, then run doctor again.';

async function* examine(): AsyncGenerator<CheckResult> {
  let config: Config;
  try {
    becomeOwnerOf(dataDirIn());
    config = loadConfig(undefined, 'used');
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    yield problem('settings', error.message, SETTINGS_ADVICE);
    return;
  }
  yield ok('settings', `read, with DATA_DIR ${config.dataDir}.`);
  yield await checkClock(config.dataDir, { clock: systemClock });
  yield await checkDisk(config.dataDir);
  if (config.tls !== null) yield certificate(config.tls);
  yield await checkPort(config);
  yield await checkBot(config.telegramBotToken);
  let database: DatabaseHandle;
  try {
    database = await openDatabase(databaseSource(config));
  } catch (error) {
    yield problem('database', sentenceOf(error), 'The keys and servers cannot be checked until it opens.');
    return;
  }
  try {
    const began = performance.now();
    await database.ping();
    const ms = Math.round(performance.now() - began);
    const mb = ((await database.sizeBytes()) / 1_000_000).toFixed(1);
    yield ok('database', `${database.dialect} answers in ${ms} ms, ${mb} MB.`);
    yield await keys(config, database);
    const servers = await createServerStore(database.db).list(null);
    yield* await checkServers(servers, {
      lookup: createAddressLookup(),
      policy: createAddressPolicy(config.sshDeniedNetworks),
    });
  } finally {
    await database.close();
  }
}

function certificate(tls: NonNullable<Config['tls']>): CheckResult {
  try {
    return checkCertificate(tls, systemClock);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return problem('certificate', error.message, SETTINGS_ADVICE);
  }
}

async function keys(config: Config, database: DatabaseHandle): Promise<CheckResult> {
  const sealed = createSealedSecrets({
    columns: sealedColumns,
    store: createSealedSecretStore(database.db),
    vault: createVault(config.vaultKeys),
  });
  const missing = await sealed.lacking();
  if (missing.length > 0) return problem('keys', keysMissing(missing), PUT_KEYS_BACK);
  const { outdated, keyIds } = await sealed.overview();
  if (outdated > 0)
    return problem(
      'keys',
      `${countOf(outdated)} under an older vault key.`,
      'Restart Buoy: it seals them again under the active key.',
    );
  return ok('keys', `every secret is under the active one of ${keyIds.length} vault key(s).`);
}

function sentenceOf(error: unknown): string {
  const known = startFailure(error)?.sentence;
  if (known !== undefined) return known;
  return isAppError(error) ? error.message : String(error);
}

async function main(words: string[]): Promise<number> {
  if (words.length > 0) {
    printErrorLine(`Usage: ${machineCommand(commandsAre(process.env), 'doctor')}`);
    return EXIT_USAGE;
  }
  exitOnStop();
  let problems = 0;
  for await (const result of examine()) {
    if (result.state === 'problem') problems += 1;
    for (const line of linesOf(result)) printLine(line);
  }
  printLine(
    problems === 0 ? 'No problems found.' : `${problems === 1 ? '1 problem' : `${problems} problems`} found.`,
  );
  return problems === 0 ? 0 : EXIT_PROBLEMS;
}

await runCommand(main);
