// Runs a program of this machine to its end: with a deadline, a limit on what it prints, and a way to stop it.
import { spawn } from 'node:child_process';
import { AppError } from './app-error.ts';

export type ProgramResult = {
  /** null when a signal ended it. */
  code: number | null;
  stdout: string;
  stderr: string;
};

/** Bytes of both streams together, where nobody says otherwise: what is more than words is not meant for us. */
const MAX_OUTPUT_BYTES = 1024 * 1024;

/**
 * Runs it in a session of its own: the account of Buoy can enter what root started under it, and must not find root's terminal there. So
 * Ctrl-C does not reach it; it and what it starts end with the signal, and when this process exits.
 * @param limits.environment everything that the program gets of it
 * @param limits.deadlineMs milliseconds from now
 * @param limits.maxOutputBytes of both streams together
 * @throws AppError `deadline` or `output_too_large`, the signal's reason, or the error of a program that cannot be started (`ENOENT`)
 */
export function runProgram(
  program: string,
  args: readonly string[],
  limits: {
    environment: NodeJS.ProcessEnv;
    deadlineMs: number;
    signal: AbortSignal;
    maxOutputBytes?: number;
  },
): Promise<ProgramResult> {
  const { environment, deadlineMs, signal, maxOutputBytes = MAX_OUTPUT_BYTES } = limits;
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const child = spawn(program, args, {
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    const kill = (): void => killGroup(child.pid);
    process.once('exit', kill);
    let failure: unknown;
    const end = (reason: unknown): void => {
      failure ??= reason;
      kill();
    };
    const onAbort = () => end(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    const timer = setTimeout(
      () => end(new AppError('deadline', `"${program}" did not end within ${deadlineMs / 1000} s.`)),
      deadlineMs,
    );
    let bytes = 0;
    const collect = (stream: NodeJS.ReadableStream): Buffer[] => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > maxOutputBytes)
          end(new AppError('output_too_large', `"${program}" printed more than ${maxOutputBytes} bytes.`));
        else chunks.push(chunk);
      });
      return chunks;
    };
    const [stdout, stderr] = [collect(child.stdout), collect(child.stderr)];
    child.once('error', (error) => {
      failure ??= error;
    });
    child.once('close', (code) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      process.removeListener('exit', kill);
      if (failure !== undefined) reject(failure);
      else resolve({ code, stdout: textOf(stdout), stderr: textOf(stderr) });
    });
  });
}

/** @param leader undefined for a program that could not be started */
function killGroup(leader: number | undefined): void {
  if (leader === undefined) return;
  try {
    process.kill(-leader, 'SIGKILL');
  } catch {
    // It has ended.
  }
}

const textOf = (chunks: Buffer[]): string => Buffer.concat(chunks).toString('utf8');
