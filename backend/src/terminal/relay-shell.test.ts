// Lifetime and flow control of a terminal, with a shell and a client that the test controls.
import { type Duplex, duplexPair } from 'node:stream';
import type { TerminalClientFrame } from '@buoy/contract';
import { beforeEach, describe, expect, test } from 'vitest';
import { AppError } from '../lib/app-error.ts';
import type { FrameListener } from '../lib/frame-socket.ts';
import { createFakeClock, type FakeClock } from '../lib/testing/fake-clock.ts';
import { until } from '../lib/testing/until.ts';
import type { ShellExit, ShellSize } from '../ssh/ssh.ts';
import { relayShell } from './relay-shell.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

let clock: FakeClock;
let shell: Duplex;
let host: Duplex;
let client: FrameListener<TerminalClientFrame>;
let leave: AbortController;
let shown: Buffer[];
let sizes: ShellSize[];
/** Bytes that the client's network has not taken. */
let waiting: number;
let isRead: boolean;
/** Whether the server does not read what was sent. */
let isBehind: boolean;
let onSent: () => void;
let ended: Promise<ShellExit | null>;

beforeEach(() => {
  clock = createFakeClock();
  [shell, host] = duplexPair({ allowHalfOpen: false });
  leave = new AbortController();
  shown = [];
  sizes = [];
  waiting = 0;
  isRead = true;
  isBehind = false;
  onSent = () => undefined;
  ended = relayShell(
    {
      stream: shell,
      resize: ({ columns, rows }) => void sizes.push({ columns, rows }),
      isBehind: () => isBehind,
      exit: () => ({ exitCode: 0, signal: null }),
    },
    {
      signal: leave.signal,
      listen: (listener) => {
        client = listener;
      },
      pause: () => {
        isRead = false;
      },
      resume: () => {
        isRead = true;
      },
      send: () => undefined,
      sendBytes: (bytes, sent) => {
        shown.push(bytes);
        onSent = sent;
      },
      waitingBytes: () => waiting,
    },
    clock,
  );
  ended.catch(() => undefined);
});

const shownText = () => Buffer.concat(shown).toString();
const hostShows = async (text: string) => {
  host.write(text);
  await until(() => shownText().endsWith(text), `${text} is shown`);
};

describe('a terminal', () => {
  test('closes after 30 idle minutes', async () => {
    clock.pass(30 * MINUTE_MS);
    await expect(ended).rejects.toMatchObject({
      code: 'deadline',
      message: 'The terminal was idle for 30 minutes.',
    });
  });

  test('stays open while its user types or output arrives', async () => {
    clock.pass(20 * MINUTE_MS);
    client.onBytes(Buffer.from('x'));
    clock.pass(20 * MINUTE_MS);
    await hostShows('still building');
    clock.pass(29 * MINUTE_MS);
    client.onFrame({ type: 'resize', columns: 100, rows: 30 });
    expect(sizes).toEqual([{ columns: 100, rows: 30 }]);
    clock.pass(MINUTE_MS);
    await expect(ended).rejects.toMatchObject({ code: 'deadline' });
  });

  test('closes after eight hours, however much it is used', async () => {
    for (let quarter = 0; quarter < 8 * 4; quarter += 1) {
      client.onBytes(Buffer.from('x'));
      clock.pass(HOUR_MS / 4);
    }
    await expect(ended).rejects.toMatchObject({ message: 'A terminal stays open for 8 hours at most.' });
  });

  test.each([
    ['key strokes', () => client.onBytes(Buffer.from('x'))],
    ['sizes', () => client.onFrame({ type: 'resize', columns: 80, rows: 24 })],
  ])('takes no more %s than the server reads', (_what, send) => {
    host.resume();
    isBehind = true;
    send();
    expect(isRead).toBe(false);
    clock.pass(1_000);
    expect(isRead).toBe(false);
    isBehind = false;
    clock.pass(50);
    expect(isRead).toBe(true);
  });

  test('sends only the last of the sizes that come while the server does not read', () => {
    isBehind = true;
    for (let columns = 80; columns < 100; columns += 1) client.onFrame({ type: 'resize', columns, rows: 24 });
    expect(sizes).toEqual([]);
    isBehind = false;
    clock.pass(50);
    expect(sizes).toEqual([{ columns: 99, rows: 24 }]);
  });

  test('sends all that is typed while the server does not read, in order, and nothing for an empty frame', async () => {
    let received = '';
    host.on('data', (chunk) => {
      received += String(chunk);
    });
    isBehind = true;
    for (const letter of ['e', 'c', '', 'h', 'o']) client.onBytes(Buffer.from(letter));
    await new Promise(setImmediate);
    expect(received).toBe('');
    isBehind = false;
    clock.pass(50);
    await until(() => received === 'echo', 'all has come');
  });

  test('is not kept open by empty frames', async () => {
    clock.pass(20 * MINUTE_MS);
    client.onBytes(Buffer.alloc(0));
    clock.pass(10 * MINUTE_MS);
    await expect(ended).rejects.toMatchObject({ code: 'deadline' });
  });

  test('ends with its shell, after all output is sent', async () => {
    host.resume().end('bye');
    expect(await ended).toEqual({ exitCode: 0, signal: null });
    expect(shownText()).toBe('bye');
  });

  test('ends its shell when its user leaves or loses access', async () => {
    const wasClosed = new Promise((resolve) => host.once('end', resolve));
    host.resume();
    leave.abort(new AppError('cancelled', 'The client disconnected.'));
    expect(await ended).toBeNull();
    await wasClosed;
  });

  test('reports why it ends when its user loses access', async () => {
    leave.abort(new AppError('forbidden', 'You have no access to this any more.'));
    await expect(ended).rejects.toMatchObject({ code: 'forbidden' });
  });

  test('ends with the connection error when the connection is lost', async () => {
    shell.destroy(new AppError('unreachable', 'The connection was lost.'));
    await expect(ended).rejects.toMatchObject({ code: 'unreachable' });
  });
});

describe('flow control of a terminal', () => {
  test('sends no more to a client with a full network buffer until it has drained', async () => {
    waiting = 2_000_000;
    await hostShows('first');
    host.write('second');
    await new Promise(setImmediate);
    expect(shownText()).toBe('first');
    waiting = 0;
    onSent();
    await until(() => shownText() === 'firstsecond', 'the rest came');
  });

  test('waits for a client that shows less than it receives, once it reports how much it shows', async () => {
    client.onFrame({ type: 'ack', bytes: 0 });
    const block = 'x'.repeat(300_000);
    host.write(block);
    await until(() => shownText().length === block.length, 'one block is ahead');
    host.write('more');
    await new Promise(setImmediate);
    expect(shownText().length).toBe(block.length);
    client.onFrame({ type: 'ack', bytes: 100_000 });
    await until(() => shownText().endsWith('more'), 'the rest came');
  });

  test('ignores a client that claims to have shown more than it received', async () => {
    client.onFrame({ type: 'ack', bytes: 1_000_000_000 });
    const block = 'x'.repeat(300_000);
    host.write(block);
    await until(() => shownText().length === block.length, 'one block is ahead');
    host.write('more');
    await new Promise(setImmediate);
    expect(shownText().length).toBe(block.length);
  });

  test('pauses a client whose host does not read', async () => {
    client.onBytes(Buffer.alloc(200_000));
    expect(isRead).toBe(false);
    host.resume();
    await until(() => isRead, 'it is read again');
  });
});
