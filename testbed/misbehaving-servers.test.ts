// Each misbehaving server, as seen by an SSH client.
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import {
  startEndlessBanner,
  startHttpServer,
  startResetServer,
  startSilentServer,
} from './misbehaving-servers.ts';
import { until } from './until.ts';

function dial({ host, port }: { host: string; port: number }) {
  const seen = { bytes: 0, text: '', ending: '' };
  const socket = connect({ host, port });
  socket.on('data', (chunk) => {
    seen.bytes += chunk.length;
    seen.text = seen.text.slice(-1000) + chunk;
  });
  socket.on('error', (error: NodeJS.ErrnoException) => {
    seen.ending = error.code ?? '';
  });
  socket.on('end', () => {
    seen.ending = 'end';
  });
  return { socket, seen };
}

test('misbehaving HTTP server answers an SSH version line with a web page', async () => {
  const server = await startHttpServer();
  const { socket, seen } = dial(server);
  socket.write('SSH-2.0-test\r\n');
  await until(5_000, async () => seen.ending === 'end');
  expect(seen.text).toMatch(/^HTTP\/1\.1 400 /);
  await server.stop();
});

test('misbehaving banner server sends an endless banner without a version line', async () => {
  const server = await startEndlessBanner();
  const { socket, seen } = dial(server);
  await until(5_000, async () => seen.bytes > 1_000_000);
  expect(seen.text).not.toContain('SSH-');
  expect(seen.text.split('\r\n').every((line) => line.length < 255)).toBe(true);
  socket.destroy();
  await until(5_000, async () => server.connections() === 0);
  await server.stop();
});

test('misbehaving silent server accepts connections and sends nothing', async () => {
  const server = await startSilentServer();
  const { socket, seen } = dial(server);
  await until(5_000, async () => server.connections() === 1);
  socket.write('SSH-2.0-test\r\n');
  await expect(until(200, async () => seen.bytes > 0 || seen.ending !== '')).rejects.toThrow(
    'Not true within',
  );
  await server.stop();
});

test('misbehaving reset server resets connections', async () => {
  const server = await startResetServer();
  const { seen } = dial(server);
  await until(5_000, async () => seen.ending !== '');
  expect(seen.ending).toBe('ECONNRESET');
  await server.stop();
});
