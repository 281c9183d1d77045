// The terminal of a real host through a real Buoy: input and output, size, exit, a flood, and a host that freezes.
import { readFileSync } from 'node:fs';
import { type TerminalServerFrame, terminalServerFrame } from '@buoy/contract';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import { WebSocket } from 'ws';
import { acquireHost, type Host } from '../../testbed/hosts.ts';
import { isLongRun } from '../../testbed/long-run.ts';
import { testHost } from '../../testbed/test-hosts.ts';
import { within } from '../../testbed/until.ts';
import { type LiveBuoy, startLiveBuoy } from './support/live-buoy.ts';

const SHOWN_MS = 15_000;
/** Three keep-alives of 15 s without an answer, and the moment until the next is due. */
const FROZEN_MS = 80_000;
/** MiB that a flood of 180 MB may cost: data in transit that is not collected yet. */
const FLOOD_MIB = 100;

describe.skipIf(inject('hostsMissing') !== '')('terminal of a real host', () => {
  let host: Host;
  let live: LiveBuoy;
  let serverId: string;
  const sockets: WebSocket[] = [];

  beforeAll(async () => {
    host = await acquireHost({ name: testHost('terminal') });
    live = await startLiveBuoy();
    serverId = (await live.add(host)).id;
  });
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.terminate();
    await host.fault('none');
  });
  afterAll(() => live?.close());

  async function open(size = { columns: 80, rows: 24 }) {
    const { ticket } = await live.api('POST /servers/:id/terminal/ticket', { params: { id: serverId } });
    const url = live.process().url.replace('http', 'ws');
    const query = `ticket=${ticket.value}&columns=${size.columns}&rows=${size.rows}`;
    const socket = new WebSocket(`${url}/api/servers/${serverId}/terminal?${query}`);
    sockets.push(socket);
    const frames: TerminalServerFrame[] = [];
    let tail = '';
    let received = 0;
    const send = (frame: object) => socket.send(JSON.stringify(frame));
    socket.on('message', (data: Buffer, isBinary) => {
      if (!isBinary) return void frames.push(terminalServerFrame.parse(JSON.parse(String(data))));
      received += data.length;
      tail = (tail + String(data)).slice(-10_000);
      send({ type: 'ack', bytes: received });
    });
    const frameOf = (type: string, deadlineMs = SHOWN_MS) =>
      within(deadlineMs, async () => frames.find((frame) => frame.type === type) ?? null);
    await frameOf('ready');
    return {
      ticket: ticket.value,
      send,
      frameOf,
      type: (text: string) => socket.send(Buffer.from(text)),
      shows: (text: string, deadlineMs = SHOWN_MS) => within(deadlineMs, async () => tail.includes(text)),
      received: () => received,
    };
  }

  test('runs what is typed, follows its size, passes Ctrl-C, and reports how it ended', async () => {
    const terminal = await open({ columns: 91, rows: 33 });
    terminal.type('echo "$(whoami) on $(tty | cut -c1-9)"\r');
    await terminal.shows('deploy on /dev/pts/');
    terminal.type('stty size\r');
    await terminal.shows('33 91');
    terminal.send({ type: 'resize', columns: 40, rows: 12 });
    terminal.type('stty size\r');
    await terminal.shows('12 40');

    terminal.type('echo sleeping $((1 + 1)); sleep 1000\r');
    await terminal.shows('sleeping 2');
    terminal.type('\x03');
    terminal.type('echo awake $((2 + 2))\r');
    await terminal.shows('awake 4');

    terminal.type("printf 'при%s\\n' вет\r");
    await terminal.shows('привет');
    terminal.type('exit 3\r');
    expect(await terminal.frameOf('exit')).toEqual({ type: 'exit', exitCode: 3, signal: null });
    expect(live.printed()).toContain('/terminal?ticket=[redacted]');
    expect(live.printed()).not.toContain(terminal.ticket);
  });

  test('passes a flood without keeping it in memory', async () => {
    const terminal = await open();
    const peakMiB = () =>
      Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${live.process().pid}/status`, 'utf8'))?.[1]) / 1024;
    const before = peakMiB();
    terminal.type('seq 1 200000; seq 1 20000000; echo all $((3 + 4)) said\r');
    await terminal.shows('all 7 said', 60_000);
    expect(terminal.received()).toBeGreaterThan(180_000_000);
    expect(peakMiB() - before).toBeLessThan(FLOOD_MIB);
  });

  test.runIf(isLongRun)('reports that the host no longer answers', async () => {
    const terminal = await open();
    await host.fault('freeze');
    terminal.type('echo anybody there\r');
    expect(await terminal.frameOf('error', FROZEN_MS)).toMatchObject({
      code: 'unreachable',
      error: expect.stringMatching(/^The connection to .* was lost\.$/),
    });
  });
});
