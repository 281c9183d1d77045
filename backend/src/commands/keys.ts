// npm run keys -- VERB: shows or changes the vault keys and the token secret, on Buoy's machine.
import { parseArgs } from 'node:util';
import { type Config, ConfigError, dataDirIn, loadConfig } from '../config.ts';
import { databaseSource, openDatabase } from '../db/database.ts';
import { isAppError } from '../lib/app-error.ts';
import { systemClock } from '../lib/clock.ts';
import { becomeOwnerOf } from '../lib/folder-owner.ts';
import { commandsAre, machineCommand } from '../lib/machine-command.ts';
import { printErrorLine, printLine } from '../lib/print-line.ts';
import { sealedColumns } from '../sealed-columns.ts';
import { pruneJwtSecrets, rotateJwtSecret } from '../secrets/jwt-secrets.ts';
import type { KeyChange } from '../secrets/key-change.ts';
import { createSealedSecretStore } from '../secrets/sealed-secrets.store.ts';
import { createSealedSecrets } from '../secrets/sealed-secrets.ts';
import { showKeys } from '../secrets/show-keys.ts';
import { pruneVaultRing, type Ring, rotateVaultRing } from '../secrets/vault-ring.ts';
import { createVault } from '../vault/vault.ts';
import { runCommand } from './run-command.ts';

const USAGE = `Usage: ${machineCommand(commandsAre(process.env), 'keys', 'VERB')}
  show                     lists the keys and how many secrets each protects; never shows a key
  rotate vault [--print]   adds a new vault key as the active one; then restart Buoy
  prune vault [--print]    removes older vault keys that no secret needs any more
  rotate jwt [--print]     adds a new token secret as the active one; then restart Buoy
  prune jwt [--now]        removes the older secrets, a day after the change; --now: at once
  --print: for keys from the environment, print what to set there
`;
const EXIT_REFUSED = 1;
const EXIT_USAGE = 2;

type Options = { print: boolean; now: boolean };
type Verb = {
  takes: ReadonlyArray<keyof Options>;
  run(config: Config, options: Options): Promise<KeyChange>;
};

const jwtOf = (config: Config) => ({
  secrets: config.jwtSecrets,
  file: config.jwtSecretFile,
  commands: config.commands,
});

const verbs: Record<string, Verb> = {
  show: {
    takes: [],
    run: async (config) => ({
      words: await withRing(config, (ring) => showKeys(ring, jwtOf(config))),
      settings: [],
    }),
  },
  'rotate vault': {
    takes: ['print'],
    run: (config, { print }) => withRing(config, (ring) => rotateVaultRing(ring, print)),
  },
  'prune vault': {
    takes: ['print'],
    run: (config, { print }) => withRing(config, (ring) => pruneVaultRing(ring, print)),
  },
  'rotate jwt': {
    takes: ['print'],
    run: async (config, { print }) => rotateJwtSecret(jwtOf(config), print),
  },
  'prune jwt': {
    takes: ['now'],
    run: async (config, { now }) => pruneJwtSecrets(jwtOf(config), { now: systemClock.now(), atOnce: now }),
  },
};

async function withRing<T>(config: Config, use: (ring: Ring) => Promise<T>): Promise<T> {
  const database = await openDatabase(databaseSource(config));
  try {
    const sealedSecrets = createSealedSecrets({
      columns: sealedColumns,
      store: createSealedSecretStore(database.db),
      vault: createVault(config.vaultKeys),
    });
    const { vaultKeys: keys, vaultKeysFile: file, commands } = config;
    return await use({ keys, file, sealedSecrets, commands });
  } finally {
    await database.close();
  }
}

/** null: the words are none of ours. */
function read(words: string[]): { verb: Verb; options: Options } | null {
  try {
    const { values, positionals } = parseArgs({
      args: words,
      options: { print: { type: 'boolean' }, now: { type: 'boolean' } },
      allowPositionals: true,
    });
    const name = positionals.join(' ');
    const verb = Object.hasOwn(verbs, name) ? verbs[name] : undefined;
    const given = (['print', 'now'] as const).filter((option) => values[option] === true);
    if (verb === undefined || given.some((option) => !verb.takes.includes(option))) return null;
    return { verb, options: { print: values.print === true, now: values.now === true } };
  } catch {
    return null;
  }
}

async function main(words: string[]): Promise<number> {
  const asked = read(words);
  if (asked === null) {
    process.stderr.write(USAGE);
    return EXIT_USAGE;
  }
  try {
    becomeOwnerOf(dataDirIn());
    const change = await asked.verb.run(loadConfig(undefined, 'used'), asked.options);
    // Settings stand alone on standard output, so that they can be led into a file unseen.
    const print = change.settings.length === 0 ? printLine : printErrorLine;
    for (const line of change.words.split('\n')) print(line);
    for (const line of change.settings) printLine(line);
    return 0;
  } catch (error) {
    if (!(error instanceof ConfigError) && !isAppError(error)) throw error;
    const hint = isAppError(error) && error.hint !== undefined ? ` ${error.hint}` : '';
    printErrorLine(`${error.message}${hint}`);
    return EXIT_REFUSED;
  }
}

await runCommand(main);
