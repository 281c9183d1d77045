// Runs one command over a session channel and collects its output within limits.
import type { Readable } from 'node:stream';
import type { ClientChannel } from 'ssh2';
import type { Clock } from '../lib/clock.ts';
import type { CallScope } from './call-scope.ts';
import type { OpenChannel, Opener } from './channel.ts';
import { commandRefused, failure, lostFailure, sessionRefused } from './failures.ts';
import type { SshLimits } from './limits.ts';
import { createOutputBuffer } from './output.ts';
import type { OnOutput } from './ssh.ts';
import { killCommand } from './ssh2-internals.ts';

/** As `ExecResult`, before the bytes become text. */
export type RawResult = {
  exitCode: number | null;
  signal: string | null;
  stdout: Buffer;
  stderr: Buffer;
  /** More came than was kept. */
  truncated: boolean;
  durationMs: number;
};

type Ended = { how: 'closed' | 'lingered' | 'cut'; exitCode: number | null; signal: string | null };

export type RunningCommand = {
  channel: ClientChannel;
  hasExited(): boolean;
  ended: Promise<Ended>;
  result(ended: Ended): RawResult;
  /** Nobody wants its output any more: what was kept is dropped, and what still comes. */
  leave(): void;
};

/** Opens a session and starts `command` in it; the output is collected from the first byte on. */
export function commandOpener(options: {
  command: string;
  /** A function is called once the channel is open; when it rejects, so does the command. */
  stdin: string | Buffer | (() => Promise<string>);
  maxOutputBytes: number;
  onOutput?: OnOutput | undefined;
  clock: Clock;
  limits: Pick<SshLimits, 'lingerMs' | 'cutOutputBytes'>;
}): Opener<RunningCommand> {
  return {
    open(client, done) {
      client.exec(options.command, (error, channel) => {
        if (error !== undefined) done(error);
        else done(undefined, collect(channel, options));
      });
    },
    close({ channel, hasExited, leave }, client) {
      leave();
      // The signal goes to the whole process group: after the exit it would hit what the command left running.
      if (!hasExited()) killCommand(client, channel);
      channel.close();
    },
    onClosed: ({ channel }, listener) => channel.once('close', listener),
    channelOf: ({ channel }) => channel,
    refused: (error) =>
      typeof (error as { reason?: unknown }).reason === 'number'
        ? sessionRefused(error)
        : commandRefused(error),
  };
}

/**
 * Waits for the end of a started command. On deadline or cancel the command is killed and the reason thrown; on a lost
 * connection `unreachable`, since the outcome of the command is unknown.
 */
export async function finishCommand(
  opened: OpenChannel<RunningCommand>,
  scope: CallScope,
): Promise<RawResult> {
  const { value: command, connection, abandon } = opened;
  let stop = () => {};
  const lost = new Promise<never>((_resolve, reject) => {
    stop = connection.onLost((cause) => reject(lostFailure(connection.hostPort, true, cause)));
  });
  try {
    const ended = await scope.wait(Promise.race([lost, command.ended]));
    if (ended.how === 'closed' && ended.exitCode === null && ended.signal === null) {
      throw failure('shell', 'bad_gateway', 'The server ended the command without an exit code.', {
        hint: 'Check the server before running it again; its SSH service may be restricted.',
      });
    }
    return command.result(ended);
  } finally {
    stop();
    // Does nothing to a channel that is closed already, or lost.
    abandon();
    command.leave();
  }
}

function collect(
  channel: ClientChannel,
  { stdin, maxOutputBytes, onOutput, clock, limits }: Parameters<typeof commandOpener>[0],
): RunningCommand {
  const startedAt = clock.now();
  // Output that is streamed is not collected.
  const keptBytes = onOutput === undefined ? maxOutputBytes : 0;
  let stdout = createOutputBuffer(keptBytes);
  let stderr = createOutputBuffer(keptBytes);
  let exitCode: number | null = null;
  let signal: string | null = null;
  let exited = false;
  let isLeft = false;
  /** Pieces that were passed on and are not processed yet. */
  let untaken = 0;
  let stopLinger = () => {};

  // An 'error' without a listener would end the process; a broken channel closes as well.
  channel.on('error', () => {});
  channel.stderr.on('error', () => {});
  const ended = new Promise<Ended>((resolve, reject) => {
    const end = (how: Ended['how']) => {
      stopLinger();
      resolve({ how, exitCode: how === 'cut' ? null : exitCode, signal: how === 'cut' ? null : signal });
    };
    const isTooMuch = () => stdout.total() + stderr.total() > limits.cutOutputBytes;
    const take = (name: 'stdout' | 'stderr', from: Readable) => (chunk: Buffer) => {
      if (isLeft) return;
      (name === 'stdout' ? stdout : stderr).add(chunk);
      if (isTooMuch()) return end('cut');
      if (onOutput === undefined) return;
      untaken += 1;
      from.pause();
      void onOutput(name, chunk).then(() => {
        untaken -= 1;
        from.resume();
      });
    };
    channel.on('data', take('stdout', channel));
    channel.stderr.on('data', take('stderr', channel.stderr));
    const linger = () => {
      stopLinger();
      stopLinger = clock.after(limits.lingerMs, () => (untaken > 0 ? linger() : end('lingered')));
    };
    channel.on('exit', (code: number | null, name?: string) => {
      exited = true;
      exitCode = code;
      signal = name ?? null;
      if (!isLeft) linger();
    });
    channel.once('close', () => {
      // The last bytes of stderr may still be on their way to their listener.
      if (channel.stderr.readableEnded) end('closed');
      else channel.stderr.once('end', () => end('closed'));
    });
    if (typeof stdin !== 'function') channel.end(stdin);
    else
      stdin()
        .then((text) => channel.end(text))
        .catch(reject);
  });
  // Nobody waits for it when the caller left while the channel was opened.
  ended.catch(() => {});

  return {
    channel,
    hasExited: () => exited,
    ended,
    result: ({ how, exitCode: code, signal: name }) => ({
      exitCode: code,
      signal: name,
      stdout: stdout.kept(),
      stderr: stderr.kept(),
      truncated:
        how === 'cut' ||
        (onOutput === undefined && (stdout.total() > maxOutputBytes || stderr.total() > maxOutputBytes)),
      durationMs: clock.now() - startedAt,
    }),
    leave() {
      isLeft = true;
      stopLinger();
      stdout = createOutputBuffer(0);
      stderr = createOutputBuffer(0);
      // Read on to the end, or ssh2 never reports that the channel is closed.
      channel.resume();
      channel.stderr.resume();
    },
  };
}
