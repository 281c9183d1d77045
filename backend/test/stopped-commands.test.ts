// Commands on Buoy's machine that are stopped while they wait for another program: Ctrl-C does not reach that one by itself.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import BetterSqlite from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type ServerProgram, serverProgram } from '../../testbed/server-program.ts';
import { until } from '../../testbed/until.ts';
import { loadConfig } from '../src/config.ts';
import { processWith } from './support/process-with.ts';

const START_MS = 20_000;
const SIGNALS = [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const;

let folder: string;
let running: ChildProcess;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'buoy-stopped-'));
  loadConfig({ DATA_DIR: folder });
  new BetterSqlite(path.join(folder, 'buoy.db')).exec('create table some (id text)').close();
});
afterEach(() => {
  running.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

function start(program: ServerProgram, programs: string): void {
  const { PATH = '', HOME = '' } = process.env;
  running = spawn(process.execPath, [serverProgram(program)], {
    env: { PATH: `${programs}:${PATH}`, HOME, DATA_DIR: folder, PORT: '1' },
    stdio: 'ignore',
  });
}

const isGone = (pid: string): boolean => !existsSync(`/proc/${pid}`);

test.each(SIGNALS)('doctor on %s ends the program that it waits for', async (signal, code) => {
  const file = path.join(folder, 'timedatectl');
  const told = path.join(folder, 'pid');
  writeFileSync(file, `#!/bin/sh\necho $$ > ${told}.new; mv ${told}.new ${told}\nexec sleep 600\n`, {
    mode: 0o755,
  });
  start('doctor', folder);
  await until(START_MS, async () => existsSync(told));
  running.kill(signal);
  expect(await once(running, 'exit')).toEqual([code, null]);
  await until(START_MS, async () => isGone(readFileSync(told, 'utf8').trim()));
});

test.each(SIGNALS)('a backup on %s ends the copy and leaves no file of it', async (signal) => {
  const holder = new BetterSqlite(path.join(folder, 'buoy.db'));
  holder.exec('begin exclusive');
  start('backup', folder);
  const words = `\0copy\0${path.join(folder, 'buoy.db')}\0`;
  const copy = await until(START_MS, async () => processWith(words));
  running.kill(signal);
  expect(await once(running, 'exit')).toEqual([1, null]);
  await until(START_MS, async () => isGone(copy));
  holder.close();
  expect(readdirSync(path.join(folder, 'backups')).filter((name) => /\.(copy|gz|check)$/.test(name))).toEqual(
    [],
  );
});
