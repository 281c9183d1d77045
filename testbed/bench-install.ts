// npm run bench:install [-- ARCHIVE]: package size, install time, time to the first answer, and idle memory of Buoy.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runCommand } from './run-command.ts';

const root = path.resolve(import.meta.dirname, '..');
const BUILD_MS = 15 * 60_000;
const INSTALL_MS = 10 * 60_000;
const START_MS = 5 * 60_000;
/** Milliseconds between two tries to connect. */
const TRY_INTERVAL_MS = 10;
/** Milliseconds after which an idle Buoy has finished its start-up work. */
const IDLE_AFTER_MS = 10_000;
const STARTS = 5;

const dir = mkdtempSync(path.join(tmpdir(), 'buoy-bench-install-'));
try {
  const archive = process.argv[2] ?? (await build());
  say('package', `${(statSync(archive).size / 1_000_000).toFixed(1)} MB (at most 90)`);

  const began = performance.now();
  const installed = await runCommand('tar', ['-xzf', archive, '-C', dir], { timeoutMs: INSTALL_MS });
  if (installed.code !== 0) throw new Error(installed.stderr);
  say('unpacking it', `${((performance.now() - began) / 1000).toFixed(1)} s`);
  const home = path.join(dir, path.basename(archive, '.tar.gz'));
  const used = await runCommand('du', ['-sm', home], { timeoutMs: INSTALL_MS });
  say('on the disk', `${used.stdout.split('\t')[0]} MB`);

  const data = path.join(dir, 'data');
  say('first start to first answer', `${Math.round((await start(home, data)).answerMs)} ms`);
  const later: number[] = [];
  let memoryMb = 0;
  for (let number = 0; number < STARTS; number += 1) {
    const { answerMs, mb } = await start(home, data, number === STARTS - 1 ? IDLE_AFTER_MS : 0);
    later.push(answerMs);
    memoryMb = mb;
  }
  later.sort((one, other) => one - other);
  say(
    'start to first answer',
    `${Math.round(later[Math.floor(STARTS / 2)] ?? 0)} ms, median of ${STARTS} (goal 1000)`,
  );
  say('idle memory', `${memoryMb.toFixed(0)} MB resident`);
} finally {
  rmSync(dir, { recursive: true, force: true });
}

async function build(): Promise<string> {
  const built = await runCommand(process.execPath, [path.join(root, 'scripts/package.mjs'), dir], {
    timeoutMs: BUILD_MS,
    env: process.env,
  });
  if (built.code !== 0) throw new Error(built.stderr);
  return path.join(dir, readdirSync(dir).find((name) => name.endsWith('.tar.gz')) ?? '');
}

function say(what: string, value: string): void {
  console.log(`${what.padEnd(28)} ${value}`);
}

/** Starts the unpacked Buoy, waits for its first answer and ends it. @param idleMs how long it runs before its memory is read */
async function start(home: string, data: string, idleMs = 0): Promise<{ answerMs: number; mb: number }> {
  const port = await freePort();
  const began = performance.now();
  const child = spawn(path.join(home, 'bin/buoy-server'), ['start'], {
    stdio: 'ignore',
    env: {
      PATH: '/usr/bin:/bin',
      HOME: dir,
      DATA_DIR: data,
      PORT: String(port),
      BUOY_AS_ROOT: '1',
      BUOY_ENV_FILE: path.join(dir, 'none.env'),
      NODE_COMPILE_CACHE: path.join(dir, 'compiled'),
    },
  });
  try {
    for (;;) {
      const answer = await fetch(`http://127.0.0.1:${port}/api/health`).catch(() => null);
      if (answer?.ok === true) break;
      if (child.exitCode !== null) throw new Error(`Buoy ended with ${child.exitCode}.`);
      if (performance.now() - began > START_MS) throw new Error(`Buoy did not answer in ${START_MS} ms.`);
      await new Promise((resolve) => setTimeout(resolve, TRY_INTERVAL_MS));
    }
    const answerMs = performance.now() - began;
    await new Promise((resolve) => setTimeout(resolve, idleMs));
    const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
    return { answerMs, mb: Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024 };
  } finally {
    const gone = once(child, 'exit');
    child.kill('SIGTERM');
    await gone;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
