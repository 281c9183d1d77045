// The exchange of SSH identification lines. Done here and not by ssh2, which loses bytes when the line comes in three
// pieces, accepts 8 MB of text before it, and cannot tell a web server from a closed port.
import type { Duplex } from 'node:stream';
import type { AppError } from '../lib/app-error.ts';
import { earlyFailure, type GreetingProblem, greetingFailure } from './failures.ts';
import { swallowNextWrite } from './ssh2-internals.ts';

/** The software name in Buoy's own line. */
export const softwareName = 'Buoy';
/** Buoy's identification line as it goes over the wire. */
export const greetingLine = `SSH-2.0-${softwareName}\r\n`;

/** Bytes before and including the server's line. OpenSSH allows itself 8 KiB a line; notices before it are short. */
const MAX_GREETING_BYTES = 16 * 1024;

/**
 * Sends our line, waits for the server's, and puts it back into `stream` (paused) for ssh2. Rejects with an AppError
 * in words when the peer is no SSH server; has no time limit of its own: destroying `stream` ends it.
 */
export function exchangeGreetings(stream: Duplex, hostPort: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let received = Buffer.alloc(0);

    const settle = (problem: GreetingProblem | AppError | null) => {
      stream.pause();
      stream.off('data', onData).off('end', onEnd).off('close', onEnd).off('error', onError);
      if (problem === null) {
        stream.unshift(received);
        swallowNextWrite(stream, greetingLine);
        resolve();
      } else if (typeof problem === 'string') {
        const text = received.toString('latin1', 0, 400);
        reject(greetingFailure(problem, hostPort, text.slice(greetingAt(text) ?? 0)));
      } else {
        reject(problem);
      }
    };
    const onEnd = () => settle(isForeign(received) ? 'not_ssh' : 'closed');
    const onError = (error: Error) => settle(earlyFailure(error, hostPort));
    const onData = (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      const text = received.toString('latin1');
      const start = greetingAt(text) ?? 0;
      const end = greetingAt(text) === null ? -1 : text.indexOf('\n', start);
      if (end >= 0) {
        const version = text.slice(start, end);
        if (/^SSH-(2\.0|1\.99)-[^ \r]/.test(version)) {
          // Only the line itself goes on: the text before it would be parsed a second time.
          received = received.subarray(start);
          settle(null);
        } else {
          settle(/^SSH-1\./.test(version) ? 'old_protocol' : 'not_ssh');
        }
      } else if (received.length > MAX_GREETING_BYTES) {
        settle('endless');
      } else if (isForeign(received)) {
        settle('not_ssh');
      }
    };

    stream.on('data', onData).on('end', onEnd).on('close', onEnd).on('error', onError);
    if (stream.destroyed) settle('closed');
    else stream.write(greetingLine);
  });
}

/** Where the line begins with which an SSH server introduces itself; notices may stand before it. */
function greetingAt(text: string): number | null {
  if (text.startsWith('SSH-')) return 0;
  const before = text.indexOf('\nSSH-');
  return before < 0 ? null : before + 1;
}

/** True when the first bytes belong to HTTP, TLS, SMTP or FTP for sure: no need to wait for more. */
function isForeign(bytes: Buffer): boolean {
  const text = bytes.toString('latin1', 0, 16);
  return /^HTTP\/\d|^<(!doctype|html)|^220[ -]|^\x15\x03/i.test(text);
}
