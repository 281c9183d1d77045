// Callers who reset their connection before Buoy has taken it: Node does not know the address of such a one, yet reads what it sent.
import { execFileSync } from 'node:child_process';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../../../testbed/until.ts';
import { SUPER_ID, startTestBuoy, type TestBuoy } from '../support/test-buoy.ts';

let running: TestBuoy;
let port: number;
let token: string;
beforeAll(async () => {
  running = await startTestBuoy();
  port = Number(new URL(await running.buoy.app.listen({ host: '127.0.0.1', port: 0 })).port);
  token = await running.signIn(SUPER_ID);
});
afterAll(() => running.close());

/** Sends and resets in another process, while this one accepts nothing. */
function sendAndVanish(text: string): void {
  const program = `
    const socket = require('node:net').connect(${port}, '127.0.0.1', () =>
      socket.write(${JSON.stringify(text)}, () => socket.resetAndDestroy()));`;
  execFileSync(process.execPath, ['-e', program]);
}

/** Resolves when Buoy has taken all connections up to now, and answered. */
async function answered(): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  socket.write('GET /api/health HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n');
  await new Promise((resolve) => socket.resume().once('close', resolve));
}

const entries = async () =>
  (await running.call('GET', '/admin/audit?action=PUT%20/me/notification-prefs', { token })).json<{
    entries: Array<{ userId: string; ip: string | null }>;
  }>().entries;

test('a holder of a token does not change anything with an audit entry that lacks the address', async () => {
  const body = JSON.stringify({ minSeverity: 'critical' });
  sendAndVanish(
    `PUT /api/me/notification-prefs HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${token}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  );
  await answered();
  await running.call('PUT', '/me/notification-prefs', { token, body: { criticalBreaksQuiet: true } });
  const written = await until(5_000, async () => {
    const found = await entries();
    return found.length > 0 ? found : null;
  });
  expect(written.filter(({ ip }) => ip === null)).toEqual([]);
});
