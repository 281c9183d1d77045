// A logger for tests: keeps every line, so that a test can prove what is not in them.
import { Writable } from 'node:stream';
import { pino } from 'pino';
import type { Logger } from '../../lib/logger.ts';

export function createKeptLogger(): { logger: Logger; text(): string } {
  const lines: string[] = [];
  const sink = new Writable({
    write(chunk, _encoding, callback) {
      lines.push(String(chunk));
      callback();
    },
  });
  return { logger: pino({ level: 'trace' }, sink), text: () => lines.join('') };
}
