// Wraps a POSIX script so that it runs the same under every login shell, and separates its output from the shell's own.
import { randomBytes } from 'node:crypto';
import type { RawResult } from './exec.ts';
import { failure, printable } from './failures.ts';
import { quote } from './quote.ts';

/** The same words in sh, bash, dash, zsh, fish and csh. All else goes through standard input. */
export const scriptCommand = 'exec /bin/sh';

/** Bytes of greetings by the login shell's own files that are read past before the script's output. */
export const NOISE_BYTES = 64 * 1024;

export type WrappedScript = {
  stdin(script: string): string;
  /**
   * Cuts off what came before the script, on both outputs.
   * @throws AppError of kind `shell` when the script never ran: no shell, a forced command, a message instead
   */
  unwrap(raw: RawResult, maxOutputBytes: number): RawResult;
};

/**
 * The braces make `sh` read the whole script before it runs: a connection that breaks off in the middle runs nothing,
 * and a program in it that reads standard input finds its end instead of eating the rest of the script.
 */
export function wrapScript(args: readonly string[]): WrappedScript {
  const mark = `buoy-${randomBytes(12).toString('hex')}`;
  const words = ['set', '--', ...args.map(quote)].join(' ');
  return {
    stdin: (script) =>
      [`echo; echo ${mark}; { echo; echo ${mark}; } >&2`, words, `{ :; ${script}`, '}', ''].join('\n'),
    unwrap(raw, maxOutputBytes) {
      const stdout = afterMark(raw.stdout, mark);
      if (stdout === null) {
        const words = Buffer.concat([raw.stdout, raw.stderr]).toString('utf8', 0, 400);
        throw failure('shell', 'refused', 'The account does not run commands.', {
          hint: 'Give it a real login shell, and remove a forced command from its key in authorized_keys.',
          details: { serverSays: printable(words), exitCode: raw.exitCode },
        });
      }
      const stderr = afterMark(raw.stderr, mark) ?? raw.stderr;
      return {
        ...raw,
        stdout: stdout.subarray(0, maxOutputBytes),
        stderr: stderr.subarray(0, maxOutputBytes),
        truncated: raw.truncated || Math.max(stdout.length, stderr.length) > maxOutputBytes,
      };
    },
  };
}

function afterMark(bytes: Buffer, mark: string): Buffer | null {
  const at = bytes.indexOf(`\n${mark}\n`);
  return at < 0 ? null : bytes.subarray(at + mark.length + 2);
}
