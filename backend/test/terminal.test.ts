// The terminal over HTTP: who gets a ticket, what it opens, when a terminal is closed, and what the audit log holds.
import { once } from 'node:events';
import { request } from 'node:http';
import { terminalServerFrame } from '@buoy/contract';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { runCommand } from '../../testbed/run-command.ts';
import { until } from '../../testbed/until.ts';
import { type LoopbackSshd, noTerminals, startLoopbackSshd } from '../src/ssh/testing/loopback-sshd.ts';
import { type AccessFixture, ids, type Person, prepareAccessFixture } from './support/access-fixture.ts';

let fixture: AccessFixture;
let url: string;
const sockets: WebSocket[] = [];

beforeAll(async () => {
  fixture = await prepareAccessFixture();
  url = await fixture.running.buoy.app.listen({ host: '127.0.0.1', port: 0 });
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) {
    if (socket.readyState === WebSocket.CLOSED) continue;
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.terminate();
    await closed;
  }
});
afterAll(() => fixture.running.close());

const askTicket = (person: Person, serverId: string) =>
  fixture.as(person, 'POST', `/servers/${serverId}/terminal/ticket`);
const ticketOf = async (person: Person, serverId: string): Promise<string> =>
  (await askTicket(person, serverId)).json().ticket.value;
const addressOf = (serverId: string, query: Record<string, string>) =>
  `${url.replace('http', 'ws')}/api/servers/${serverId}/terminal?${new URLSearchParams(query)}`;

/** The WebSocket as it opens or is refused, with everything it receives. */
function dial(serverId: string, query: Record<string, string>, headers: Record<string, string> = {}) {
  const socket = new WebSocket(addressOf(serverId, query), { headers });
  sockets.push(socket);
  const frames: Array<ReturnType<typeof terminalServerFrame.parse>> = [];
  let shown = '';
  socket.on('message', (data, isBinary) => {
    if (isBinary) shown += String(data);
    else frames.push(terminalServerFrame.parse(JSON.parse(String(data))));
  });
  const closed = new Promise<number>((resolve) => socket.once('close', resolve));
  const answer = new Promise<{ status: number; body: string }>((resolve) => {
    socket.once('upgrade', () => resolve({ status: 101, body: '' }));
    socket.once('unexpected-response', (_request, response) => {
      let body = '';
      response.on('data', (chunk) => {
        body += String(chunk);
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
    });
    socket.on('error', () => undefined);
  });
  return {
    socket,
    frames,
    closed,
    answer,
    status: async () => (await answer).status,
    shows: (text: string) => until(10_000, async () => shown.includes(text)),
    frameOf: (type: string) => until(10_000, async () => frames.find((frame) => frame.type === type) ?? null),
  };
}
const dialWithTicket = async (person: Person, serverId: string, headers: Record<string, string> = {}) =>
  dial(serverId, { ticket: await ticketOf(person, serverId) }, headers);

describe('terminal ticket', () => {
  test('returns 201 for an admin, with an expiry in half a minute; 403 for a viewer, 404 for a stranger', async () => {
    const serverId = await fixture.newServer();
    const made = await askTicket('admin', serverId);
    expect(made.statusCode).toBe(201);
    const lifeMs = Date.parse(made.json().ticket.expiresAt) - Date.now();
    expect(lifeMs).toBeGreaterThan(25_000);
    expect(lifeMs).toBeLessThanOrEqual(30_000);
    expect((await askTicket('viewer', serverId)).statusCode).toBe(403);
    expect((await askTicket('stranger', serverId)).statusCode).toBe(404);
  });

  test('opens one terminal, and returns 401 the second time', async () => {
    const serverId = await fixture.newServer();
    const ticket = await ticketOf('admin', serverId);
    expect(await dial(serverId, { ticket }).status()).toBe(101);
    const again = await dial(serverId, { ticket }).answer;
    expect(again.status).toBe(401);
    expect(JSON.parse(again.body)).toMatchObject({
      code: 'unauthenticated',
      error: 'This ticket is not valid: it was used, has expired or never existed.',
    });
  });

  test('returns 401 on another server, and is used up by that', async () => {
    const serverId = await fixture.newServer();
    const other = await fixture.newServer();
    const ticket = await ticketOf('admin', serverId);
    expect(await dial(other, { ticket }).status()).toBe(401);
    expect(await dial(serverId, { ticket }).status()).toBe(401);
  });

  test('returns 401 for another person', async () => {
    const serverId = await fixture.newServer();
    const ticket = await ticketOf('admin', serverId);
    const authorization = `Bearer ${fixture.tokens.owner}`;
    expect(await dial(serverId, { ticket }, { authorization }).status()).toBe(401);
  });

  test('returns 403 for a person who has become a viewer meanwhile, 404 for one who has lost the role', async () => {
    const serverId = await fixture.newServer();
    const first = await ticketOf('admin', serverId);
    await fixture.as('owner', 'PUT', `/servers/${serverId}/access/${ids.admin}`, { role: 'viewer' });
    expect(await dial(serverId, { ticket: first }).status()).toBe(403);
    await fixture.as('owner', 'PUT', `/servers/${serverId}/access/${ids.admin}`, { role: 'admin' });
    const second = await ticketOf('admin', serverId);
    await fixture.as('owner', 'DELETE', `/servers/${serverId}/access/${ids.admin}`);
    expect(await dial(serverId, { ticket: second }).status()).toBe(404);
  });

  test('returns 401 when the session has ended meanwhile', async () => {
    const serverId = await fixture.newServer();
    const token = await fixture.running.signIn(Number(ids.admin));
    const made = await fixture.running.call('POST', `/servers/${serverId}/terminal/ticket`, { token });
    await fixture.running.call('POST', '/auth/logout', { token });
    const { status, body } = await dial(serverId, { ticket: made.json().ticket.value }).answer;
    expect([status, JSON.parse(body).code]).toEqual([401, 'session_revoked']);
  });

  test('returns 429 for too many tickets: they count as commands do', async () => {
    const few = await prepareAccessFixture({ RATE_LIMIT_EXEC: '2' });
    try {
      const serverId = await few.newServer();
      const path = `/servers/${serverId}/terminal/ticket`;
      const statuses: number[] = [];
      for (let count = 0; count < 3; count += 1)
        statuses.push((await few.as('admin', 'POST', path)).statusCode);
      expect(statuses).toEqual([201, 201, 429]);
      expect(
        (await few.as('admin', 'POST', `/servers/${serverId}/exec`, { command: 'true' })).statusCode,
      ).toBe(429);
    } finally {
      await few.running.close();
    }
  });
});

describe('terminal WebSocket', () => {
  test('returns 426 for a plain request, 401 without a ticket, 400 with an invalid size', async () => {
    const serverId = await fixture.newServer();
    expect((await fixture.as('admin', 'GET', `/servers/${serverId}/terminal`)).json()).toMatchObject({
      code: 'upgrade_required',
    });
    expect(await dial(serverId, {}).status()).toBe(401);
    const authorization = `Bearer ${fixture.tokens.admin}`;
    expect(await dial(serverId, { columns: '0' }, { authorization }).status()).toBe(400);
  });

  test('is refused to a page of another site, and opens for a page of Buoy', async () => {
    const serverId = await fixture.newServer();
    const elsewhere = await dialWithTicket('admin', serverId, { origin: 'https://elsewhere.example' });
    expect(await elsewhere.status()).toBe(403);
    expect(await (await dialWithTicket('admin', serverId, { origin: 'null' })).status()).toBe(403);
    expect(await (await dialWithTicket('admin', serverId, { origin: url })).status()).toBe(101);
  });

  test('opens for a program with its token, and returns its request id', async () => {
    const serverId = await fixture.newServer();
    const socket = dial(
      serverId,
      {},
      { authorization: `Bearer ${fixture.tokens.admin}`, 'x-request-id': 'mine' },
    );
    const [response] = await once(socket.socket, 'upgrade');
    expect(response.headers['x-request-id']).toBe('mine');
  });

  test('sends a message that the server cannot be reached, and closes', async () => {
    const serverId = await fixture.newServer();
    const { closed, frames } = await dialWithTicket('admin', serverId);
    expect(await closed).toBe(1011);
    expect(frames).toMatchObject([
      { type: 'error', code: 'unreachable', error: expect.stringContaining('refused') },
    ]);
  });

  test('other routes answer a WebSocket upgrade like any request, and an offer of HTTP/2 does no harm', async () => {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/api/health`);
    const [, response] = await once(socket, 'unexpected-response');
    expect(response.statusCode).toBe(200);
    socket.on('error', () => undefined).terminate();
    const offer = request(`${url}/api/health`, { headers: { connection: 'Upgrade', upgrade: 'h2c' } }).end();
    const [answer] = await once(offer, 'response');
    expect(answer.resume().statusCode).toBe(200);
  });
});

describe.skipIf(noTerminals !== null)(
  `an open terminal${noTerminals === null ? '' : ` (${noTerminals})`}`,
  () => {
    let sshd: LoopbackSshd;
    beforeAll(async () => {
      sshd = await startLoopbackSshd();
    });
    afterAll(() => sshd?.stop());

    const newServer = () =>
      fixture.newServer({
        port: sshd.port,
        username: sshd.username,
        authType: 'key',
        password: undefined,
        privateKey: sshd.privateKey,
      });
    const openOn = async (person: Person, serverId: string) => {
      const terminal = await dialWithTicket(person, serverId);
      await terminal.frameOf('ready');
      return terminal;
    };
    const entriesOf = async (serverId: string) =>
      (await fixture.auditLog()).filter(
        (entry) => entry.serverId === serverId && entry.action === 'GET /servers/:id/terminal',
      );

    test('shows what is typed and how the shell ends; the audit log has both without a word of it', async () => {
      const serverId = await newServer();
      const terminal = await openOn('admin', serverId);
      terminal.socket.send(Buffer.from('echo $((6 * 7)) is the answer\r'));
      await terminal.shows('42 is the answer');
      terminal.socket.send(Buffer.from('exit 5\r'));
      expect(await terminal.frameOf('exit')).toEqual({ type: 'exit', exitCode: 5, signal: null });
      expect(await terminal.closed).toBe(1000);
      const entries = await entriesOf(serverId);
      expect(entries).toMatchObject([
        { result: 'started', userId: ids.admin, target: expect.stringMatching(/^shared/) },
        { result: 'ok', userId: ids.admin, details: { exitCode: 5, durationMs: expect.any(Number) } },
      ]);
      expect(JSON.stringify(entries)).not.toMatch(/answer|ticket":"[^[]/);
    });

    test('a terminal closed by its user is in the audit log with its duration', async () => {
      const serverId = await newServer();
      const terminal = await openOn('admin', serverId);
      terminal.socket.close();
      const [, end] = await until(10_000, async () => {
        const entries = await entriesOf(serverId);
        return entries.length === 2 ? entries : null;
      });
      expect(end).toMatchObject({
        result: 'ok',
        details: { closed: true, durationMs: expect.any(Number) },
      });
    });

    test.each([
      [
        'the role is revoked',
        (serverId: string) => fixture.as('owner', 'DELETE', `/servers/${serverId}/access/${ids.admin}`),
      ],
      [
        'the role is lowered',
        (serverId: string) =>
          fixture.as('owner', 'PUT', `/servers/${serverId}/access/${ids.admin}`, { role: 'viewer' }),
      ],
      ['the server is deleted', (serverId: string) => fixture.as('owner', 'DELETE', `/servers/${serverId}`)],
    ])('is closed, together with its shell, when %s', async (_what, revoke) => {
      const serverId = await newServer();
      const terminal = await openOn('admin', serverId);
      terminal.socket.send(Buffer.from('exec sleep 5432\r'));
      const revokedAt = Date.now();
      await revoke(serverId);
      expect(await terminal.closed).toBe(1011);
      expect(Date.now() - revokedAt).toBeLessThan(5_000);
      expect(terminal.frames.at(-1)).toMatchObject({ type: 'error' });
      const sleeping = () => runCommand('pgrep', ['-xf', 'sleep 5432'], { timeoutMs: 5_000 });
      await until(5_000, async () => (await sleeping()).code === 1);
    });

    test('is closed when its session is signed out, and not when another one ends', async () => {
      const serverId = await newServer();
      const token = await fixture.running.signIn(Number(ids.admin));
      const made = await fixture.running.call('POST', `/servers/${serverId}/terminal/ticket`, { token });
      const mine = dial(serverId, { ticket: made.json().ticket.value });
      const other = await openOn('admin', serverId);
      await mine.frameOf('ready');
      await fixture.running.call('POST', '/auth/logout', { token });
      expect(await mine.closed).toBe(1011);
      expect(mine.frames.at(-1)).toMatchObject({ type: 'error', code: 'session_revoked' });
      other.socket.send(Buffer.from('echo still $((1 + 1)) here\r'));
      await other.shows('still 2 here');
    });

    test('returns 409 for the fifth on the same server, at the ticket and at the WebSocket; a closed one frees its place', async () => {
      const serverId = await newServer();
      const spare = await ticketOf('owner', serverId);
      const open = [];
      for (let count = 0; count < 4; count += 1) open.push(await openOn('admin', serverId));
      const refused = await askTicket('owner', serverId);
      expect([refused.statusCode, refused.json().code]).toEqual([409, 'conflict']);
      expect(await dial(serverId, { ticket: spare }).frameOf('error')).toMatchObject({ code: 'conflict' });
      open[0]?.socket.close();
      await until(10_000, async () => (await askTicket('owner', serverId)).statusCode === 201);
    });

    test('is closed when the client breaks the contract', async () => {
      const serverId = await newServer();
      const nonsense = await openOn('admin', serverId);
      nonsense.socket.send('{"type":"resize","columns":-1,"rows":2}');
      expect(await nonsense.frameOf('error')).toMatchObject({ code: 'invalid_request' });
      const flood = await openOn('admin', serverId);
      flood.socket.send(Buffer.alloc(65_537));
      expect(await flood.closed).toBe(1009);
    });

    test('pauses until the client confirms what it has shown, then goes on', async () => {
      const serverId = await newServer();
      const { socket } = await openOn('admin', serverId);
      socket.send(JSON.stringify({ type: 'ack', bytes: 0 }));
      let received = 0;
      socket.on('message', (data: Buffer, isBinary) => {
        if (isBinary) received += data.length;
      });
      socket.send(Buffer.from('head -c 3000000 /dev/zero | tr "\\\\0" x; echo\r'));
      let before = -1;
      const stopped = () =>
        until(10_000, async () => {
          if (received > 200_000 && received === before) return true;
          before = received;
          return null;
        });
      await stopped();
      expect(received).toBeLessThan(400_000);
      socket.on('message', () => socket.send(JSON.stringify({ type: 'ack', bytes: received })));
      socket.send(JSON.stringify({ type: 'ack', bytes: received }));
      await until(10_000, async () => received >= 3_000_000);
    });

    test('receives a message that Buoy shuts down', async () => {
      const other = await prepareAccessFixture();
      const otherUrl = await other.running.buoy.app.listen({ host: '127.0.0.1', port: 0 });
      const serverId = await other.newServer({
        port: sshd.port,
        username: sshd.username,
        authType: 'key',
        password: undefined,
        privateKey: sshd.privateKey,
      });
      const socket = new WebSocket(`${otherUrl.replace('http', 'ws')}/api/servers/${serverId}/terminal`, {
        headers: { authorization: `Bearer ${other.tokens.admin}` },
      });
      const texts: string[] = [];
      socket.on('message', (data, isBinary) => {
        if (!isBinary) texts.push(String(data));
      });
      await until(10_000, async () => texts.some((text) => text.includes('ready')));
      const closed = once(socket, 'close');
      await other.running.close();
      await closed;
      expect(JSON.parse(texts.at(-1) ?? '')).toMatchObject({ type: 'error', code: 'shutting_down' });
    });
  },
);
