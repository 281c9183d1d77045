// Start failures of Buoy and its commands: one sentence, and an exit code that says whether a retry can help.
import { ConfigError } from './config.ts';
import { AppError } from './lib/app-error.ts';
import { printErrorLine } from './lib/print-line.ts';

/** EX_CONFIG of sysexits.h: a retry fails until a setting is changed. */
export const EXIT_CONFIG = 78;
/** EX_TEMPFAIL of sysexits.h: a retry may succeed. */
export const EXIT_MOMENTARY = 75;

export type StartFailure = { sentence: string; exitCode: typeof EXIT_CONFIG | typeof EXIT_MOMENTARY };

const lasting = (sentence: string): StartFailure => ({ sentence, exitCode: EXIT_CONFIG });
const momentary = (sentence: string): StartFailure => ({ sentence, exitCode: EXIT_MOMENTARY });

/** @returns null for what nobody foresaw: a mistake in Buoy */
export function startFailure(error: unknown): StartFailure | null {
  const causes = causesOf(error);
  const setting = causes.find((cause) => cause instanceof ConfigError);
  if (setting !== undefined) return lasting(setting.message);
  for (const cause of causes) {
    const failure = databaseFailure(cause) ?? fileFailure(cause);
    if (failure !== null) return failure;
  }
  const told = causes.find((cause) => cause instanceof AppError && cause.code === 'conflict');
  if (!(told instanceof AppError)) return null;
  const sentence = oneSentence(told.message, told.hint);
  return Object(told.details).momentary === true ? momentary(sentence) : lasting(sentence);
}

/** Says on standard error why it could not start and answers the exit code; null where `startFailure` knows nothing. */
export function sayStartFailure(error: unknown): number | null {
  const failure = startFailure(error);
  if (failure === null) return null;
  printErrorLine(failure.sentence);
  return failure.exitCode;
}

/** The innermost first: it knows most. What Node tried in several ways counts by the first of them. */
function causesOf(error: unknown): Error[] {
  const causes: Error[] = [];
  for (let cause = error; cause instanceof Error && !causes.includes(cause); cause = cause.cause) {
    causes.unshift(cause);
    if (cause instanceof AggregateError) cause.cause ??= cause.errors[0];
  }
  return causes;
}

/** "A restore is running." and "Start Buoy later." → "A restore is running: start Buoy later." */
function oneSentence(message: string, hint: string | undefined): string {
  if (hint === undefined) return message;
  const lower = /^[A-Z][a-z]/.test(hint) && !hint.startsWith('Buoy');
  return `${message.replace(/\.$/, '')}: ${lower ? hint.charAt(0).toLowerCase() : hint.charAt(0)}${hint.slice(1)}`;
}

type SystemError = Error & {
  code?: unknown;
  syscall?: string;
  path?: string;
  address?: string;
  port?: number;
  hostname?: string;
};

function databaseFailure(error: SystemError): StartFailure | null {
  const { code } = error;
  if (typeof code !== 'string') return null;
  if (code.startsWith('SQLITE_')) return sqliteFailure(code);
  // PostgreSQL's own codes have five letters and digits: appendix A of its manual.
  if (/^(28...|3D000|42501)$/.test(code))
    return lasting(`DATABASE_URL is refused by PostgreSQL: ${lineOf(error)}.`);
  if (/^(08...|53...|57P0.|55000)$/.test(code))
    return momentary(`PostgreSQL accepts no connections at the moment: ${lineOf(error)}.`);
  if (error.syscall === 'connect' || error.syscall === 'getaddrinfo') return reachFailure(error, code);
  return null;
}

function sqliteFailure(code: string): StartFailure | null {
  if (/^SQLITE_(CORRUPT|NOTADB)/.test(code))
    return lasting('DATA_DIR holds a buoy.db that is damaged or not a database: restore a backup.');
  if (/^SQLITE_(CANTOPEN|READONLY|PERM|AUTH)/.test(code))
    return lasting(
      'DATA_DIR holds files that Buoy may not open or write: give them to the account that Buoy runs as.',
    );
  if (code.startsWith('SQLITE_FULL'))
    return momentary('The disk under DATA_DIR is full: free some space, then start Buoy.');
  if (/^SQLITE_(BUSY|LOCKED|PROTOCOL)/.test(code))
    return momentary('The database in DATA_DIR is held by another program: end it, then start Buoy.');
  if (code.startsWith('SQLITE_IOERR'))
    return momentary('The disk under DATA_DIR has read or write errors: check the system log.');
  return null;
}

function reachFailure(error: SystemError, code: string): StartFailure | null {
  const place =
    error.hostname ?? (error.address === undefined ? 'its host' : `${error.address}:${error.port}`);
  if (code === 'ECONNREFUSED' || code === 'ENOENT')
    return lasting(`DATABASE_URL leads to no PostgreSQL server: nothing listens at ${place}.`);
  if (code === 'ENOTFOUND') return lasting(`DATABASE_URL names a host that is not known: ${place}.`);
  return momentary(`The PostgreSQL server of DATABASE_URL does not answer at ${place} (${code}).`);
}

function fileFailure({ code, path, syscall }: SystemError): StartFailure | null {
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return momentary('The disk under DATA_DIR is full: free some space, then start Buoy.');
  if (path === undefined || !['EACCES', 'EPERM', 'EROFS'].includes(String(code))) return null;
  return lasting(
    `DATA_DIR holds "${path}", which Buoy may not use (${syscall}): give it to the account that Buoy runs as.`,
  );
}

function lineOf(error: Error): string {
  return error.message.replaceAll(/\s+/g, ' ').replace(/\.$/, '');
}
