// Failed starts as systemd and people see them: one sentence, no stack trace, an exit code, and no file changed.
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import BetterSqlite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, inject, onTestFinished, test } from 'vitest';
import { type BuoyProcess, startBuoy } from '../../testbed/buoy-process.ts';
import { runCommand } from '../../testbed/run-command.ts';
import { type ServerProgram, serverProgram } from '../../testbed/server-program.ts';
import { seizeDataDir } from '../src/db/data-dir-lock.ts';

let folder: string;
let dataDir: string;
const running: BuoyProcess[] = [];
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'buoy-start-'));
  dataDir = path.join(folder, 'data');
});
afterEach(async () => {
  for (const buoy of running.splice(0)) await buoy.kill();
  rmSync(folder, { recursive: true, force: true });
});

const run = (program: ServerProgram, words: string[] = [], environment: Record<string, string> = {}) => {
  const { PATH = '', HOME = '', NODE_COMPILE_CACHE = '' } = process.env;
  return runCommand(process.execPath, [serverProgram(program), ...words], {
    timeoutMs: 60_000,
    env: { PATH, HOME, NODE_COMPILE_CACHE, PORT: '0', DATA_DIR: dataDir, ...environment },
  });
};

/** Starts a Buoy that must not start; returns its one line. */
async function refused(environment: Record<string, string>, exitCode = 78): Promise<string> {
  const { code, stderr } = await run('main', [], environment);
  expect(stderr).toMatch(/^[^\n]+\n$/);
  expect(code).toBe(exitCode);
  return stderr.trim();
}

async function start(): Promise<BuoyProcess> {
  const buoy = await startBuoy({ DATA_DIR: dataDir });
  running.push(buoy);
  return buoy;
}

describe('start on a bad port', () => {
  let port: string;
  const other = createServer();
  beforeEach(async () => {
    other.listen(0, '127.0.0.1');
    await once(other, 'listening');
    port = String((other.address() as AddressInfo).port);
  });
  afterEach(() => void other.close());

  test('a taken port stops the start before a database is created', async () => {
    expect(await refused({ PORT: port })).toMatch(`PORT takes a free port; ${port} on 127.0.0.1 is taken`);
    expect(existsSync(path.join(dataDir, 'buoy.db'))).toBe(false);
  });

  test('a taken Control UI port is reported by the name of its setting', async () => {
    expect(await refused({ CONTROL_UI_PORT: port })).toMatch('CONTROL_UI_PORT takes a free port');
  });

  test('a taken port beside PORT stops the start when a proxy sends the Control UI there', async () => {
    // An address that no other test listens on, so that the port before is free.
    const host = '127.0.0.77';
    const squatter = createServer().listen(0, host);
    onTestFinished(() => void squatter.close());
    await once(squatter, 'listening');
    const taken = (squatter.address() as AddressInfo).port;
    const names = { APP_DOMAIN: 'buoy.example', CONTROL_UI_DOMAIN: 'control.buoy.example' };
    expect(await refused({ ...names, HOST: host, PORT: String(taken - 1) })).toMatch(
      `CONTROL_UI_PORT takes a free port; ${taken} on ${host} is taken`,
    );
    expect(existsSync(path.join(dataDir, 'buoy.db'))).toBe(false);
  });

  test('an address that this machine does not have is reported as a bad HOST', async () => {
    expect(await refused({ HOST: '192.0.2.1' })).toMatch('HOST takes an address of this machine; 192.0.2.1');
    expect(await refused({ HOST: 'none.invalid' })).toMatch('HOST takes an address of this machine');
  });
});

describe('start with a bad database', () => {
  test('a database server that does not answer stops the start', async () => {
    const said = await refused({ DATABASE_URL: 'postgres://ada:secret-word@127.0.0.1:1/buoy' });
    expect(said).toBe('DATABASE_URL leads to no PostgreSQL server: nothing listens at 127.0.0.1:1.');
  });

  test('a database that PostgreSQL does not have stops the start', async ({ skip }) => {
    skip(inject('postgresUrl') == null, inject('postgresMissing'));
    const url = new URL(inject('postgresUrl') ?? '');
    url.pathname = '/no_such_database';
    expect(await refused({ DATABASE_URL: url.href })).toMatch(
      /^DATABASE_URL is refused by PostgreSQL: .*no_such_database/,
    );
  });

  test('the database of a newer Buoy stops the start and stays unchanged', async () => {
    await (await start()).stop();
    const database = new BetterSqlite(path.join(dataDir, 'buoy.db'));
    database.exec(
      "insert into kysely_migration (name, timestamp) values ('9999-future', '2099-01-01T00:00:00.000Z')",
    );
    database.close();
    const before = readFileSync(path.join(dataDir, 'buoy.db'));
    expect(await refused({})).toMatch(
      'The database is from a newer Buoy, which has the migration "9999-future"',
    );
    expect(readFileSync(path.join(dataDir, 'buoy.db')).equals(before)).toBe(true);
  });

  test('a corrupt database file stops the start', async () => {
    await (await start()).stop();
    writeFileSync(path.join(dataDir, 'buoy.db'), 'this is no database '.repeat(1_000));
    expect(await refused({})).toMatch('DATA_DIR holds a buoy.db that is damaged');
  });
});

describe('start with a vault key', () => {
  test.each([
    ['that is missing', (_id: string) => 'another', 'A vault key is missing'],
    ['that differs but has the same name', (id: string) => id, 'though they have the right names'],
  ])('%s', async (_what, nameOf, words) => {
    await (await start()).stop();
    const file = path.join(dataDir, 'vault-keys');
    const [id = ''] = readFileSync(file, 'utf8').split(':');
    writeFileSync(file, `${nameOf(id)}:${Buffer.alloc(32, 7).toString('base64')}\n`);
    expect(await refused({})).toMatch(words);
  });
});

describe('start with a bad DATA_DIR', () => {
  test('is refused while another Buoy runs on it, and works once that one is gone, however it ended', async () => {
    const first = await start();
    expect(await refused({})).toBe(
      `Another Buoy runs on DATA_DIR "${dataDir}": stop that one first, or give this one another folder.`,
    );
    expect((await fetch(`${first.url}/api/health`)).status).toBe(200);
    await first.kill();
    expect((await fetch(`${(await start()).url}/api/health`)).status).toBe(200);
  });

  test('exits with 75 during a restore, so that systemd tries again', async () => {
    await (await start()).stop();
    const lock = seizeDataDir(dataDir);
    expect(await refused({}, 75)).toMatch('A restore is running');
    lock.release();
  });

  test.each<[ServerProgram, string[]]>([
    ['sign-in-link', []],
    ['audit-log', ['verify']],
    ['audit-log', ['export']],
    ['keys', ['show']],
    ['keys', ['rotate', 'jwt']],
    ['backup', []],
    ['restore', ['buoy.db.gz']],
    ['restore', ['buoy.db.gz', '--without-keys']],
  ])(
    'is refused for a folder that no Buoy has used by %s %j, which creates nothing',
    async (program, words) => {
      const { code, stdout, stderr } = await run(program, words);
      expect(stderr.split('\n')[0]).toMatch(`DATA_DIR takes the folder of a Buoy; "${dataDir}" is not one`);
      expect({ failed: code !== 0, stdout }).toEqual({ failed: true, stdout: '' });
      expect(readdirSync(folder)).toEqual([]);
    },
  );
});

test('Buoy listens at one address when HOST is localhost: a second one would escape its limits', async () => {
  const buoy = await startBuoy({ DATA_DIR: dataDir, HOST: 'localhost' });
  running.push(buoy);
  const { port } = new URL(buoy.url);
  const answers = ['127.0.0.1', '[::1]'].map((address) => fetch(`http://${address}:${port}/api/health`));
  const settled = await Promise.allSettled(answers);
  expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
});

test.each(['0.0.0.0', '::'])('the address printed for HOST %s can be opened', async (HOST) => {
  const buoy = await startBuoy({ DATA_DIR: dataDir, HOST });
  running.push(buoy);
  expect(buoy.output()).not.toMatch(/\/\/(0\.0\.0\.0|\[::\])/);
  const link = new URL(buoy.signInLink ?? '');
  expect((await fetch(`${link.origin}/api/health`)).status).toBe(200);
  const made = await run('sign-in-link', [], { HOST, PORT: link.port });
  expect(new URL(made.stdout).origin).toBe(link.origin);
});
