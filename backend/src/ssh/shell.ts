// The account's login shell in a terminal (pty) of the server, as a stream that keeps to back-pressure in both directions.
import type { Duplex } from 'node:stream';
import type { ClientChannel } from 'ssh2';
import type { Clock } from '../lib/clock.ts';
import type { OpenChannel, Opener } from './channel.ts';
import { commandRefused, failure, sessionRefused } from './failures.ts';
import { type Forwarded, socketLike } from './forward.ts';
import { streamOf } from './pool.ts';
import type { Shell, ShellExit, ShellSize } from './ssh.ts';
import { utf8Mode } from './ssh2-internals.ts';

/** What every terminal program that people use understands. */
const terminalName = 'xterm-256color';
/** What the server sets by itself wins; without any, letters beyond ASCII could not be typed. */
const environment = { LANG: 'C.UTF-8' };

/** Of memory: some hundred key strokes. */
const BEHIND_BYTES = 256 * 1024;

type OpenedShell = Forwarded & { exit: ShellExit };

/** Opens a session with a terminal of this size, and the shell in it. */
export function shellOpener({ columns, rows }: ShellSize): Opener<OpenedShell> {
  return {
    open(client, done) {
      client.shell(
        { term: terminalName, cols: columns, rows, width: 0, height: 0, modes: utf8Mode },
        { env: environment },
        (error, channel) => {
          if (error !== undefined) done(error);
          else done(undefined, opened(channel));
        },
      );
    },
    close: ({ channel }) => channel.close(),
    onClosed: ({ channel }, listener) => channel.once('close', listener),
    channelOf: ({ channel }) => channel,
    refused(error) {
      if (typeof (error as { reason?: unknown }).reason === 'number') return sessionRefused(error);
      return /pseudo-terminal/i.test(error.message) ? terminalRefused(error) : commandRefused(error);
    },
  };
}

/** The opened shell as its caller has it. */
export function shellOf(
  channel: OpenChannel<OpenedShell>,
  { clock, lingerMs }: { clock: Clock; lingerMs: number },
): Shell {
  const { value } = channel;
  const stream: Duplex = streamOf(channel);
  // A program that the shell left behind may keep the terminal open.
  const linger = (): void => void clock.after(lingerMs, () => stream.destroy());
  value.channel.once('exit', linger).once('end', linger);
  return {
    stream,
    resize({ columns, rows }) {
      if (!stream.destroyed) value.channel.setWindow(rows, columns, 0, 0);
    },
    isBehind: () => channel.connection.untakenBytes() > BEHIND_BYTES,
    exit: () => value.exit,
  };
}

function opened(channel: ClientChannel): OpenedShell {
  const exit: ShellExit = { exitCode: null, signal: null };
  channel.on('exit', (code: number | null, name?: string) => {
    exit.exitCode = code;
    exit.signal = name ?? null;
  });
  return { channel, stream: socketLike(channel, 'close'), exit };
}

function terminalRefused(cause: Error) {
  return failure('shell', 'refused', 'The server does not allow this account to open a terminal.', {
    hint: 'Set PermitTTY for this account in sshd_config, and remove "no-pty" from its key.',
    cause,
  });
}
