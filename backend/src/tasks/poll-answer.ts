// What a server answers about a running command, and the piece of output with it. A hostile server answers anything.
import { z } from 'zod';
import { AppError } from '../lib/app-error.ts';
import type { ExecResult } from '../ssh/ssh.ts';

const SPACE = 0x20;
const LINE_END = 0x0a;

const pollLine = z.tuple([
  z.literal('buoy-run'),
  z.enum(['absent', 'waiting', 'claimed', 'alive', 'gone', 'claimed-full', 'gone-full', 'other-boot']),
  z.union([
    z.literal('-').transform(() => null),
    z
      .string()
      .regex(/^\d{1,3}$/)
      .transform(Number),
  ]),
  z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number),
  z.enum(['base64', 'hex', 'none']),
]);

export type PollAnswer = {
  state: z.output<typeof pollLine>[1];
  exitCode: number | null;
  size: number;
  bytes: Buffer;
};

/**
 * Throws `bad_gateway` for an answer that is not the script's, or cut.
 * @param maxBytes that the script was asked for
 */
export function parsePoll(result: ExecResult, maxBytes: number): PollAnswer {
  const end = result.stdout.indexOf('\n');
  const head = pollLine.safeParse(result.stdout.slice(0, Math.max(0, end)).trimEnd().split(' '));
  if (result.exitCode !== 0 || result.truncated || !head.success) throw unexpected(result);
  const [, state, exitCode, size, encoding] = head.data;
  const body = result.stdout.slice(end);
  // Spaces are passed over while it is decoded; to remove them from a long answer first takes 50 ms.
  const bytes = encoding === 'hex' ? hexBytes(body, maxBytes) : Buffer.from(body, 'base64');
  if (bytes === null || bytes.length > maxBytes) throw unexpected(result);
  return { state, exitCode, size, bytes };
}

/** The last line of what a program said, for an error; null when it said nothing. */
export function lastLine(text: string): string | null {
  const trimmed = text.trimEnd();
  return trimmed.slice(trimmed.lastIndexOf('\n') + 1).slice(0, 300) || null;
}

function unexpected({ exitCode, stderr }: ExecResult): AppError {
  return new AppError('bad_gateway', 'The server sent an unexpected answer about the running command.', {
    hint: 'Check that the login has a writable home and a POSIX shell.',
    details: { exitCode, said: lastLine(stderr) },
  });
}

/** Byte by byte, for digits as `od` prints them; null: it does not, or not that many. */
function hexBytes(text: string, maxBytes: number): Buffer | null {
  const bytes = Buffer.allocUnsafe(maxBytes);
  let size = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === SPACE || code === LINE_END) continue;
    at += 1;
    const high = digitOf(code);
    const low = digitOf(text.charCodeAt(at));
    if (high === null || low === null || size === maxBytes) return null;
    bytes[size++] = high * 16 + low;
  }
  return bytes.subarray(0, size);
}

function digitOf(code: number): number | null {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  return code >= 0x61 && code <= 0x66 ? code - 0x61 + 10 : null;
}
