// All that the command line touches of the world around it, so that tests can give it another one.
import { fstatSync } from 'node:fs';
import { addAbortSignal } from 'node:stream';
import { askPerson } from './ask-person.ts';
import { exitCodes } from './command.ts';

export type Terminal = {
  out(text: string): void;
  err(text: string): void;
  /** Whether a person sees standard output, and how wide it is there. */
  isTty: boolean;
  columns: number;
  /** Whether a person sees standard error: there what goes on is shown. */
  isErrTty: boolean;
  /** Whether a person can be asked. */
  canAsk: boolean;
  /** One line from the person; `secret` is not shown while it is typed. */
  ask(question: string, options?: { secret?: boolean }): Promise<string>;
  /** The same for bytes that are no text of ours. */
  write(target: 'out' | 'err', bytes: Uint8Array): void;
  /** Everything on standard input. */
  readStdin(): Promise<string>;
  /** Everything on standard input where that is a pipe or a file; null where it is a terminal, or nothing. */
  readPipedStdin(): Promise<Uint8Array | null>;
  environment: Readonly<Record<string, string | undefined>>;
  fetch: typeof globalThis.fetch;
  now(): number;
  /** Resolves after that many milliseconds, or at once when `signal` aborts. */
  pause(ms: number, signal: AbortSignal): Promise<void>;
  /** Aborts on Ctrl-C. */
  signal: AbortSignal;
  /** The keys and the size of the terminal, for a shell elsewhere: each key as the bytes that it is, Ctrl-C too. */
  takeKeyboard(): Keyboard;
  /** Runs a program with this terminal as its own and answers its exit code. */
  runProgram(program: string, args: readonly string[]): Promise<number>;
};

export type Keyboard = {
  size(): { columns: number; rows: number };
  onKeys(listener: (bytes: Uint8Array) => void): void;
  onResize(listener: () => void): void;
  /** Gives it back as it was. */
  release(): void;
};

const DEFAULT_COLUMNS = 100;

export function systemTerminal(): Terminal {
  const interrupted = new AbortController();
  process.once('SIGINT', () => interrupted.abort());
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // `buoy servers list | head` ends the reader, which is no error.
    if (error.code === 'EPIPE') process.exit(0);
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
    readStdin: async () => (await wholeStdin(interrupted.signal)).toString('utf8'),
    readPipedStdin: async () => (isStdinPiped() ? wholeStdin(interrupted.signal) : null),
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

async function wholeStdin(signal: AbortSignal): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of addAbortSignal(signal, process.stdin)) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** False for a terminal, /dev/null, and a descriptor that is closed. */
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
