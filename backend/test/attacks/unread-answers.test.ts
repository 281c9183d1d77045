// A stranger asks a Buoy that serves https for its largest public answers, and reads none of them, to fill its memory with copies.
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeCertificate } from '../../../testbed/make-certificate.ts';
import { until } from '../../../testbed/until.ts';
import { startTestBuoy, type TestBuoy } from '../support/test-buoy.ts';

const CONNECTIONS = 10;
/** As many as one connection may ask for at once: more than the network within one machine takes. */
const REQUESTS = 16;
const MAX_HELD_BYTES = 80 * 1024;
/** Less than the shortest of the answers. */
const MIN_SENT_BYTES = 200 * 1024;

let folder: string;
let running: TestBuoy;
let port: number;
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'buoy-unread-'));
  const { cert, key } = makeCertificate(folder, 'buoy');
  running = await startTestBuoy({ TLS_CERT: cert, TLS_KEY: key });
  port = Number(new URL(await running.buoy.app.listen({ host: '127.0.0.1', port: 0 })).port);
});
afterAll(async () => {
  await running.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Asks and reads nothing. Returns the two ends of the connection. */
async function ask(where: string, headers = '', times = 1) {
  const accepted = once(running.buoy.app.server, 'secureConnection') as Promise<[Socket]>;
  const client = connect({ host: '127.0.0.1', port, rejectUnauthorized: false });
  client.on('error', () => undefined);
  client.write(`GET ${where} HTTP/1.1\r\nhost: a\r\n${headers}\r\n`.repeat(times));
  return { client, server: (await accepted)[0] };
}

/** Bytes that Buoy holds of a connection to which nothing can be sent any more. */
async function heldWhenStuck(server: Socket): Promise<number> {
  let written = 0;
  return until(10_000, async () => {
    const isStuck = written > MIN_SENT_BYTES && server.bytesWritten === written;
    written = server.bytesWritten;
    return isStuck ? server.writableLength : null;
  });
}

describe('public answers that nobody reads, over https', () => {
  test.each(['/api/docs', '/api/docs/swagger-ui-bundle.js', '/api/openapi.json'])(
    'each connection that asked for %s holds no more than one slice of it',
    async (where) => {
      const ends = await Promise.all(Array.from({ length: CONNECTIONS }, () => ask(where, '', REQUESTS)));
      const held = await Promise.all(ends.map(({ server }) => heldWhenStuck(server)));
      for (const { client } of ends) client.destroy();
      expect(Math.max(...held)).toBeLessThan(MAX_HELD_BYTES);
    },
  );

  test.each([
    ['a visitor who reads them', 'connection: close\r\n'],
    ['one who asks for a WebSocket there', 'connection: upgrade\r\nupgrade: websocket\r\n'],
  ])('come whole to %s', async (_who, headers) => {
    const where = '/api/docs/swagger-ui-bundle.js';
    const { client } = await ask(where, headers);
    const answer = await buffer(client);
    const body = answer.subarray(answer.indexOf('\r\n\r\n') + 4);
    const { rawPayload } = await running.buoy.app.inject(where);
    expect(rawPayload.length).toBeGreaterThan(1_000_000);
    expect(String(answer.subarray(0, 2_000))).toContain(`content-length: ${rawPayload.length}\r\n`);
    expect(body.equals(rawPayload)).toBe(true);
  });
});
