// Runs a command on one server or on many, with input, output and exit code.
import type { Server } from '@buoy/contract';
import { atOnce } from '@buoy/contract/at-once';
import { ApiError } from '@buoy/contract/client';
import {
  type Args,
  type Command,
  CommandError,
  type Context,
  command,
  exitCodes,
  type Flags,
  isSet,
  numberOption,
  type Texts,
  textOption,
  UsageError,
} from '../command.ts';
import { yesOption } from '../confirm.ts';
import { type ExecResult, type Execution, execOnServer, type OnBytes } from '../exec-on-server.ts';
import { fixedColumn, wrappedColumn } from '../output/table.ts';
import { cleanLine } from '../output/terminal-text.ts';
import { rawOption } from '../raw-option.ts';
import { resolveServer } from '../resolve-server.ts';
import { serversToRunOn } from '../servers-to-run-on.ts';

const MAX_TIMEOUT_S = 3_600;
const DEFAULT_TIMEOUT_S = 30;
/** Servers at a time, to limit the load on Buoy and the network. */
const MAX_AT_ONCE = 8;
/** Bytes of standard input, as base64 in one call. */
const MAX_INPUT_LENGTH = 600_000;
/** Bytes of output kept per server for --json and --head. */
const HEAD_BYTES = 1024 * 1024;

/** Signal numbers, for the exit code of a program that a signal ended. */
const signalNumbers = new Map([
  ['HUP', 1],
  ['INT', 2],
  ['QUIT', 3],
  ['ABRT', 6],
  ['KILL', 9],
  ['SEGV', 11],
  ['PIPE', 13],
  ['TERM', 15],
]);

/** 128 plus the signal number, as in shells. */
function exitCodeOf({ exitCode, signal }: Pick<ExecResult, 'exitCode' | 'signal'>): number {
  if (exitCode !== null) return exitCode;
  return signal === null ? exitCodes.failed : 128 + (signalNumbers.get(signal.replace(/^SIG/, '')) ?? 0);
}

async function executionIn(context: Context & Texts<'timeout'> & Flags<'no-stdin'>): Promise<Execution> {
  const { rest, isArgv, terminal } = context;
  const timeoutS = numberOption(context, 'timeout', 1, MAX_TIMEOUT_S) ?? DEFAULT_TIMEOUT_S;
  const input = isSet(context, 'no-stdin') ? null : await terminal.readPipedStdin();
  if (input !== null && input.length > MAX_INPUT_LENGTH)
    throw new CommandError(
      `Standard input is larger than ${MAX_INPUT_LENGTH / 1000} KB.`,
      'Send it with buoy servers ssh SERVER COMMAND, or do not read it: --no-stdin',
    );
  return {
    // Without `--`, as in ssh: the words are joined, and the login shell interprets the line.
    ...(isArgv ? { argv: [...rest] } : { command: rest.join(' ') }),
    ...(input === null || input.length === 0 ? {} : { stdin: Buffer.from(input).toString('base64') }),
    timeoutS,
  };
}

/** Keeps the beginning of the output. */
function keeper() {
  const kept = { stdout: [] as Uint8Array[], stderr: [] as Uint8Array[] };
  const sizes = { stdout: 0, stderr: 0 };
  let isCut = false;
  return {
    /** Returns the part that was kept. */
    take(stream: 'stdout' | 'stderr', bytes: Uint8Array): Uint8Array {
      const part = bytes.subarray(0, HEAD_BYTES - sizes[stream]);
      isCut ||= part.length < bytes.length;
      sizes[stream] += part.length;
      kept[stream].push(part);
      return part;
    },
    text: (stream: 'stdout' | 'stderr') => Buffer.concat(kept[stream]).toString('utf8'),
    isCut: () => isCut,
  };
}

function tooMuch(): CommandError {
  return new CommandError(
    'The command printed more than Buoy passes on; the end is missing.',
    'Print less, or use --head if the beginning is enough.',
    'output_too_large',
  );
}

async function execOne(
  context: Context & Texts<'timeout'> & Flags<'head' | 'no-stdin'>,
  server: Server,
): Promise<number> {
  const { output } = context;
  const isHead = isSet(context, 'head');
  const head = keeper();
  const print = output.programOutput();
  const onBytes: OnBytes = (stream, bytes) => {
    if (!isHead && !output.json) return print(stream, bytes);
    const part = head.take(stream, bytes);
    if (!output.json) print(stream, part);
  };
  const ended = await execOnServer(context, server.id, await executionIn(context), onBytes);
  const truncated = ended.truncated || head.isCut();
  output.result(
    { ...ended, truncated, stdout: head.text('stdout'), stderr: head.text('stderr') },
    () => undefined,
  );
  if (truncated && !isHead) throw tooMuch();
  return exitCodeOf(ended);
}

type Result = {
  server: { id: string; name: string };
  exitCode: number | null;
  signal: string | null;
  stdout: string;
  stderr: string;
  truncated: boolean;
  durationMs: number | null;
  error: { error: string; code: string } | null;
};

/** Runs the command on one of many servers; a failure becomes its result. */
async function execAmong(context: Context, { id, name }: Server, execution: Execution): Promise<Result> {
  const { output } = context;
  const head = keeper();
  const lines = lineWriter((stream, line) => {
    const text = `${cleanLine(name)}: ${line}\n`;
    if (stream === 'stdout') output.text(text);
    else output.errorText(text);
  });
  const result = { server: { id, name }, exitCode: null, signal: null, truncated: false, durationMs: null };
  const printed = () => ({ stdout: head.text('stdout'), stderr: head.text('stderr') });
  try {
    const ended = await execOnServer(context, id, execution, (stream, bytes) => {
      const part = head.take(stream, bytes);
      if (!output.json) lines.add(stream, part);
    });
    lines.end();
    return { ...result, ...ended, ...printed(), truncated: ended.truncated || head.isCut(), error: null };
  } catch (error) {
    lines.end();
    if (context.terminal.signal.aborted) throw error;
    if (!(error instanceof ApiError) && !(error instanceof CommandError)) throw error;
    return { ...result, ...printed(), error: { error: error.message, code: error.code } };
  }
}

/** Writes whole lines, so that lines of several servers do not mix. */
function lineWriter(write: (stream: 'stdout' | 'stderr', line: string) => void) {
  const decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() };
  const partialLine = { stdout: '', stderr: '' };
  const streams = ['stdout', 'stderr'] as const;
  return {
    add(stream: 'stdout' | 'stderr', bytes: Uint8Array) {
      const lines = (partialLine[stream] + decoders[stream].decode(bytes, { stream: true })).split('\n');
      partialLine[stream] = lines.pop() ?? '';
      for (const line of lines) write(stream, line);
    },
    end() {
      for (const stream of streams) {
        if (partialLine[stream] !== '') write(stream, partialLine[stream]);
        partialLine[stream] = '';
      }
    },
  };
}

async function execAll(
  context: Context & Texts<'timeout'> & Flags<'head' | 'no-stdin'>,
  servers: readonly Server[],
): Promise<number> {
  const { output } = context;
  const execution = await executionIn(context);
  const results = await atOnce(servers, MAX_AT_ONCE, (server) => execAmong(context, server, execution));
  const isHead = isSet(context, 'head');
  output.result({ results }, () =>
    output.table(
      ['SERVER', fixedColumn('RESULT'), 'TOOK', wrappedColumn('WHY')],
      results.map((one) => [
        one.server.name,
        wordFor(one),
        one.durationMs === null ? null : `${(one.durationMs / 1000).toFixed(1)} s`,
        one.error?.error ?? (one.truncated && !isHead ? 'The end of the output is missing.' : ''),
      ]),
    ),
  );
  const isGood = (one: Result) => one.exitCode === 0 && (isHead || !one.truncated);
  return results.every(isGood) ? 0 : exitCodes.failed;
}

function wordFor({ error, exitCode, signal }: Result): string {
  if (error !== null) return 'not run';
  return exitCode === null ? `ended by ${signal ?? 'its size'}` : `exit ${exitCode}`;
}

async function exec(
  context: Context &
    Args<'server'> &
    Texts<'tag' | 'timeout'> &
    Flags<'all' | 'shared' | 'yes' | 'head' | 'no-stdin'>,
): Promise<number> {
  const tag = textOption(context, 'tag');
  const isMany = tag !== undefined || isSet(context, 'all');
  const { server } = context.args;
  if (!isMany) {
    if (isSet(context, 'shared')) throw new UsageError('--shared goes with --tag or --all.');
    if (server === undefined) throw new UsageError('SERVER is missing.', 'Or --tag TAG, or --all');
    return execOne(context, await resolveServer(context.api(), server));
  }
  if (tag !== undefined && isSet(context, 'all')) throw new UsageError('--tag and --all do not go together.');
  if (server !== undefined || !context.isArgv)
    throw new UsageError(
      '--tag and --all take no SERVER, and the command goes after --',
      'For example: buoy servers exec --all -- uptime',
    );
  return execAll(context, await serversToRunOn(context, tag));
}

export const execCommands: readonly Command[] = [
  command({
    name: 'servers exec',
    summary: 'Run a command on a server through Buoy, with its input, output and exit code',
    args: ['server?', 'command...'],
    options: {
      tag: {
        type: 'string',
        value: 'TAG',
        summary: 'Run on every server of yours with this tag; the command goes after --',
      },
      all: { type: 'boolean', summary: 'Run on all your servers; the command goes after --' },
      shared: {
        type: 'boolean',
        summary: 'With --tag or --all: also on servers of other people; asks first',
      },
      yes: yesOption,
      timeout: { type: 'string', value: 'SECONDS', summary: 'Time limit (default 30, at most 3600)' },
      head: { type: 'boolean', summary: 'Print only the first megabyte of output; more is not an error' },
      'no-stdin': {
        type: 'boolean',
        short: 'n',
        summary: 'Do not read standard input, for loops that read it themselves',
      },
      raw: rawOption,
    },
    run: exec,
  }),
];
