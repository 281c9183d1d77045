// Programs that print too much, hang, fail or are missing.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runProgram } from './run-program.ts';
import { until } from './testing/until.ts';

const never = new AbortController().signal;
const limits: Parameters<typeof runProgram>[2] = {
  environment: { PATH: process.env.PATH },
  deadlineMs: 10_000,
  signal: never,
};
const node = (script: string, changes: Partial<typeof limits> = {}) =>
  runProgram(process.execPath, ['-e', script], { ...limits, ...changes });

describe('runProgram', () => {
  test('returns the exit code and both output streams', async () => {
    expect(
      await node('console.log("Ünïcödé 🦞"); console.error("to the side"); process.exitCode = 3'),
    ).toEqual({
      code: 3,
      stdout: 'Ünïcödé 🦞\n',
      stderr: 'to the side\n',
    });
  });

  test('passes only the given environment', async () => {
    const { stdout } = await node('console.log(JSON.stringify(process.env))', {
      environment: { ONLY: 'this' },
    });
    expect(JSON.parse(stdout)).toEqual({ ONLY: 'this' });
  });

  test('kills a hanging program at the deadline', async () => {
    await expect(node('setInterval(() => {}, 1000)', { deadlineMs: 300 })).rejects.toMatchObject({
      code: 'deadline',
    });
  });

  test('kills a program that prints too much', async () => {
    await expect(
      node('for (;;) require("fs").writeSync(1, "x".repeat(10000))', { maxOutputBytes: 100_000 }),
    ).rejects.toMatchObject({ code: 'output_too_large' });
  });

  test('kills the program when the signal aborts, with its reason', async () => {
    const caller = new AbortController();
    const running = node('setInterval(() => {}, 1000)', { signal: caller.signal });
    caller.abort(new Error('changed my mind'));
    await expect(running).rejects.toThrow('changed my mind');
    await expect(node('', { signal: caller.signal })).rejects.toThrow('changed my mind');
  });

  test('fails with ENOENT for a missing program', async () => {
    await expect(runProgram('/no/such/program', [], limits)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('what a program has started', () => {
  let folder: string;
  const ids: number[] = [];
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'buoy-run-'));
  });
  afterEach(() => {
    for (const pid of ids.splice(0).filter(isAlive)) process.kill(pid, 'SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  /** Tells in the file `pids` who it is and whom it has started, then waits. */
  const starter = `sleep 600 & echo $$ $! > "$0.new"; mv "$0.new" "$0"; wait`;
  const pids = (): string => path.join(folder, 'pids');
  const started = async (): Promise<void> => {
    await until(() => existsSync(pids()), 'the program has started another one');
    ids.push(...readFileSync(pids(), 'utf8').trim().split(' ').map(Number));
  };
  const areGone = () => until(() => !ids.some(isAlive), 'both have ended');

  test('ends with it when the signal aborts', async () => {
    const caller = new AbortController();
    const running = runProgram('sh', ['-c', starter, pids()], { ...limits, signal: caller.signal });
    await started();
    caller.abort(new Error('changed my mind'));
    await expect(running).rejects.toThrow('changed my mind');
    await areGone();
  });

  test('ends with it when the process that waits for it exits', async () => {
    const waiting: ChildProcess = spawn(
      process.execPath,
      [
        '--input-type=module',
        '-e',
        `const { runProgram } = await import(process.argv[1]);
process.on('SIGTERM', () => process.exit(7));
await runProgram('sh', ['-c', process.argv[2], process.argv[3]], {
  environment: process.env, deadlineMs: 600_000, signal: new AbortController().signal });`,
        path.join(import.meta.dirname, 'run-program.ts'),
        starter,
        pids(),
      ],
      { stdio: 'inherit' },
    );
    await started();
    waiting.kill('SIGTERM');
    expect(await once(waiting, 'exit')).toEqual([7, null]);
    await areGone();
  });
});

/** One that has ended and that nobody has asked about is not alive. */
function isAlive(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
