// docs/postgresql.md as written, on the PostgreSQL of the run: role and database, a start on it, a backup.
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, inject, test } from 'vitest';
import { signInByLink } from '../../testbed/buoy-client.ts';
import { type BuoyProcess, startBuoy } from '../../testbed/buoy-process.ts';
import { type CommandResult, runCommand } from '../../testbed/run-command.ts';
import { codeBlocks } from './support/doc-page.ts';

const root = path.resolve(import.meta.dirname, '../..');
const COMMAND_DEADLINE_MS = 120_000;
const PAGE_MS = 400_000;
const postgresUrl = inject('postgresUrl');
const missing = existsSync('/usr/bin/psql') ? inject('postgresMissing') : 'no psql';

describe.skipIf(missing !== '')(`docs/postgresql.md${missing && ` (skipped: ${missing})`}`, () => {
  let dir = '';
  let buoy: BuoyProcess | undefined;
  const server = new URL(postgresUrl ?? 'postgres://127.0.0.1');

  /** Types lines into a shell in the checkout; `sudo -u postgres` is the superuser of the test's server. */
  const type = (lines: string, environment: Record<string, string> = {}): Promise<CommandResult> =>
    runCommand('bash', ['-c', `set -eu; sudo() { shift 2; "$@"; }; cd '${root}'\n${lines}`], {
      timeoutMs: COMMAND_DEADLINE_MS,
      env: {
        PATH: `${path.dirname(process.execPath)}:${process.env.PATH}`,
        HOME: process.env.HOME ?? dir,
        PGHOST: server.hostname,
        PGPORT: server.port,
        PGUSER: server.username,
        PGDATABASE: 'postgres',
        ...environment,
      },
    });

  afterEach(async () => {
    await buoy?.stop();
    await type("psql -c 'drop database if exists buoy with (force)'\npsql -c 'drop role if exists buoy'");
    rmSync(dir, { recursive: true, force: true });
  });

  test('leads from an empty server to a verified backup', { timeout: PAGE_MS }, async () => {
    dir = mkdtempSync(path.join(tmpdir(), 'buoy-postgresql-'));
    const [make = '', start = '', backup = ''] = codeBlocks('docs/postgresql.md', 'sh');
    expect(await type(make)).toMatchObject({ code: 0 });

    const shown = /DATABASE_URL=(\S+)/.exec(start)?.[1] ?? '';
    const DATABASE_URL = shown.replace(':5432/', `:${server.port}/`);
    expect(start).toMatch(/^npm start$/m);
    const settings = { DATABASE_URL, DATA_DIR: path.join(dir, 'data') };
    buoy = await startBuoy(settings);
    await signInByLink(buoy);
    expect(existsSync(path.join(dir, 'data/buoy.db'))).toBe(false);

    const made = await type(backup, settings);
    expect(made.code, made.stderr).toBe(0);
    expect(made.stdout).toMatch(/^pg_dump \(PostgreSQL\) \d/m);
    expect(readdirSync(path.join(dir, 'data/backups')).filter((name) => name.endsWith('.gz'))).toHaveLength(
      1,
    );
  });
});
