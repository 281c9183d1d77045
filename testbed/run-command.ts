// Runs a program to its end with a deadline and a limit on what it prints; the test bed is built from programs of the system.
import { spawn } from 'node:child_process';

export type CommandResult = { code: number; stdout: string; stderr: string };
export type CommandOptions = {
  input?: string;
  timeoutMs: number;
  signal?: AbortSignal;
  env?: NodeJS.ProcessEnv;
  /** Where standard output goes as it comes, besides the result. */
  onStdout?: (text: string) => void;
};

/** More output is a malfunction. */
const outputLimitBytes = 32 * 1024 * 1024;

/**
 * Runs `program` in a process group of its own and gives its exit code and output (code 128 when a signal ended it). On the
 * deadline, an abort, or too much output the whole group is killed and the promise rejects. Rejects when it cannot be started.
 */
export function runCommand(program: string, args: string[], options: CommandOptions): Promise<CommandResult> {
  const { input, timeoutMs, signal, env, onStdout } = options;
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const child = spawn(program, args, { detached: true, env, stdio: ['pipe', 'pipe', 'pipe'] });
    const output = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
    let bytes = 0;
    let failure: Error | undefined;
    const end = (error: Error) => {
      failure ??= error;
      try {
        if (child.pid) process.kill(-child.pid, 'SIGKILL');
      } catch (killError) {
        if ((killError as NodeJS.ErrnoException).code !== 'ESRCH') throw killError;
      }
    };
    const title = [program, ...args].join(' ').slice(0, 200);
    const timer = setTimeout(
      () => end(new Error(`"${title}" did not end within ${timeoutMs} ms`)),
      timeoutMs,
    );
    const onAbort = () => end(new Error(`"${title}" was cancelled`));
    signal?.addEventListener('abort', onAbort, { once: true });
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream].on('data', (chunk: Buffer) => {
        output[stream].push(chunk);
        bytes += chunk.length;
        if (bytes > outputLimitBytes)
          end(new Error(`"${title}" printed more than ${outputLimitBytes} bytes`));
        if (stream === 'stdout') onStdout?.(chunk.toString('utf8'));
      });
    }
    // a program that ends without reading its input is no failure
    child.stdin.on('error', () => {});
    child.stdin.end(input ?? '');
    child.once('error', (error) => {
      failure ??= error;
    });
    child.once('close', (code) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      if (failure) return reject(failure);
      resolve({
        code: code ?? 128,
        stdout: Buffer.concat(output.stdout).toString('utf8'),
        stderr: Buffer.concat(output.stderr).toString('utf8'),
      });
    });
  });
}
