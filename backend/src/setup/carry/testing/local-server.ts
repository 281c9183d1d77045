// A server whose commands run in this machine's /bin/sh with a home of their own, and whose connection breaks when the test says so.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AppError } from '../../../lib/app-error.ts';
import { systemClock } from '../../../lib/clock.ts';
import { runInLocalShell } from '../../../openclaw/testing/local-shell.ts';
import type { ExecResult, Ssh } from '../../../ssh/ssh.ts';
import { createKeptLogger } from '../../../ssh/testing/kept-logger.ts';
import type { StepContext } from '../../../tasks/task-kind.ts';

export type LocalServer = ReturnType<typeof createLocalServer>;

export function createLocalServer() {
  const home = mkdtempSync(path.join(tmpdir(), 'buoy-carry-'));
  const env = { HOME: home, PATH: '/usr/bin:/bin', SHELL: '/bin/sh' };
  const server = {
    home,
    at: (file: string) => path.join(home, file),
    /** Bytes of standard input of each command. */
    received: [] as number[],
    /** Called before each command with its number, from 1; may throw what a broken connection throws. */
    onExec: (_count: number) => {},
    /** Changes what arrives. */
    onBytes: (bytes: Buffer) => bytes,
    run: (script: string, args: readonly string[] = []) => runInLocalShell(script, args, { env }),
    remove: () => rmSync(home, { recursive: true, force: true }),
  };
  const ssh: Pick<Ssh, 'script' | 'exec'> = {
    script: async (_serverId, script, args) => server.run(script, args),
    async exec(_serverId, command, { stdin = '' }): Promise<ExecResult> {
      const bytes = Buffer.from(stdin);
      server.received.push(bytes.length);
      server.onExec(server.received.length);
      return execute(command, server.onBytes(bytes), env);
    },
  };
  return Object.assign(server, { ssh });
}

/** As sshd does: by the login shell, with what comes by standard input. */
function execute(command: string, input: Buffer, env: NodeJS.ProcessEnv): Promise<ExecResult> {
  return new Promise((resolve, reject) => {
    const child = spawn('/bin/sh', ['-c', command], { env, cwd: '/' });
    const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []];
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    // A command that ends early closes it.
    child.stdin.on('error', () => {});
    child.on('error', reject);
    child.on('close', (exitCode, signal) => {
      const text = (chunks: Buffer[]) => Buffer.concat(chunks).toString('utf8');
      resolve({
        exitCode,
        signal,
        stdout: text(stdout),
        stderr: text(stderr),
        truncated: false,
        durationMs: 1,
      });
    });
    child.stdin.end(input);
  });
}

/** What `exec` throws when the network fails in the middle of a command. */
export function connectionLost(): AppError {
  return new AppError('unreachable', 'The connection to the server was lost.');
}

/** Of a step that only downloads and sends. */
export function carryContext(signal: AbortSignal = new AbortController().signal) {
  const printed: string[] = [];
  const context: StepContext<unknown, unknown> = {
    ...{ taskId: 'tsk_1', stepId: 'install', serverId: 'srv_1', input: {}, state: {}, failure: null },
    createdBy: 'ada',
    ...{ resumed: false, signal, clock: systemClock, logger: createKeptLogger().logger },
    secrets: async () => {
      throw new Error('not part of this test');
    },
    saveState: async () => {},
    detail: () => {},
    output: (text) => void printed.push(text),
    progress: () => {},
    expectAllowed: async () => {},
    resultOf: () => {
      throw new Error('not part of this test');
    },
  };
  return { context, printed: () => printed.join('') };
}
