// Plain HTTP over a forwarded stream: the gateway's own health pages, which answer even when its WebSocket does not.
import { request } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Clock } from '../../lib/clock.ts';
import { withTimeout } from '../../lib/with-timeout.ts';
import { type CallLimit, deadlineError } from './call-limit.ts';
import { brokenFailure, notAGateway } from './failures.ts';

/** Bytes of a health page; the real ones have less than 1 KB, the HTML of the web interface would have more. */
const MAX_BODY_BYTES = 65_536;

/**
 * GET over `stream`, which is closed afterwards. Any status passes; the body must be JSON, since the gateway answers any
 * path that it does not know with HTML and 200. Throws AppError.
 */
export async function probeOver(
  { stream, port, path, clock }: { stream: Duplex; port: number; path: string; clock: Clock },
  limit: CallLimit,
): Promise<{ status: number; body: unknown }> {
  try {
    return await withTimeout(get(stream, port, path), limit, clock, deadlineError);
  } finally {
    stream.destroy();
  }
}

function get(stream: Duplex, port: number, path: string): Promise<{ status: number; body: unknown }> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => reject(brokenFailure(error, port));
    const outgoing = request({
      createConnection: () => stream as never,
      host: '127.0.0.1',
      port,
      path,
      headers: { accept: 'application/json', connection: 'close' },
    });
    outgoing.on('error', fail);
    outgoing.on('response', (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('error', fail);
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > MAX_BODY_BYTES) reject(notAGateway(port));
        else chunks.push(chunk);
      });
      response.on('end', () => {
        try {
          resolve({
            status: response.statusCode ?? 0,
            body: JSON.parse(Buffer.concat(chunks).toString('utf8')),
          });
        } catch (error) {
          reject(notAGateway(port, error));
        }
      });
    });
    outgoing.end();
  });
}
