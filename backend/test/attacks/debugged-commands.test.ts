// The account that Buoy runs as, once taken over, turns to the debugger of Node in a command that root runs: with it, it would have root's terminal.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

/** The account that Buoy runs as. */
const ACCOUNT = 65_534;
const folderOwner = path.resolve(import.meta.dirname, '../../src/lib/folder-owner.ts');

/** Becomes the account, then says for each SIGUSR2 where its debugger listens, after many turns in which it could have begun to. */
const command = `
const { becomeOwnerOf } = await import(process.argv[1]);
const { url } = await import('node:inspector');
const { setTimeout: turn } = await import('node:timers/promises');
becomeOwnerOf(process.argv[2]);
process.on('SIGUSR2', async () => {
  for (let turns = 0; turns < 300 && url() === undefined; turns += 1) await turn(1);
  console.log(url() === undefined ? 'no debugger' : 'a debugger');
});
setInterval(() => undefined, 60_000);
console.log(process.getuid());
`;

describe.skipIf(process.getuid?.() !== 0)('a command that root runs in the data folder of an account', () => {
  let folder: string;
  let running: ChildProcess;
  beforeEach(() => {
    folder = mkdtempSync('/tmp/buoy-debugged-');
    chownSync(folder, ACCOUNT, ACCOUNT);
  });
  afterEach(() => {
    running.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  test('does not open a debugger for that account', async () => {
    running = spawn(
      process.execPath,
      ['--inspect-port=0', '--input-type=module', '-e', command, folderOwner, folder],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const lines = createInterface({ input: running.stdout! });
    expect(await once(lines, 'line')).toEqual([String(ACCOUNT)]);
    const answer = once(lines, 'line');
    for (const signal of ['USR1', 'USR2'])
      execFileSync('sh', ['-c', 'kill -s "$0" "$1"', signal, String(running.pid)], {
        uid: ACCOUNT,
        gid: ACCOUNT,
      });
    expect(await answer).toEqual(['no debugger']);
  });

  test('becomes the account that an installed Buoy has, also in a folder of root', async () => {
    chownSync(folder, 0, 0);
    running = spawn(process.execPath, ['--input-type=module', '-e', command, folderOwner, folder], {
      env: { ...process.env, BUOY_ACCOUNT: `${ACCOUNT}:${ACCOUNT}` },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const lines = createInterface({ input: running.stdout! });
    expect(await once(lines, 'line')).toEqual([String(ACCOUNT)]);
  });
});
