// The account that Buoy runs as, once taken over, turns to the programs that a command of root starts under that account: they are its own,
// so that whatever they have of root's terminal and environment it has too.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chownSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import BetterSqlite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ServerProgram, serverProgram } from '../../../testbed/server-program.ts';
import { until } from '../../../testbed/until.ts';
import { loadConfig } from '../../src/config.ts';
import { processWith } from '../support/process-with.ts';

/** The account that Buoy runs as. */
const ACCOUNT = 65_534;
const START_MS = 20_000;
/** Gives a command a terminal of its own, as a person has. */
const SCRIPT = '/usr/bin/script';
const reason = process.getuid?.() !== 0 ? 'not root' : existsSync(SCRIPT) ? null : `no ${SCRIPT}`;

describe.skipIf(reason !== null)(
  `a program that a command of root starts under the account${reason === null ? '' : ` (skipped: ${reason})`}`,
  () => {
    let folder: string;
    let running: ChildProcess;
    let printed: string;
    beforeEach(() => {
      folder = mkdtempSync('/tmp/buoy-terminal-');
      loadConfig({ DATA_DIR: folder });
      new BetterSqlite(at('buoy.db')).exec('create table some (id text)').close();
      chownSync(folder, ACCOUNT, ACCOUNT);
      for (const name of readdirSync(folder)) chownSync(at(name), ACCOUNT, ACCOUNT);
    });
    afterEach(() => {
      running.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    });

    const at = (name: string): string => path.join(folder, name);

    /** As root types it in a terminal. */
    function type(program: ServerProgram, environment: Record<string, string> = {}): void {
      const { PATH = '', HOME = '' } = process.env;
      running = spawn(SCRIPT, ['-qec', `'${process.execPath}' '${serverProgram(program)}'`, '/dev/null'], {
        env: { PATH, HOME, SHELL: '/bin/sh', DATA_DIR: folder, ROOTS_SECRET: 'hunter2', ...environment },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      printed = '';
      running.stdout?.on('data', (chunk) => {
        printed += chunk;
      });
    }

    const asAccount = (script: string, ...words: string[]): string =>
      execFileSync('sh', ['-c', script, ...words], { uid: ACCOUNT, gid: ACCOUNT, encoding: 'utf8' });

    test('lacks the terminal of root, its environment and a debugger to open while a backup is made', async () => {
      // The copy waits for the lock; Buoy's account can hold it as well.
      const holder = new BetterSqlite(at('buoy.db'));
      holder.exec('begin exclusive');
      type('backup');
      const pid = await until(START_MS, async () => processWith(`\0copy\0${at('buoy.db')}\0`));
      await until(START_MS, async () => hasOpen(pid, at('buoy.db')));
      const seen = asAccount('cat "/proc/$0/stat" "/proc/$0/status"; kill -s USR1 "$0"', pid);
      const environment = asAccount('cat "/proc/$0/environ"', pid);
      holder.exec('rollback');
      holder.close();
      const [code] = await once(running, 'exit');
      expect({ code, printed }).toEqual({
        code: 0,
        printed: expect.stringContaining('read back and verified'),
      });
      expect({
        terminal: terminalIn(seen),
        debuggerWaits: catchesUsr1(seen),
        hasPath: environment.includes('PATH='),
        hasSecret: environment.includes('ROOTS_SECRET'),
      }).toEqual({ terminal: 0, debuggerWaits: false, hasPath: true, hasSecret: false });
    });

    test('lacks the terminal and environment of root while doctor asks about the clock', async () => {
      const programs = mkdtempSync('/tmp/buoy-programs-');
      const file = path.join(programs, 'timedatectl');
      const found = at('found');
      writeFileSync(file, `#!/bin/sh\ncat /proc/$$/stat > ${found}\nenv >> ${found}\n`, { mode: 0o755 });
      chownSync(programs, ACCOUNT, ACCOUNT);
      try {
        type('doctor', { PATH: `${programs}:${process.env.PATH}` });
        await once(running, 'exit');
        const seen = readFileSync(found, 'utf8');
        expect(terminalIn(seen)).toBe(0);
        expect(seen).toContain('PATH=');
        expect(seen).not.toContain('ROOTS_SECRET');
      } finally {
        rmSync(programs, { recursive: true });
      }
    });
  },
);

function hasOpen(pid: string, file: string): boolean {
  return readdirSync(`/proc/${pid}/fd`).some((fd) => linkOf(`/proc/${pid}/fd/${fd}`) === file);
}

/** The number of the terminal, 0 without one: proc_pid_stat(5). */
function terminalIn(stat: string): number {
  return Number(/^\d+ \(.*?\) \S+ \d+ \d+ \d+ (\d+)/.exec(stat)?.[1]);
}

/** Whether SIGUSR1, the tenth signal, has a handler, which is that of Node's debugger: proc_pid_status(5). */
function catchesUsr1(status: string): boolean {
  const [, caught = ''] = /^SigCgt:\s*([0-9a-f]+)$/m.exec(status) ?? [];
  return (BigInt(`0x${caught}`) & (1n << 9n)) !== 0n;
}

function linkOf(file: string): string | null {
  try {
    return readlinkSync(file);
  } catch {
    return null;
  }
}
