// A private PostgreSQL server for tests: own data in a temporary directory, on a free loopback port, as an unprivileged user.
import { existsSync } from 'node:fs';
import { chown, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { listenOnLoopback } from './listen-on-loopback.ts';
import { type CommandResult, runCommand } from './run-command.ts';

export type Postgres = { url: string; stop: () => Promise<void>; [Symbol.asyncDispose]: () => Promise<void> };

/** `initdb` and the server refuse root; `nobody` is on every Linux. Debian's number for it and its group. */
const unprivileged = { user: 'nobody', uid: 65_534, gid: 65_534 };
const directoryPrefix = 'buoy-postgres-';
/** 1.5 s on an idle machine. */
const startTimeoutMs = 120_000;
const startAttempts = 3;

/** Whether PostgreSQL's server programs are on this machine; the reason is one line. */
export async function postgresSupport(): Promise<{ ok: true } | { ok: false; reason: string }> {
  return (await findBinaries())
    ? { ok: true }
    : { ok: false, reason: 'no PostgreSQL server programs (package postgresql)' };
}

/**
 * Starts an empty server; `url` logs in without a password as its superuser, from loopback only. Nothing is flushed to disk, so the
 * data does not outlive a crash. Also removes what killed runs left. Throws when the programs are missing or do not start.
 */
export async function startPostgres(): Promise<Postgres> {
  const binaries = await findBinaries();
  if (!binaries) throw new Error('no PostgreSQL server programs (package postgresql)');
  await removeLeftovers(binaries);
  const directory = await mkdtemp(
    join(tmpdir(), `${directoryPrefix}${process.pid}-${await startTimeOf(process.pid)}-`),
  );
  const data = join(directory, 'data');
  try {
    if (process.getuid?.() === 0) await chown(directory, unprivileged.uid, unprivileged.gid);
    await mustRun(binaries, directory, 'initdb', [
      '-D',
      data,
      '-U',
      'postgres',
      '-E',
      'UTF8',
      '--locale=C',
      '--auth=trust',
      '--no-sync',
    ]);
    const port = await startOnFreePort(binaries, directory, data);
    const stop = async () => {
      await stopServer(binaries, directory);
      await rm(directory, { recursive: true, force: true });
    };
    return { url: `postgresql://postgres@127.0.0.1:${port}/postgres`, stop, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stopServer(binaries, directory);
    await rm(directory, { recursive: true, force: true });
    throw error;
  }
}

/** Another program may take the port between the check and the start, hence several attempts. */
async function startOnFreePort(binaries: string, directory: string, data: string): Promise<number> {
  let failure = '';
  for (let attempt = 0; attempt < startAttempts; attempt++) {
    const port = await freePort();
    const settings = `-p ${port} -k ${directory} -c listen_addresses=127.0.0.1 -c fsync=off -c full_page_writes=off -c synchronous_commit=off`;
    const log = join(directory, 'log');
    const result = await run(binaries, directory, 'pg_ctl', [
      '-D',
      data,
      '-l',
      log,
      '-w',
      '-o',
      settings,
      'start',
    ]);
    if (result.code === 0) return port;
    failure = `${result.stderr} ${await readFile(log, 'utf8').catch(() => '')}`.trim();
  }
  throw new Error(`PostgreSQL did not start: ${failure.slice(-1000)}`);
}

async function stopServer(binaries: string, directory: string): Promise<void> {
  if (!existsSync(join(directory, 'data', 'postmaster.pid'))) return;
  await run(binaries, directory, 'pg_ctl', ['-D', join(directory, 'data'), '-w', '-m', 'immediate', 'stop']);
}

/** A directory names the process that made it; when that is gone, its server goes too. */
async function removeLeftovers(binaries: string): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const maker = /^buoy-postgres-(\d+)-(\d+)-/.exec(name);
    if (!maker || (await startTimeOf(Number(maker[1]))) === maker[2]) continue;
    const directory = join(tmpdir(), name);
    // Of another account, which alone can stop its servers.
    if (!(await isOurs(directory))) continue;
    await stopServer(binaries, directory);
    await rm(directory, { recursive: true, force: true });
  }
}

/** Root runs its servers as `nobody`, and can end everybody's. */
async function isOurs(directory: string): Promise<boolean> {
  const uid = process.getuid?.();
  if (uid === 0) return true;
  return await stat(directory).then(
    (owned) => owned.uid === uid,
    () => false,
  );
}

/** Clock ticks since boot, which tell a process from a later one of the same number; '0' when there is none. */
async function startTimeOf(pid: number): Promise<string> {
  const line = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return line.slice(line.lastIndexOf(')') + 2).split(' ')[19] ?? '0';
}

async function findBinaries(): Promise<string | undefined> {
  const debian = '/usr/lib/postgresql';
  const versions = await readdir(debian).catch(() => []);
  const newestFirst = versions
    .sort((one, other) => Number(other) - Number(one))
    .map((version) => join(debian, version, 'bin'));
  return [...(process.env.PATH ?? '').split(delimiter), ...newestFirst].find((directory) =>
    ['initdb', 'pg_ctl', 'postgres'].every((program) => existsSync(join(directory, program))),
  );
}

async function freePort(): Promise<number> {
  const server = createServer();
  const { port } = await listenOnLoopback(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function mustRun(binaries: string, directory: string, program: string, args: string[]): Promise<void> {
  const result = await run(binaries, directory, program, args);
  if (result.code !== 0)
    throw new Error(`${program} failed: ${(result.stderr || result.stdout).trim().slice(-1000)}`);
}

/** As root, runs as the unprivileged user, in the data directory, since that user may not enter the caller's. */
function run(binaries: string, directory: string, program: string, args: string[]): Promise<CommandResult> {
  const words = ['env', '-C', directory, join(binaries, program), ...args];
  const drop = [
    'setpriv',
    `--reuid=${unprivileged.uid}`,
    `--regid=${unprivileged.gid}`,
    '--clear-groups',
    '--',
  ];
  const [first = '', ...rest] = process.getuid?.() === 0 ? [...drop, ...words] : words;
  return runCommand(first, rest, { timeoutMs: startTimeoutMs });
}
