// Another account of a managed server takes the gateway's port while the gateway is down, and wants its token.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { until } from '../../src/lib/testing/until.ts';
import {
  type ScriptedGateway,
  startScriptedGateway,
} from '../../src/openclaw/gateway/testing/scripted-gateway.ts';
import { noAccounts } from '../../src/ssh/testing/loopback-sshd.ts';
import {
  createBrowser,
  entryFor,
  type HostileGateway,
  startHostileGateway,
} from '../support/hostile-gateway.ts';

const NOBODY = 65_534;
const REFUSED =
  'Another account of this server (uid 65534) listens on the port of the gateway, so Buoy sent it nothing.';

/**
 * Listens as `nobody`, speaks as a gateway does, and posts what it hears. With `once` it stops listening at the first connection; if that
 * one becomes a WebSocket, it keeps it and says nothing there until it is told to, else it listens again.
 */
const SQUATTER = `
const { createHash } = require('node:crypto');
const [port, mode] = process.argv.slice(1);
process.setgroups([]);
process.setgid(${NOBODY});
process.setuid(${NOBODY});
let speak;
const mayspeak = new Promise((resolve) => { speak = resolve; });
if (mode !== 'once') speak();
process.on('message', speak);
const unmasked = (bytes) => {
  const long = (bytes[1] & 127) === 126 ? 2 : 0;
  const mask = bytes.subarray(2 + long, 6 + long);
  return Buffer.from(bytes.subarray(6 + long).map((byte, index) => byte ^ mask[index % 4])).toString();
};
const server = require('node:net').createServer((socket) => {
  if (mode === 'once') server.close();
  process.send('accepted');
  let head = '';
  socket.on('error', () => {});
  socket.on('data', async (bytes) => {
    if (head.includes('\\r\\n\\r\\n')) return process.send('frame ' + unmasked(bytes));
    head += bytes.toString('latin1');
    process.send('head ' + head);
    const key = /sec-websocket-key: (.*)\\r\\n/i.exec(head)?.[1];
    if (key === undefined && mode === 'once') server.listen(+port, '127.0.0.1');
    if (key === undefined) return socket.end('HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nok');
    process.send('websocket');
    await mayspeak;
    const accept = createHash('sha1').update(key + '258EAFA5-E914-47DA-95CA-C5AB0DC85B11').digest('base64');
    const challenge = JSON.stringify({ type: 'event', event: 'connect.challenge', payload: { nonce: 'n', ts: 1 } });
    socket.write('HTTP/1.1 101 Switching Protocols\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\nSec-WebSocket-Accept: ' + accept + '\\r\\n\\r\\n');
    socket.write(Buffer.concat([Buffer.from([129, challenge.length]), Buffer.from(challenge)]));
    process.send('challenged');
  });
});
server.listen(+port, '127.0.0.1', () => process.send('listening'));
`;

describe.skipIf(noAccounts !== null)(
  `another account on the port of a stopped gateway${noAccounts === null ? '' : ` (${noAccounts})`}`,
  () => {
    let fixture: HostileGateway;
    let token: string;
    let serverId: string;
    let gateway: ScriptedGateway;
    let squatter: ChildProcess | undefined;
    /** What the other account has received, and did. */
    let received: string[];

    beforeAll(async () => {
      fixture = await startHostileGateway();
      gateway = fixture.gateway;
      const folder = path.join(fixture.home, '.openclaw');
      execFileSync('chown', ['-R', fixture.username, folder]);
      chmodSync(path.join(folder, 'openclaw.json'), 0o600);
      chmodSync(folder, 0o700);
      const bin = path.join(fixture.home, '.npm-global/bin');
      mkdirSync(bin, { recursive: true });
      const program = '#!/bin/sh\necho "$OPENCLAW_GATEWAY_PORT $*" >>"$HOME/dialled"\nexit 1\n';
      writeFileSync(path.join(bin, 'openclaw'), program, { mode: 0o755 });
      token = await fixture.signIn(7);
      serverId = await fixture.addServer(token);
    });
    afterAll(async () => {
      await gateway?.stop();
      await fixture?.close();
    });
    beforeEach(async () => {
      received = [];
      await gateway.stop();
    });
    afterEach(() => leave());

    async function leave(): Promise<void> {
      const process = squatter;
      squatter = undefined;
      if (process === undefined) return;
      const exited = once(process, 'exit');
      process.kill('SIGKILL');
      await exited;
    }

    const read = (what: string) => fixture.call(token, 'GET', `/servers/${serverId}${what}`);

    async function squat(mode: 'always' | 'once'): Promise<void> {
      squatter = spawn(process.execPath, ['-e', SQUATTER, String(gateway.port), mode], {
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      });
      squatter.on('message', (text) => received.push(String(text)));
      await until(() => received.includes('listening'), 'it listens');
    }

    async function startGateway(): Promise<void> {
      gateway = await startScriptedGateway(gateway.port);
      gateway.methods['channels.status'] = () => ({ payload: {} });
      gateway.pages['/'] = { status: 200, body: '<!doctype html><title>OpenClaw</title>' };
    }

    /** Buoy asks the gateway, not the host in its place. */
    const connects = () =>
      expect
        .poll(async () => (await read('/openclaw/channels')).json.source, { timeout: 20_000 })
        .toBe('gateway');

    test('gets no frame, and the page of the server says why', async () => {
      await squat('always');
      await read('/openclaw/channels');
      await until(() => received.includes('challenged'), 'it has asked for the token');
      await read('/openclaw/status');
      const { json } = await read('');
      expect(json.server).toMatchObject({ status: { reasons: expect.arrayContaining([REFUSED]) } });
      expect(received.filter((text) => text.startsWith('frame {'))).toEqual([]);
      expect(received.join('\n')).not.toContain(gateway.token);
    });

    test('gets nothing of it once the real gateway is there, to which Buoy connects', async () => {
      await squat('always');
      await read('/openclaw/channels');
      await leave();
      await startGateway();
      await connects();
      expect(gateway.connects.length).toBeGreaterThan(0);
    });

    test('gets no frame by accepting first and leaving the port to the real gateway', async () => {
      await squat('once');
      const answer = read('/openclaw/channels');
      await until(() => received.includes('websocket'), 'it has the connection', 20_000);
      await startGateway();
      squatter?.send('speak');
      await until(() => received.includes('challenged'), 'it has asked for the token', 20_000);
      await answer;
      await read('/openclaw/status');
      expect(received.filter((text) => text.startsWith('frame {'))).toEqual([]);
      expect(received.join('\n')).not.toContain(gateway.token);
      await leave();
      await connects();
    });

    test("gets nothing from OpenClaw's own command, which Buoy lets search for the gateway at a port of root", async () => {
      await squat('always');
      await read('/openclaw/skills');
      const runs = readFileSync(path.join(fixture.home, 'dialled'), 'utf8').trimEnd().split('\n');
      expect(runs).toContain('1 --no-color skills list --json');
      expect(runs.filter((run) => !run.startsWith('1 ') && !run.endsWith('--version'))).toEqual([]);
    });

    test.each(['always', 'once'] as const)(
      'gets no request of the Control UI (it listens %s)',
      async (mode) => {
        await startGateway();
        const browser = createBrowser();
        const entry = await entryFor(fixture, token, serverId);
        await browser.enter(entry, fixture.url);
        const loadPage = () =>
          fetch(`${entry.origin}/s/${serverId}/`, {
            headers: { cookie: browser.cookiesFor(`/s/${serverId}/`), 'sec-fetch-site': 'same-origin' },
          });
        expect((await loadPage()).status).toBe(200);
        await gateway.stop();
        await squat(mode);
        const page = await loadPage();
        expect(received.filter((text) => /authorization/i.test(text))).toEqual([]);
        expect(received.join('\n')).not.toContain(gateway.token);
        // Buoy's own connection may have been the one that it accepted.
        expect([502, 503]).toContain(page.status);
        if (mode === 'always') expect(await page.text()).toContain('uid 65534');
      },
    );
  },
);
