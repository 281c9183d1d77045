// A stranger tries to use up Buoy's file descriptors over both listeners, to keep everyone else out.
import { readdirSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../../../testbed/until.ts';
import { startTestBuoy, type TestBuoy } from '../support/test-buoy.ts';

let running: TestBuoy;
let ports: { app: number; controlUi: number };
beforeAll(async () => {
  running = await startTestBuoy();
  const { app, controlUi } = running.buoy;
  const portOf = (url: string) => Number(new URL(url).port);
  ports = {
    app: portOf(await app.listen({ host: '127.0.0.1', port: 0 })),
    controlUi: portOf(await controlUi.listen({ host: '127.0.0.1', port: 0, besides: 0 })),
  };
});
afterAll(() => running.close());

/** Open files of this process, in which Buoy and the clients run. */
const openFiles = (): number => readdirSync('/proc/self/fd').length;

const upgrade = (path: string): string =>
  `GET ${path} HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`;

/** A client that keeps sending after the refusal and then leaves. */
function sendBehindRefusal(port: number, path: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(`${upgrade(path)}xxxxxxxxxx`));
    socket.on('data', (chunk) => {
      answer += String(chunk);
      socket.write('y'.repeat(1_000));
    });
    socket.on('end', () => socket.destroy());
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(answer));
  });
}

describe('file descriptors that a stranger can hold', () => {
  test.each([
    ['app', '/api/servers/x/terminal', 401],
    ['controlUi', '/s/srv_1/', 403],
    ['controlUi', '/nowhere', 404],
  ] as const)(
    'none stay open after refused upgrades to the %s listener at %s',
    async (listener, path, status) => {
      const before = openFiles();
      for (let count = 0; count < 60; count += 1)
        expect(await sendBehindRefusal(ports[listener], path)).toContain(`HTTP/1.1 ${status}`);
      const left = await until(10_000, async () => (openFiles() <= before + 5 ? openFiles() : null)).catch(
        openFiles,
      );
      expect(left - before).toBeLessThanOrEqual(5);
    },
  );

  test.each(['app', 'controlUi'] as const)(
    'the %s listener accepts 4,000 connections through a local proxy and closes the ones after that',
    async (listener) => {
      const refused = Promise.withResolvers<void>();
      const held: Socket[] = [];
      let cut = 0;
      for (let count = 0; count < 4_020; count += 1) {
        const socket = connect(ports[listener], '127.0.0.1');
        socket.on('error', () => undefined);
        socket.on('close', () => {
          cut += 1;
          if (cut === 20) refused.resolve();
        });
        held.push(socket);
        await new Promise((resolve) => socket.once('connect', resolve));
        if (count === 3_999) expect(cut).toBe(0);
      }
      const cutCount = await until(5_000, async () => (cut >= 20 ? cut : null)).catch(() => cut);
      for (const socket of held) socket.destroy();
      expect(cutCount).toBe(20);
    },
  );
});
