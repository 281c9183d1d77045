// Tests a terminal connection against a fake WebSocket.
import { ApiError, type Client } from '@buoy/contract/client';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openTerminal, type TerminalConnection, type TerminalEnd } from './terminal-connection.ts';

type Sent = string | Uint8Array;

let socket: EventTarget & { binaryType: string; sent: Sent[]; isClosed: boolean };
let path: string | null;
let events: string[];
let ends: TerminalEnd[];
let shown: Array<() => void>;
let ticket: () => Promise<unknown>;
let connection: TerminalConnection;

beforeEach(() => {
  vi.useFakeTimers();
  socket = Object.assign(new EventTarget(), {
    binaryType: 'blob',
    sent: [] as Sent[],
    isClosed: false,
    send: (data: Sent) => void socket.sent.push(data),
    close: () => {
      socket.isClosed = true;
    },
  });
  path = null;
  events = [];
  ends = [];
  shown = [];
  ticket = async () => ({ ticket: { value: 'good-once', expiresAt: '' } });
});
afterEach(() => vi.useRealTimers());

async function open(): Promise<void> {
  connection = openTerminal({
    api: { call: (() => ticket()) as Client },
    serverId: 'srv_1',
    size: { columns: 80, rows: 24 },
    onReady: () => events.push('ready'),
    onOutput: (bytes, onShown) => {
      events.push(new TextDecoder().decode(bytes.subarray(0, 10)));
      shown.push(onShown);
    },
    onEnd: (end) => ends.push(end),
    connect: (wanted) => {
      path = wanted;
      return socket as unknown as WebSocket;
    },
  });
  await vi.advanceTimersByTimeAsync(0);
}
const receive = (data: unknown) =>
  socket.dispatchEvent(
    new MessageEvent('message', { data: data instanceof ArrayBuffer ? data : JSON.stringify(data) }),
  );
const bytesOf = (text: string) => new TextEncoder().encode(text).buffer;
const frames = () => socket.sent.filter((one) => typeof one === 'string').map((one) => JSON.parse(one));

describe('a terminal', () => {
  test('opens with a ticket and its size, and sends input once the shell is ready', async () => {
    await open();
    expect(path).toBe('/api/servers/srv_1/terminal?ticket=good-once&columns=80&rows=24');
    connection.type('too early');
    connection.resize({ columns: 100, rows: 30 });
    expect(socket.sent).toEqual([]);
    receive({ type: 'ready' });
    expect(frames()).toEqual([
      { type: 'ack', bytes: 0 },
      { type: 'resize', columns: 100, rows: 30 },
    ]);
    connection.type('привет');
    expect(new TextDecoder().decode(socket.sent.at(-1) as Uint8Array)).toBe('привет');
    receive(bytesOf('output'));
    expect(events).toEqual(['ready', 'output']);
  });

  test('splits a long paste into frames that the server accepts', async () => {
    await open();
    receive({ type: 'ready' });
    connection.type('x'.repeat(100_000));
    const parts = socket.sent.filter((one) => typeof one !== 'string');
    expect(Math.max(...parts.map((part) => part.length))).toBeLessThanOrEqual(65_536);
    expect(parts.reduce((sum, part) => sum + part.length, 0)).toBe(100_000);
  });

  test('acknowledges displayed output, not received output', async () => {
    await open();
    receive({ type: 'ready' });
    receive(new ArrayBuffer(60_000));
    receive(new ArrayBuffer(60_000));
    expect(frames()).toHaveLength(2);
    shown[0]?.();
    expect(frames()).toHaveLength(2);
    shown[1]?.();
    expect(frames().at(-1)).toEqual({ type: 'ack', bytes: 120_000 });
  });
});

describe('the end of a terminal', () => {
  test.each<[string, () => unknown, TerminalEnd]>([
    [
      'of the shell',
      () => receive({ type: 'exit', exitCode: 3, signal: null }),
      { how: 'exit', exitCode: 3, signal: null },
    ],
    ['of the way to Buoy', () => socket.dispatchEvent(new Event('close')), { how: 'lost' }],
    ['by silence', () => vi.advanceTimersByTime(40_000), { how: 'lost' }],
  ])('%s is told once', async (_what, cause, expected) => {
    await open();
    receive({ type: 'ready' });
    cause();
    socket.dispatchEvent(new Event('close'));
    expect(ends).toEqual([expected]);
    expect(socket.isClosed).toBe(true);
  });

  test('has Buoy’s message', async () => {
    await open();
    receive({
      type: 'error',
      error: 'The connection was lost.',
      code: 'unreachable',
      requestId: 'r1',
      hint: 'Wait.',
    });
    expect(ends).toMatchObject([
      { how: 'refused', problem: { message: 'The connection was lost.', requestId: 'r1' } },
    ]);
  });

  test('is reported without a ticket', async () => {
    const problem = new ApiError(409, { error: 'There are 4 open terminals.', code: 'conflict' });
    ticket = () => Promise.reject(problem);
    await open();
    expect(ends).toEqual([{ how: 'refused', problem }]);
  });

  test('is not reported to the person who closed it, and a heartbeat prevents a timeout', async () => {
    await open();
    receive({ type: 'ready' });
    vi.advanceTimersByTime(39_000);
    receive({ type: 'heartbeat' });
    vi.advanceTimersByTime(39_000);
    connection.close();
    vi.advanceTimersByTime(100_000);
    socket.dispatchEvent(new Event('close'));
    expect(ends).toEqual([]);
    expect(socket.isClosed).toBe(true);
  });
});
