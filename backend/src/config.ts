// The settings, read once from the environment and typed. No other file reads a setting there.
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmdirSync, statSync } from 'node:fs';
import { isIP } from 'node:net';
import path from 'node:path';
import { z } from 'zod';
import { type Commands, commandsAre } from './lib/machine-command.ts';
import { makeSecretFile } from './lib/secret-file.ts';
import { formatKeyRing, newVaultKey, parseKeyRing, type VaultKey } from './vault/vault.ts';

export type Config = {
  host: string;
  port: number;
  dataDir: string;
  databaseUrl: string | null;
  appDomain: string | null;
  /**
   * Where the Control UI of OpenClaw is served, on an origin of its own; null: the port after `port`, or another free one. With a domain it
   * is never null: a proxy would go on sending that name, and codes with it, to whoever has the port.
   */
  controlUiPort: number | null;
  /** Its public host name; with `*.` before it, each server has a name of its own below. */
  controlUiDomain: string | null;
  telegramBotToken: string | null;
  /** Where the Bot API is, without a slash at the end. */
  telegramApiRoot: string;
  /** The mail server and whom mails come from; null: Buoy sends none. */
  smtp: { url: string; from: string } | null;
  /** “Log in with Telegram” in a browser; null: it is not set up. */
  telegramLogin: { issuer: string; clientId: string; clientSecret: string } | null;
  /** A company's OpenID provider; null: it is not set up. */
  oidc: { issuer: string; clientId: string; clientSecret: string } | null;
  adminUserIds: ReadonlySet<string>;
  /** `approval`: a new person may do nothing until a super-admin, a grant or an invite lets them in. */
  signUp: 'approval' | 'open';
  /** Networks in CIDR notation that managed servers and jump servers may not be in; empty: none is denied. */
  sshDeniedNetworks: readonly string[];
  limits: {
    serversPerUser: number;
    /** Event streams that one person may hold open, over all devices and tokens. */
    streamsPerUser: number;
    terminalsPerUser: number;
    /** Event streams and terminals of everybody together. */
    streams: number;
  };
  /** Days after its sign-in at which a session ends, however often it was used. */
  sessionMaxDays: number;
  /** Days that audit entries are kept. */
  auditRetentionDays: number;
  /** The first signs, all verify. */
  jwtSecrets: readonly string[];
  /** The file that they are kept in; null when the environment gives them. */
  jwtSecretFile: string | null;
  /** The first seals, all open. */
  vaultKeys: readonly VaultKey[];
  /** As for the JWT secrets. */
  vaultKeysFile: string | null;
  logLevel: string;
  trustProxy: number;
  /** The PEM files by which Buoy serves https itself; null: plain http. */
  tls: { cert: string; key: string } | null;
  /** The kept sign-in also works over plain http on an address that is not loopback. */
  allowInsecureHttp: boolean;
  monitorIntervalS: number;
  /** Servers that the monitor probes at the same time. */
  monitorConcurrency: number;
  /** Where an outside watcher is told of each round of the monitor, a secret; null: none is. */
  heartbeatUrl: string | null;
  rateLimits: { global: number; auth: number; exec: number };
  /** When the daily backup is made, UTC. */
  backupAt: { hour: number; minute: number };
  /** Verified backups that are kept. */
  backupKeep: number;
  /** Where managed servers download from, without a slash at the end. */
  downloads: {
    /** null: Node is one of the npm packages. */
    nodeMirror: string | null;
    npmRegistry: string;
  };
  /** The script that installs Ollama on managed servers. */
  ollamaInstallUrl: string;
  /** The program that runs the maintenance commands. */
  commands: Commands;
};

/** A variable with a bad value: the start ends with its message and exit code 78 (EX_CONFIG of sysexits.h). */
export class ConfigError extends Error {}

/** @param takes what the variable takes, in words: the end of the sentence that a person sees */
function variable<S extends z.ZodType>(schema: S, takes: string) {
  return { schema, takes };
}

const wholeNumber = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/)
    .transform(Number)
    .pipe(z.number().min(min).max(max));

const listOf = (text: string): string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);

function isNetwork(text: string): boolean {
  const [, address = '', bits = ''] = /^([0-9A-Fa-f.:]+)\/(\d{1,3})$/.exec(text) ?? [];
  return isIP(address) !== 0 && Number(bits) <= (isIP(address) === 4 ? 32 : 128);
}

/** Servers and their logs see the URL, so it holds no password. */
const downloadUrl = z
  .string()
  .max(300)
  .regex(/^https?:\/\/(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(:\d{1,5})?(\/[A-Za-z0-9._~%+/-]*)?$/)
  .transform((url) => url.replace(/\/+$/, ''));

/** This machine, no address at all, what is only on one link (cloud metadata among them), and groups of machines. */
const DENIED_NETWORKS = [
  '0.0.0.0/8',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '224.0.0.0/4',
  '255.255.255.255/32',
  '::/128',
  '::1/128',
  'fe80::/10',
  'ff00::/8',
];

const variables = {
  HOST: variable(z.string().regex(/^[A-Za-z0-9.:_-]+$/), 'an address to listen on, such as 127.0.0.1'),
  PORT: variable(wholeNumber(0, 65_535), 'a port from 0 (any free one) to 65535'),
  DATA_DIR: variable(z.string().min(1), 'a folder'),
  DATABASE_URL: variable(z.string().regex(/^postgres(ql)?:\/\//), 'a URL that starts with postgres://'),
  APP_DOMAIN: variable(
    z.string().regex(/^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:\d{1,5})?$/),
    'a host name without https://',
  ),
  CONTROL_UI_PORT: variable(wholeNumber(0, 65_535), 'a port from 0 (any free one) to 65535'),
  CONTROL_UI_DOMAIN: variable(
    z.string().regex(/^(\*\.)?[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:\d{1,5})?$/),
    'a host name without https://, or *. and a host name',
  ),
  TELEGRAM_BOT_TOKEN: variable(
    z.string().regex(/^\d+:[A-Za-z0-9_-]{10,}$/),
    'a bot token of the form 123456:ABC…',
  ),
  TELEGRAM_API_ROOT: variable(downloadUrl, 'a URL that starts with https:// or http://, without a password'),
  SMTP_URL: variable(
    z.string().regex(/^smtps?:\/\/[^\s/?#]+\/?(\?[^\s#]*)?$/),
    'a URL of the form smtp://user:password@host:587 or smtps://user:password@host:465',
  ),
  SMTP_FROM: variable(
    z.string().regex(/^([^<>\r\n"]{1,100} <[^\s<>@]+@[^\s<>@]+>|[^\s<>@]+@[^\s<>@]+)$/),
    'an address such as buoy@example.org, or Buoy <buoy@example.org>',
  ),
  TELEGRAM_OIDC_CLIENT_ID: variable(
    z.string().regex(/^\d{1,20}$/),
    'the Client ID that BotFather shows: digits',
  ),
  TELEGRAM_OIDC_CLIENT_SECRET: variable(
    z.string().regex(/^[\x21-\x7e]{8,256}$/),
    'the Client Secret that BotFather shows',
  ),
  TELEGRAM_OIDC_ISSUER: variable(
    z.string().regex(/^(https:\/\/[^\s/?#@]+|http:\/\/127\.0\.0\.1(:\d{1,5})?)$/),
    'an origin that starts with https://',
  ),
  OIDC_ISSUER: variable(
    z.string().regex(/^(https:\/\/[^\s/?#@]+|http:\/\/(127\.0\.0\.1|localhost)(:\d{1,5})?)(\/[^\s?#]*)?$/),
    'the issuer of an OpenID provider, a URL that starts with https://',
  ),
  OIDC_CLIENT_ID: variable(
    z.string().regex(/^[\x21-\x7e]{1,256}$/),
    'the client id that the OpenID provider gave this Buoy',
  ),
  OIDC_CLIENT_SECRET: variable(
    z.string().regex(/^[\x21-\x7e]{8,512}$/),
    'the client secret that the OpenID provider gave this Buoy',
  ),
  ADMIN_USER_IDS: variable(
    z.string().regex(/^\s*[A-Za-z0-9_-]+(\s*,\s*[A-Za-z0-9_-]+)*\s*$/),
    'user ids separated by commas',
  ),
  SIGN_UP: variable(z.enum(['approval', 'open']), 'approval or open'),
  SSH_DENIED_NETWORKS: variable(
    z
      .string()
      .transform(listOf)
      .refine((networks) => networks.every(isNetwork)),
    'networks such as 10.0.0.0/8 or fe80::/10, separated by commas, or nothing to allow all',
  ),
  MAX_SERVERS_PER_USER: variable(wholeNumber(1, 100_000), 'how many servers a person may add, 1 to 100000'),
  MAX_STREAMS_PER_USER: variable(
    wholeNumber(1, 1_000),
    'how many live streams a person may hold open, 1 to 1000',
  ),
  MAX_TERMINALS_PER_USER: variable(
    wholeNumber(1, 100),
    'how many terminals a person may hold open, 1 to 100',
  ),
  MAX_STREAMS: variable(
    wholeNumber(1, 100_000),
    'how many live streams and terminals may be open in all, 1 to 100000',
  ),
  SESSION_MAX_DAYS: variable(wholeNumber(1, 3_650), 'days after which a sign-in ends, 1 to 3650'),
  AUDIT_RETENTION_DAYS: variable(wholeNumber(1, 36_500), 'days that audit entries are kept, 1 to 36500'),
  JWT_SECRET: variable(z.string().min(32), 'at least 32 characters'),
  JWT_SECRET_PREVIOUS: variable(z.string().min(32), 'at least 32 characters'),
  VAULT_KEYS: variable(z.string(), 'id:base64,id:base64 where each key is 32 bytes and each id is used once'),
  LOG_LEVEL: variable(
    z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']),
    'one of fatal, error, warn, info, debug, trace, silent',
  ),
  TRUST_PROXY: variable(wholeNumber(0, 100), 'the number of proxies in front, 0 to 100'),
  TLS_CERT: variable(z.string().regex(/^[^\0\n]+$/), 'a PEM file'),
  TLS_KEY: variable(z.string().regex(/^[^\0\n]+$/), 'a PEM file'),
  ALLOW_INSECURE_HTTP: variable(z.enum(['0', '1']), '1, or 0'),
  MONITOR_INTERVAL_S: variable(wholeNumber(5, 86_400), 'seconds, 5 to 86400'),
  MONITOR_CONCURRENCY: variable(wholeNumber(1, 100), 'how many servers are checked at a time, 1 to 100'),
  HEARTBEAT_URL: variable(
    z
      .string()
      .max(1_000)
      .regex(/^https?:\/\/[^\s/?#@\\]+([/?][\x21\x22\x24-\x7e]*)?$/)
      .refine((url) => URL.canParse(url)),
    'a URL that starts with https:// or http://, without user:password@ and #',
  ),
  RATE_LIMIT_GLOBAL: variable(wholeNumber(1, 1_000_000), 'requests a minute, at least 1'),
  RATE_LIMIT_AUTH: variable(wholeNumber(1, 1_000_000), 'requests a minute, at least 1'),
  RATE_LIMIT_EXEC: variable(wholeNumber(1, 1_000_000), 'requests a minute, at least 1'),
  BACKUP_AT: variable(
    z
      .string()
      .regex(/^([01]\d|2[0-3]):[0-5]\d$/)
      .transform((time) => ({ hour: Number(time.slice(0, 2)), minute: Number(time.slice(3)) })),
    'a time of day in UTC, 00:00 to 23:59',
  ),
  BACKUP_KEEP: variable(wholeNumber(1, 1_000), 'how many backups are kept, 1 to 1000'),
  NODE_MIRROR: variable(downloadUrl, 'a URL that starts with https:// or http://, without a password'),
  NPM_REGISTRY: variable(downloadUrl, 'a URL that starts with https:// or http://, without a password'),
  OLLAMA_INSTALL_URL: variable(downloadUrl, 'a URL that starts with https:// or http://, without a password'),
};

const TELEGRAM_API_ROOT = 'https://api.telegram.org';

/** https://core.telegram.org/bots/telegram-login#openid-connect */
const TELEGRAM_ISSUER = 'https://oauth.telegram.org';

const NODE_MIRROR = 'https://nodejs.org/dist';
const NPM_REGISTRY = 'https://registry.npmjs.org';
const OLLAMA_INSTALL_URL = 'https://ollama.com/install.sh';

type Environment = Record<string, string | undefined>;

/** The data folder, before its content is read. */
export function dataDirIn(environment: Environment = process.env): string {
  return path.resolve(environment.DATA_DIR || './data');
}

/**
 * Reads the configuration; makes DATA_DIR and, at first start, the secrets in it (mode 600).
 * @param dataDirIs `used`: for commands beside a Buoy, which must not make another because they look in the wrong place; `restored`: a
 * restore needs no more than the vault keys; `restored-anew`: no more than the folder
 * @throws ConfigError with one line that names the variable and what it takes
 */
export function loadConfig(
  environment: Environment = process.env,
  dataDirIs: 'made' | 'used' | 'restored' | 'restored-anew' = 'made',
): Config {
  const read = <K extends keyof typeof variables>(
    name: K,
  ): z.output<(typeof variables)[K]['schema']> | null => {
    const value = environment[name];
    if (value === undefined || value === '') return null;
    const parsed = variables[name].schema.safeParse(value);
    if (!parsed.success) throw new ConfigError(`${name} takes ${variables[name].takes}.`);
    return parsed.data as z.output<(typeof variables)[K]['schema']>;
  };

  const dataDir = dataDirIn(environment);
  // Everything is checked before anything is written.
  const settings = {
    host: read('HOST') ?? '127.0.0.1',
    port: read('PORT') ?? 8080,
    dataDir,
    databaseUrl: read('DATABASE_URL'),
    appDomain: read('APP_DOMAIN'),
    controlUiPort: read('CONTROL_UI_PORT'),
    controlUiDomain: read('CONTROL_UI_DOMAIN'),
    telegramBotToken: read('TELEGRAM_BOT_TOKEN'),
    telegramApiRoot: read('TELEGRAM_API_ROOT') ?? TELEGRAM_API_ROOT,
    smtp: smtp(read('SMTP_URL'), read('SMTP_FROM')),
    telegramLogin: telegramLogin(
      read('TELEGRAM_OIDC_CLIENT_ID'),
      read('TELEGRAM_OIDC_CLIENT_SECRET'),
      read('TELEGRAM_OIDC_ISSUER'),
    ),
    oidc: oidc({
      OIDC_ISSUER: read('OIDC_ISSUER'),
      OIDC_CLIENT_ID: read('OIDC_CLIENT_ID'),
      OIDC_CLIENT_SECRET: read('OIDC_CLIENT_SECRET'),
    }),
    adminUserIds: new Set(listOf(read('ADMIN_USER_IDS') ?? '')),
    signUp: read('SIGN_UP') ?? ('approval' as const),
    // Here alone an empty value is not the same as none: it allows every network.
    sshDeniedNetworks:
      environment.SSH_DENIED_NETWORKS === '' ? [] : (read('SSH_DENIED_NETWORKS') ?? DENIED_NETWORKS),
    limits: {
      serversPerUser: read('MAX_SERVERS_PER_USER') ?? 100,
      streamsPerUser: read('MAX_STREAMS_PER_USER') ?? 20,
      terminalsPerUser: read('MAX_TERMINALS_PER_USER') ?? 10,
      streams: read('MAX_STREAMS') ?? 1_000,
    },
    sessionMaxDays: read('SESSION_MAX_DAYS') ?? 90,
    auditRetentionDays: read('AUDIT_RETENTION_DAYS') ?? 400,
    logLevel: read('LOG_LEVEL') ?? 'info',
    trustProxy: read('TRUST_PROXY') ?? 0,
    tls: tlsFiles(read('TLS_CERT'), read('TLS_KEY')),
    allowInsecureHttp: read('ALLOW_INSECURE_HTTP') === '1',
    commands: commandsAre(environment),
    monitorIntervalS: read('MONITOR_INTERVAL_S') ?? 300,
    monitorConcurrency: read('MONITOR_CONCURRENCY') ?? 60,
    heartbeatUrl: read('HEARTBEAT_URL'),
    rateLimits: {
      global: read('RATE_LIMIT_GLOBAL') ?? 120,
      auth: read('RATE_LIMIT_AUTH') ?? 10,
      exec: read('RATE_LIMIT_EXEC') ?? 20,
    },
    backupAt: read('BACKUP_AT') ?? { hour: 3, minute: 15 },
    backupKeep: read('BACKUP_KEEP') ?? 14,
    downloads: downloads(read('NODE_MIRROR'), read('NPM_REGISTRY')),
    ollamaInstallUrl: read('OLLAMA_INSTALL_URL') ?? OLLAMA_INSTALL_URL,
  };
  // The origin of a Control UI session can only be checked against Buoy's own public name.
  if (settings.controlUiDomain !== null && settings.appDomain === null)
    throw new ConfigError('CONTROL_UI_DOMAIN needs APP_DOMAIN, the public host name of Buoy itself.');
  if (
    settings.controlUiDomain !== null &&
    originOf(settings.controlUiDomain) === originOf(settings.appDomain)
  )
    throw new ConfigError(
      'CONTROL_UI_DOMAIN needs another name than APP_DOMAIN: pages of a gateway must not have the origin of Buoy.',
    );
  if (settings.controlUiDomain !== null) settings.controlUiPort ??= portAfter(settings.port);
  const givenSecret = read('JWT_SECRET');
  const previousSecret = read('JWT_SECRET_PREVIOUS');
  const givenKeys = read('VAULT_KEYS');
  if (givenKeys !== null) keyRing(givenKeys);
  const jwtSecretFile = givenSecret === null ? path.join(dataDir, 'jwt-secret') : null;
  const vaultKeysFile = givenKeys === null ? path.join(dataDir, 'vault-keys') : null;

  const database = path.join(dataDir, settings.databaseUrl === null ? 'buoy.db' : 'buoy.lock');
  if (dataDirIs === 'used') refuseMissing(dataDir, [jwtSecretFile, vaultKeysFile, database]);
  else if (dataDirIs !== 'made') refuseMissing(dataDir, dataDirIs === 'restored' ? [vaultKeysFile] : []);
  if (dataDirIs !== 'used') makeDataDir(dataDir);
  const jwtSecrets =
    jwtSecretFile === null
      ? [givenSecret ?? '']
      : linesOf(keptSecret(jwtSecretFile, newJwtSecret, areJwtSecrets));
  return {
    ...settings,
    jwtSecrets: previousSecret === null ? jwtSecrets : [...jwtSecrets, previousSecret],
    jwtSecretFile,
    vaultKeys: keyRing(
      vaultKeysFile === null ? (givenKeys ?? '') : keptSecret(vaultKeysFile, newKeyRing, isKeyRing),
    ),
    vaultKeysFile,
  };
}

/** Public names are reached by https. */
function originOf(domain: string | null): string | null {
  return domain === null ? null : domain.toLowerCase().replace(/:443$/, '');
}

/** 0, any free one, has none after it. */
function portAfter(port: number): number {
  if (port === 65_535)
    throw new ConfigError(
      'CONTROL_UI_DOMAIN needs CONTROL_UI_PORT where PORT is 65535: there is no port after it.',
    );
  return port === 0 ? 0 : port + 1;
}

/** A registry alone has Node too, as a package: who sets it may have no way to nodejs.org. */
function downloads(nodeMirror: string | null, npmRegistry: string | null): Config['downloads'] {
  return {
    nodeMirror: nodeMirror ?? (npmRegistry === null ? NODE_MIRROR : null),
    npmRegistry: npmRegistry ?? NPM_REGISTRY,
  };
}

/** Both halves of the client, or neither: a lone one is a mistake that would show only when somebody signs in. */
function telegramLogin(
  clientId: string | null,
  clientSecret: string | null,
  issuer: string | null,
): Config['telegramLogin'] {
  if (clientId === null && clientSecret === null) return null;
  if (clientId === null) throw new ConfigError('TELEGRAM_OIDC_CLIENT_SECRET needs TELEGRAM_OIDC_CLIENT_ID.');
  if (clientSecret === null)
    throw new ConfigError('TELEGRAM_OIDC_CLIENT_ID needs TELEGRAM_OIDC_CLIENT_SECRET.');
  return { clientId, clientSecret, issuer: issuer ?? TELEGRAM_ISSUER };
}

/** Both, or neither: a mail without a sender is taken nowhere. */
function smtp(url: string | null, from: string | null): Config['smtp'] {
  if (url === null && from === null) return null;
  if (url === null) throw new ConfigError('SMTP_FROM needs SMTP_URL, the mail server.');
  if (from === null) throw new ConfigError('SMTP_URL needs SMTP_FROM, the address that mails come from.');
  return { url, from };
}

/** Both files, or neither. */
function tlsFiles(cert: string | null, key: string | null): Config['tls'] {
  if (cert === null && key === null) return null;
  if (cert === null) throw new ConfigError('TLS_KEY needs TLS_CERT, the file of its certificate.');
  if (key === null) throw new ConfigError('TLS_CERT needs TLS_KEY, the file of its private key.');
  return { cert: path.resolve(cert), key: path.resolve(key) };
}

/** All three, or none: one that is missing would show only when somebody signs in. */
function oidc(settings: {
  OIDC_ISSUER: string | null;
  OIDC_CLIENT_ID: string | null;
  OIDC_CLIENT_SECRET: string | null;
}): Config['oidc'] {
  const { OIDC_ISSUER: issuer, OIDC_CLIENT_ID: clientId, OIDC_CLIENT_SECRET: clientSecret } = settings;
  if (issuer !== null && clientId !== null && clientSecret !== null)
    return { issuer, clientId, clientSecret };
  const names = Object.entries(settings);
  const [given] = names.find(([, value]) => value !== null) ?? [];
  const [missing] = names.find(([, value]) => value === null) ?? [];
  if (given !== undefined) throw new ConfigError(`${given} needs ${missing}.`);
  return null;
}

/** Where things are, and how to write words and times. */
const FOR_PROGRAMS = /^(PATH|LD_LIBRARY_PATH|HOME|TMPDIR|SQLITE_TMPDIR|TZ|LANG|LANGUAGE|LC_[A-Z]+)$/;

/**
 * What a program that Buoy starts gets of the environment. The rest may hold secrets of root, whose commands start programs under Buoy's
 * account, which can read their environment.
 * @param extra set for it
 * @param own which other variables it knows
 */
export function programEnvironment(extra: Environment = {}, own?: RegExp): Environment {
  const known = Object.entries(process.env).filter(
    ([name]) => FOR_PROGRAMS.test(name) || own?.test(name) === true,
  );
  return { ...Object.fromEntries(known), ...extra };
}

const newJwtSecret = (): string => randomBytes(48).toString('base64url');
const newKeyRing = (): string => formatKeyRing([newVaultKey()]);

const linesOf = (text: string): string[] => text.split(/\s*\n\s*/);

/** One on each line. */
function areJwtSecrets(text: string): boolean {
  return linesOf(text).every((line) => variables.JWT_SECRET.schema.safeParse(line).success);
}

function refuseMissing(dataDir: string, files: Array<string | null>): void {
  if (statSync(dataDir, { throwIfNoEntry: false })?.isDirectory() !== true)
    throw new ConfigError(
      `DATA_DIR takes the folder of a Buoy; "${dataDir}" is not one: run this with the settings that Buoy itself runs with.`,
    );
  for (const file of files)
    if (file !== null && !existsSync(file))
      throw new ConfigError(
        `DATA_DIR holds no ${path.basename(file)} ("${file}"): run this with the settings that Buoy itself runs with.`,
      );
}

function isKeyRing(text: string): boolean {
  try {
    return parseKeyRing(text).length > 0;
  } catch {
    return false;
  }
}

function keyRing(value: string): VaultKey[] {
  if (!isKeyRing(value)) throw new ConfigError(`VAULT_KEYS takes ${variables.VAULT_KEYS.takes}.`);
  return parseKeyRing(value);
}

function makeDataDir(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    // Whether it can be written to shows only by writing: rights, read-only mounts and quotas differ.
    rmdirSync(mkdtempSync(path.join(folder, '.writable-')));
  } catch (cause) {
    // A full disk gets room again, and what is stored can be read until then.
    if (hasCode(cause, 'ENOSPC')) return;
    throw new ConfigError(`DATA_DIR takes a folder that Buoy can write to; "${folder}" is not one.`, {
      cause,
    });
  }
}

/** The secret in `file`; made there first, and on disk before it is used, when the file is not there. */
function keptSecret(file: string, generate: () => string, isWhole: (secret: string) => boolean): string {
  if (!existsSync(file))
    try {
      makeSecretFile(file, `${generate()}\n`);
    } catch (cause) {
      throw new ConfigError(`DATA_DIR takes a folder that Buoy can write to; "${file}" could not be made.`, {
        cause,
      });
    }
  const secret = readSecret(file);
  if (!isWhole(secret))
    throw new ConfigError(
      `DATA_DIR holds an empty or damaged ${path.basename(file)}: restore it from your copy, or remove it.`,
    );
  return secret;
}

function readSecret(file: string): string {
  try {
    chmodSync(file, 0o600);
    return readFileSync(file, 'utf8').trim();
  } catch (cause) {
    throw new ConfigError(
      `DATA_DIR holds "${file}", which Buoy may not read: give it to the account that Buoy runs as.`,
      { cause },
    );
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
