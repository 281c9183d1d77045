// Messages and exit codes of a failed start.
import { expect, test } from 'vitest';
import { ConfigError } from './config.ts';
import { AppError } from './lib/app-error.ts';
import { EXIT_CONFIG, EXIT_MOMENTARY, startFailure } from './start-failure.ts';

const withCode = (code: string, more: object = {}, message = 'some words.') =>
  Object.assign(new Error(message), { code, ...more });
/** As the database module hands it on. */
const unavailable = (cause: Error) => new AppError('storage_unavailable', 'It does not answer.', { cause });
const connect = { syscall: 'connect', address: '10.0.0.9', port: 5432 };

test.each<[what: string, error: unknown, sentence: RegExp, exitCode: number]>([
  ['a bad setting', new ConfigError('PORT takes a port.'), /^PORT takes a port\.$/, EXIT_CONFIG],
  [
    'a setting because of a file',
    new ConfigError('DATA_DIR takes a folder.', { cause: withCode('EACCES', { path: '/x' }) }),
    /^DATA_DIR takes a folder\.$/,
    EXIT_CONFIG,
  ],
  [
    'a closed port',
    unavailable(withCode('ECONNREFUSED', connect)),
    /^DATABASE_URL .*10\.0\.0\.9:5432/,
    EXIT_CONFIG,
  ],
  [
    'a closed port of a name with two addresses',
    unavailable(new AggregateError([withCode('ECONNREFUSED', connect)])),
    /^DATABASE_URL .*10\.0\.0\.9:5432/,
    EXIT_CONFIG,
  ],
  [
    'a name that is not known',
    unavailable(withCode('ENOTFOUND', { syscall: 'getaddrinfo', hostname: 'db' })),
    /^DATABASE_URL .* db\.$/,
    EXIT_CONFIG,
  ],
  [
    'a wrong password',
    unavailable(withCode('28P01')),
    /^DATABASE_URL is refused by PostgreSQL: some words\.$/,
    EXIT_CONFIG,
  ],
  ['no such database', unavailable(withCode('3D000')), /^DATABASE_URL is refused/, EXIT_CONFIG],
  [
    'a PostgreSQL that starts',
    unavailable(withCode('57P03')),
    /^PostgreSQL accepts no connections/,
    EXIT_MOMENTARY,
  ],
  [
    'too many connections',
    unavailable(withCode('53300')),
    /^PostgreSQL accepts no connections/,
    EXIT_MOMENTARY,
  ],
  [
    'a host that does not answer',
    unavailable(withCode('ETIMEDOUT', connect)),
    /does not answer at 10\.0\.0\.9:5432 \(ETIMEDOUT\)/,
    EXIT_MOMENTARY,
  ],
  ['a damaged file', unavailable(withCode('SQLITE_NOTADB')), /^DATA_DIR .*damaged/, EXIT_CONFIG],
  ['a file of somebody else', withCode('SQLITE_CANTOPEN'), /^DATA_DIR .*account/, EXIT_CONFIG],
  [
    'a lock of somebody else',
    withCode('EPERM', { path: '/d/buoy.lock', syscall: 'chmod' }),
    /"\/d\/buoy\.lock".*account/,
    EXIT_CONFIG,
  ],
  ['a full disk', new Error('migration', { cause: withCode('ENOSPC') }), /full/, EXIT_MOMENTARY],
  [
    'a conflict that stays',
    new AppError('conflict', 'Another Buoy runs.', { hint: 'Stop it first.' }),
    /^Another Buoy runs: stop it first\.$/,
    EXIT_CONFIG,
  ],
  [
    'a conflict that ends',
    new AppError('conflict', 'A restore is running.', { hint: 'Wait.', details: { momentary: true } }),
    /^A restore is running: wait\.$/,
    EXIT_MOMENTARY,
  ],
])('start failure by %s is one sentence and an exit code', (_what, error, sentence, exitCode) => {
  const failure = startFailure(error);
  expect(failure?.sentence).toMatch(sentence);
  expect(failure?.sentence).not.toContain('\n');
  expect(failure?.exitCode).toBe(exitCode);
});

test('a bug in Buoy is not reported as a start failure', () => {
  expect(startFailure(new TypeError('x is not a function'))).toBeNull();
  expect(startFailure('thrown')).toBeNull();
});
