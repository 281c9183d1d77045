// Calls of PostgreSQL's client programs, and the errors when they are missing, too old or fail, with stub programs.
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ConfigError } from '../config.ts';
import { runPostgresProgram } from './postgres-programs.ts';

const signal = new AbortController().signal;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'buoy-programs-'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

/** Puts a shell script in the place of pg_dump. */
function pgDump(script: string): void {
  const file = path.join(folder, 'pg_dump');
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
  vi.stubEnv('PATH', `${folder}:/usr/bin:/bin`);
}

const dump = (url: string) => runPostgresProgram('pg_dump', ['--format=custom'], { url, signal });
const failure = (url = 'postgres://h/d') => dump(url).catch((error: unknown) => error);

describe('a pg_dump call', () => {
  const called = async (url: string): Promise<{ args: string[]; password: string }> => {
    pgDump(`printf '%s\\n' "$@" > ${folder}/args; printf '%s' "$PGPASSWORD" > ${folder}/password`);
    await dump(url);
    return {
      args: readFileSync(path.join(folder, 'args'), 'utf8').trim().split('\n'),
      password: readFileSync(path.join(folder, 'password'), 'utf8'),
    };
  };

  test.each([
    ['postgres://buoy:hunter2@h:5433/d', 'postgres://buoy@h:5433/d', 'hunter2'],
    [
      'postgresql://buoy:p%40ss%2Fw%3A%25@h/d?sslmode=require',
      'postgresql://buoy@h/d?sslmode=require',
      'p@ss/w:%',
    ],
    ['postgres://buoy:hunter2@/d?host=/var/run/pg', 'postgres://buoy@/d?host=%2Fvar%2Frun%2Fpg', 'hunter2'],
    ['postgres://h/d?user=buoy&password=hunter2', 'postgres://h/d?user=buoy', 'hunter2'],
    ['postgres://buoy@h/d', 'postgres://buoy@h/d', ''],
    ['postgres://h/d', 'postgres://h/d', ''],
    [
      'postgres://b:hunter2@h/d?sslmode=no-verify&uselibpqcompat=true',
      'postgres://b@h/d?sslmode=require',
      'hunter2',
    ],
    ['postgres://buoy:hun@ter2@h/d', 'postgres://buoy@h/d', 'hun@ter2'],
    [
      'postgres://bu@oy:hun@ter2@/d?host=/var/run/pg',
      'postgres://bu%40oy@/d?host=%2Fvar%2Frun%2Fpg',
      'hun@ter2',
    ],
    ['postgres://buoy:100%hunter%402@[::1]:5433/d', 'postgres://buoy@[::1]:5433/d', '100%hunter@2'],
    ['postgres://b:hunter2@h/d?ssl=true', 'postgres://b@h/d?sslmode=require', 'hunter2'],
  ])('%s: passes the password by the environment and in no argument', async (url, uri, password) => {
    const { args, password: given } = await called(url);
    expect(args).toEqual(['--format=custom', `--dbname=${uri}`]);
    expect(given).toBe(password);
    if (password !== '') expect(args.join(' ')).not.toContain(password);
  });

  test('does not come about with a URL that cannot be read, which no message shows', async () => {
    const refused = await failure('postgres://buoy:hun/ter2@h:no/d');
    expect(refused).toBeInstanceOf(ConfigError);
    expect(inspect(refused)).not.toContain('ter2');
  });

  test('gets of the environment what PostgreSQL reads, and nothing of others', async () => {
    const known = { HOME: '/home/ada', LC_CTYPE: 'C.UTF-8', PGSSLROOTCERT: '/ca.pem', KRB5CCNAME: '/ticket' };
    for (const [name, value] of Object.entries({ ...known, AWS_SECRET_ACCESS_KEY: 'hunter2' }))
      vi.stubEnv(name, value);
    pgDump(`env > ${folder}/environment`);
    await dump('postgres://h/d');
    const given = readFileSync(path.join(folder, 'environment'), 'utf8').split('\n');
    expect(given).toEqual(expect.arrayContaining(Object.entries(known).map((pair) => pair.join('='))));
    expect(given.join('\n')).not.toContain('hunter2');
  });

  test('gets none of Buoy’s own secrets in its environment', async () => {
    vi.stubEnv('JWT_SECRET', 'hunter2-hunter2');
    vi.stubEnv('DATABASE_URL', 'postgres://b:hunter2@h/d');
    pgDump(`env > ${folder}/environment`);
    await dump('postgres://h/d');
    expect(readFileSync(path.join(folder, 'environment'), 'utf8')).not.toContain('hunter2');
  });
});

describe('the error when pg_dump', () => {
  test('is not installed', async () => {
    vi.stubEnv('PATH', folder);
    expect(await failure()).toMatchObject({
      code: 'internal',
      message: expect.stringContaining('"pg_dump" is not on this machine'),
      hint: expect.stringContaining('postgresql-client'),
    });
  });

  test('is older than the server', async () => {
    pgDump(
      `echo 'pg_dump: error: aborting because of server version mismatch' >&2
       echo 'pg_dump: detail: server version: 17.2; pg_dump version: 15.20 (Debian 15.20-0+deb12u1)' >&2; exit 1`,
    );
    expect(await failure()).toMatchObject({
      code: 'internal',
      message: 'The program "pg_dump" (15.20) is older than the PostgreSQL server (17.2).',
    });
  });

  test('cannot reach the server', async () => {
    pgDump(
      `echo 'pg_dump: error: connection to server at "h" (10.0.0.1), port 5432 failed: timeout' >&2; exit 1`,
    );
    expect(await failure()).toMatchObject({ code: 'storage_unavailable' });
  });

  test('runs out of disk', async () => {
    pgDump(`echo 'pg_dump: error: could not write to output file: No space left on device' >&2; exit 1`);
    expect(await failure()).toMatchObject({ code: 'storage_full' });
  });

  test('fails otherwise has its first error line and never the password', async () => {
    pgDump(`echo 'pg_dump: last built-in OID is 16383' >&2
            echo 'pg_dump: error: permission denied for table users' >&2
            echo 'pg_dump: detail: Query was: LOCK TABLE' >&2; exit 1`);
    const error = await failure('postgres://b:hunter2@h/d');
    expect(error).toMatchObject({
      code: 'internal',
      message: '"pg_dump" failed: pg_dump: error: permission denied for table users',
    });
    expect(String((error as Error).message)).not.toContain('hunter2');
  });
});
