// The environment of the command line (terminal, clock, network, programs), which tests replace.
import { fstatSync } from 'node:fs';
import { addAbortSignal } from 'node:stream';
import { askPerson } from './ask-person.ts';
import { exitCodes } from './command.ts';

export type Terminal = {
  out(text: string): void;
  err(text: string): void;
  /** Whether standard output is a terminal, and its width. */
  isTty: boolean;
  columns: number;
  /** Whether standard error is a terminal, for progress. */
  isErrTty: boolean;
  /** Whether a person can be asked. */
  canAsk: boolean;
  /** Reads one line from the person; `secret` hides the typed text. */
  ask(question: string, options?: { secret?: boolean }): Promise<string>;
  /** Writes raw bytes. */
  write(target: 'out' | 'err', bytes: Uint8Array): void;
  /** Reads all of standard input. */
  readStdin(): Promise<string>;
  /** Reads all of standard input if it is a pipe or a file; null for a terminal or a closed descriptor. */
  readPipedStdin(): Promise<Uint8Array | null>;
  environment: Readonly<Record<string, string | undefined>>;
  fetch: typeof globalThis.fetch;
  now(): number;
  /** Resolves after that many milliseconds, or at once when `signal` aborts. */
  pause(ms: number, signal: AbortSignal): Promise<void>;
  /** Aborts on Ctrl-C. */
  signal: AbortSignal;
  /** Takes keys and size of the terminal for a remote shell: raw bytes, Ctrl-C included. */
  takeKeyboard(): Keyboard;
  /** Runs a program on this terminal and returns its exit code. */
  runProgram(program: string, args: readonly string[]): Promise<number>;
};

export type Keyboard = {
  size(): { columns: number; rows: number };
  onKeys(listener: (bytes: Uint8Array) => void): void;
  onResize(listener: () => void): void;
  /** Restores the terminal. */
  release(): void;
};

const DEFAULT_COLUMNS = 100;

export function systemTerminal(): Terminal {
  const interrupted = new AbortController();
  process.once('SIGINT', () => interrupted.abort());
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // `buoy servers list | head` closes the pipe: no message, but what was not read may have said that something failed.
    if (error.code === 'EPIPE') process.exit(exitCodes.unread);
    process.stderr.write(`buoy: The result could not be written: ${error.message}.\n`);
    process.exit(exitCodes.failed);
  });
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    isTty: process.stdout.isTTY === true,
    columns: process.stdout.columns ?? process.stderr.columns ?? DEFAULT_COLUMNS,
    isErrTty: process.stderr.isTTY === true,
    canAsk: process.stdin.isTTY === true && process.stderr.isTTY === true,
    ask: (question, { secret } = {}) =>
      askPerson(question, { input: process.stdin, output: process.stderr, interrupted, secret }),
    write: (target, bytes) => void (target === 'out' ? process.stdout : process.stderr).write(bytes),
    readStdin: async () => (await readAllStdin(interrupted.signal)).toString('utf8'),
    readPipedStdin: async () => (isStdinPiped() ? readAllStdin(interrupted.signal) : null),
    environment: process.env,
    fetch: globalThis.fetch,
    now: Date.now,
    pause: (ms, signal) =>
      new Promise((resolve) => {
        const timer = setTimeout(done, ms);
        function done(): void {
          clearTimeout(timer);
          signal.removeEventListener('abort', done);
          resolve();
        }
        if (signal.aborted) done();
        else signal.addEventListener('abort', done, { once: true });
      }),
    signal: interrupted.signal,
    takeKeyboard,
    runProgram,
  };
}

function takeKeyboard(): Keyboard {
  const { stdin, stdout } = process;
  stdin.setRawMode(true);
  stdin.resume();
  return {
    size: () => ({ columns: stdout.columns ?? 80, rows: stdout.rows ?? 24 }),
    onKeys: (listener) => void stdin.on('data', listener),
    onResize: (listener) => void stdout.on('resize', listener),
    release() {
      stdin.removeAllListeners('data');
      stdout.removeAllListeners('resize');
      stdin.setRawMode(false);
      stdin.pause();
    },
  };
}

async function readAllStdin(signal: AbortSignal): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of addAbortSignal(signal, process.stdin)) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** False for a terminal, /dev/null and a closed descriptor. */
function isStdinPiped(): boolean {
  try {
    const stat = fstatSync(0);
    return stat.isFIFO() || stat.isFile() || stat.isSocket();
  } catch {
    return false;
  }
}

async function runProgram(program: string, args: readonly string[]): Promise<number> {
  const { spawn } = await import('node:child_process');
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: 'inherit' });
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}
