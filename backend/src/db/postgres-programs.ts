// Runs PostgreSQL's client programs (pg_dump, pg_restore, psql) and turns their failures into errors.
import { ConfigError, programEnvironment } from '../config.ts';
import { AppError } from '../lib/app-error.ts';
import { type ProgramResult, runProgram } from '../lib/run-program.ts';
import { COPY_DEADLINE_MS } from './database-copies.ts';

/** Seconds. */
const CONNECT_TIMEOUT_S = 10;
/** Characters of a program's own words that a person is shown. */
const WORDS_SHOWN = 300;
/** Stands for the host of a URL that has none behind its password. */
const NO_HOST = 'none.invalid';
/** What PostgreSQL's library reads, and the libraries below it for Kerberos and TLS. */
const OWN_VARIABLES = /^(PG[A-Z]+|KRB5[A-Z0-9_]+|SSL_CERT_(FILE|DIR)|OPENSSL_CONF)$/;

type Program = 'pg_dump' | 'pg_restore' | 'psql';

/**
 * Runs one of PostgreSQL's programs, on the database at `url` where it takes one. The password travels by the environment: the words
 * of a command can be read by everybody on the machine.
 * @throws AppError when it is missing, too old, or fails; the signal's reason
 */
export async function runPostgresProgram(
  program: Program,
  args: readonly string[],
  { url, signal, maxOutputBytes }: { url?: string; signal: AbortSignal; maxOutputBytes?: number },
): Promise<ProgramResult> {
  const { uri, password } = url === undefined ? { uri: null, password: null } : forPrograms(url);
  const result = await runProgram(program, uri === null ? args : [...args, `--dbname=${uri}`], {
    environment: programEnvironment(
      {
        LC_ALL: 'C',
        PGCONNECT_TIMEOUT: String(CONNECT_TIMEOUT_S),
        PGAPPNAME: 'buoy-backup',
        ...(password === null ? {} : { PGPASSWORD: password }),
      },
      OWN_VARIABLES,
    ),
    deadlineMs: COPY_DEADLINE_MS,
    signal,
    ...(maxOutputBytes === undefined ? {} : { maxOutputBytes }),
  }).catch((error: unknown) => {
    if ((error as { code?: string }).code === 'ENOENT') throw missing(program);
    throw error;
  });
  if (result.code !== 0) throw failed(program, result.stderr);
  return result;
}

/**
 * The URL as PostgreSQL's own library reads it, without its password. Its parts are those that Node's driver sees: the library takes the
 * first @ for the end of the password, the driver the last.
 */
function forPrograms(url: string): { uri: string; password: string | null } {
  const parsed = URL.parse(url) ?? URL.parse(url.replace('@/', `@${NO_HOST}/`));
  if (parsed === null)
    throw new ConfigError('DATABASE_URL takes a URL that starts with postgres://; this one cannot be read.');
  const settings = parsed.searchParams;
  const password = settings.get('password') ?? (parsed.password === '' ? null : decoded(parsed.password));
  settings.delete('password');
  // What only Node's driver knows; its "no-verify" is what the library calls "require".
  if (settings.get('sslmode') === 'no-verify') settings.set('sslmode', 'require');
  if (['true', '1'].includes(settings.get('ssl') ?? '') && !settings.has('sslmode'))
    settings.set('sslmode', 'require');
  for (const name of ['ssl', 'uselibpqcompat']) settings.delete(name);
  const user = parsed.username === '' ? '' : `${encodeURIComponent(decoded(parsed.username))}@`;
  const host = parsed.host === NO_HOST ? '' : parsed.host;
  const query = settings.size === 0 ? '' : `?${settings.toString().replaceAll('+', '%20')}`;
  return { uri: `${parsed.protocol}//${user}${host}${parsed.pathname}${query}`, password };
}

/** A percent sign that begins no escape is itself, as for Node's driver. */
function decoded(text: string): string {
  return decodeURIComponent(text.replaceAll(/%(?![0-9a-f]{2})/gi, '%25'));
}

function missing(program: Program): AppError {
  return new AppError(
    'internal',
    `The program "${program}" is not on this machine; a backup of PostgreSQL needs it.`,
    {
      hint: 'Install the client programs of PostgreSQL (on Debian: postgresql-client), as new as the server.',
    },
  );
}

function failed(program: Program, stderr: string): AppError {
  const words = stderr.trim();
  if (/server version mismatch/.test(words)) {
    const [, server = 'unknown', own = 'unknown'] =
      /server version: (\S+);.*version: (\S+)/.exec(words) ?? [];
    return new AppError(
      'internal',
      `The program "${program}" (${own}) is older than the PostgreSQL server (${server}).`,
      { hint: 'Install client programs of PostgreSQL that are at least as new as the server.' },
    );
  }
  if (/No space left on device/.test(words))
    return new AppError('storage_full', "Buoy's disk is full; nothing was copied.", {
      hint: 'Free some space in the data folder of Buoy, then try again.',
      cause: new Error(words),
    });
  if (/connection to server|could not connect|could not translate host name/.test(words))
    return new AppError('storage_unavailable', 'The PostgreSQL server does not answer.', {
      hint: 'Check DATABASE_URL and the server.',
      cause: new Error(words),
    });
  return new AppError('internal', `"${program}" failed: ${firstError(words)}`, { cause: new Error(words) });
}

/** The first line that says what went wrong; notices may stand before it. */
function firstError(words: string): string {
  const lines = words.split('\n');
  const line = lines.find((one) => /error/i.test(one)) ?? lines.at(-1) ?? '';
  return line === '' ? 'it printed nothing.' : line.slice(0, WORDS_SHOWN);
}
