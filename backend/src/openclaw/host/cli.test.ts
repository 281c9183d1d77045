// OpenClaw's command on a scripted host, with a FakeClock.
import { beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createFakeClock, type FakeClock } from '../../lib/testing/fake-clock.ts';
import { withTimeout } from '../../lib/with-timeout.ts';
import type { ExecResult, Ssh } from '../../ssh/ssh.ts';
import { deadlineError } from '../gateway/call-limit.ts';
import { type Cli, createCli } from './cli.ts';
import type { Installation, Installations } from './installation.ts';
import { cliScript } from './scripts.ts';

type Run = {
  script: string;
  args: readonly string[];
  deadlineMs: number;
  end(stdout: string, exitCode?: number): void;
};

let clock: FakeClock;
let cli: Cli;
/** Commands that run on the host right now, and all that ever began. */
let running: Run[];
let started: Run[];
let installation: Partial<Installation>;

const schema = z.looseObject({ ok: z.boolean().catch(true) });
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

beforeEach(() => {
  clock = createFakeClock();
  running = [];
  started = [];
  installation = { installed: true, binaryPath: '/opt/bin/openclaw', nodePath: '/opt/bin/node' };
  const ssh: Pick<Ssh, 'script'> = {
    script: (_serverId, script, args, { deadlineMs, signal }) => {
      const { promise, resolve } = Promise.withResolvers<ExecResult>();
      const run: Run = {
        ...{ script, args, deadlineMs },
        end(stdout, exitCode = 0) {
          running.splice(running.indexOf(run), 1);
          resolve({ exitCode, signal: null, stdout, stderr: '', truncated: false, durationMs: 1 });
        },
      };
      running.push(run);
      started.push(run);
      return withTimeout(promise, { deadlineMs, signal }, clock, deadlineError);
    },
  };
  const installations: Pick<Installations, 'find'> = {
    find: async () => installation as Installation,
  };
  cli = createCli({ ssh, installations, clock });
});

const ask = (words: string[], deadlineMs = 30_000, signal?: AbortSignal, serverId = 's1') =>
  cli.json(serverId, words, schema, { deadlineMs, signal });

test.for([
  [30_000, 35],
  [180_000, 185],
] as const)(
  'CLI › of a caller who waits for %i ms, the command ends by itself after %i s',
  async ([deadlineMs, seconds]) => {
    const answer = ask(['security', 'audit', '--json'], deadlineMs);
    await settled();
    expect(started[0]?.script).toMatch(new RegExp(`^MAX_SECONDS=${seconds}\n`));
    expect(cliScript).toContain('run_as_account "$MAX_SECONDS" ');
    running[0]?.end('{"ok":true,"count":2}\n');
    await answer;
  },
);

test('CLI › runs the command with its own Node, and parses its output', async () => {
  const answer = ask(['agents', 'list', '--json']);
  await settled();
  expect(started[0]?.args).toEqual(['/opt/bin/node', '/opt/bin/openclaw', 'agents', 'list', '--json']);
  running[0]?.end('{"ok":true,"count":2}\n');
  expect(await answer).toEqual({ ok: true, count: 2 });
});

test('CLI › reports a host without OpenClaw', async () => {
  installation = { installed: false, binaryPath: null };
  await expect(ask(['status'])).rejects.toMatchObject({ code: 'not_installed' });
  expect(started).toEqual([]);
});

describe('output of the CLI', () => {
  test.for(['', 'Config is fine.', '[1, 2', '["a list"]'])('%j is a bad gateway', async (stdout) => {
    const answer = ask(['config', 'get', 'some.private.path']);
    await settled();
    running[0]?.end(stdout);
    await expect(answer).rejects.toMatchObject({
      code: 'bad_gateway',
      details: { command: 'openclaw config get' },
    });
  });

  test('a failed command is an error whatever it prints, with its message redacted', async () => {
    const answer = ask(['agents', 'list']);
    await settled();
    running[0]?.end('{"ok":false,"error":{"type":"cli_error","message":"no: token=0123456789abcdef"}}', 1);
    await expect(answer).rejects.toMatchObject({
      code: 'bad_gateway',
      details: { command: 'openclaw agents list', exitCode: 1, openclaw: 'no: token=[redacted]' },
    });
  });
});

describe('CLI, two commands at a time on a host', () => {
  test('the third waits for the next free place', async () => {
    const answers = [ask(['a']), ask(['b']), ask(['c'])];
    await settled();
    expect(running.map(({ args }) => args.at(-1))).toEqual(['a', 'b']);
    running[1]?.end('{}');
    await settled();
    expect(running.map(({ args }) => args.at(-1))).toEqual(['a', 'c']);
    for (const run of [...running]) run.end('{}');
    await Promise.all(answers);
    expect(started).toHaveLength(3);
  });

  test('another host has its own places', async () => {
    const answers = [ask(['a']), ask(['b']), ask(['c'], 30_000, undefined, 's2')];
    await settled();
    expect(running).toHaveLength(3);
    for (const run of [...running]) run.end('{}');
    await Promise.all(answers);
  });

  test('a failed command frees its place', async () => {
    const answers = [ask(['a']), ask(['b']), ask(['c'])];
    await settled();
    running[0]?.end('nonsense');
    await expect(answers[0]).rejects.toMatchObject({ code: 'bad_gateway' });
    expect(running.map(({ args }) => args.at(-1))).toEqual(['b', 'c']);
    for (const run of [...running]) run.end('{}');
    await Promise.all(answers.slice(1));
  });

  test('time in the queue counts towards the deadline of the command', async () => {
    const first = [ask(['a']), ask(['b'])];
    const shortDeadline = ask(['c'], 2_000);
    const longDeadline = ask(['d'], 10_000);
    await settled();
    clock.pass(2_000);
    await expect(shortDeadline).rejects.toMatchObject({ code: 'deadline' });
    clock.pass(1_000);
    running[0]?.end('{}');
    await settled();
    expect(running.map(({ args }) => args.at(-1))).toEqual(['b', 'd']);
    expect(started.at(-1)?.deadlineMs).toBe(7_000);
    for (const run of [...running]) run.end('{}');
    await Promise.all([...first, longDeadline]);
    expect(started.map(({ args }) => args.at(-1))).toEqual(['a', 'b', 'd']);
  });

  test('of many that ask for the same command, those beyond eight are refused at once', async () => {
    const asked = Array.from({ length: 10 }, (_, index) => ask(['skills', 'list', `${index}`]));
    const refused = await Promise.allSettled(asked.slice(8));
    for (const one of refused)
      expect(one).toMatchObject({
        reason: { code: 'queue_full', message: expect.stringContaining('openclaw skills list') },
      });
    const other = ask(['sessions', '--json']);
    for (let ended = 0; ended < 9; ended += 1) {
      await settled();
      running[0]?.end('{}');
    }
    await Promise.all([...asked.slice(0, 8), other]);
    const next = ask(['skills', 'list', 'again']);
    await settled();
    running[0]?.end('{}');
    await next;
  });

  test('another command does not wait behind all that ask for the same one', async () => {
    const flood = Array.from({ length: 8 }, (_, index) => ask(['skills', 'list', `${index}`]));
    await settled();
    const owners = [ask(['sessions', '--json']), ask(['channels', 'list'])];
    for (let ended = 0; ended < 10; ended += 1) {
      await settled();
      running[0]?.end('{}');
    }
    await Promise.all([...flood, ...owners]);
    const first = started.slice(0, 5).map(({ args }) => args[2]);
    expect(first).toEqual(['skills', 'skills', 'sessions', 'skills', 'channels']);
  });

  test('a caller that leaves the queue takes no place', async () => {
    const caller = new AbortController();
    const answers = [ask(['a']), ask(['b'])];
    const left = ask(['c'], 30_000, caller.signal);
    await settled();
    caller.abort();
    await expect(left).rejects.toMatchObject({ code: 'cancelled' });
    for (const run of [...running]) run.end('{}');
    await Promise.all(answers);
    const next = [ask(['d']), ask(['e'])];
    await settled();
    expect(running.map(({ args }) => args.at(-1))).toEqual(['d', 'e']);
    for (const run of [...running]) run.end('{}');
    await Promise.all(next);
  });
});
