// Reading the log: few bytes first, then as many as needed; one follower for all listeners of a server.
import { beforeEach, describe, expect, test } from 'vitest';
import { createFakeClock } from '../../lib/testing/fake-clock.ts';
import { createRememberedEvents } from '../gateway/remembered-events.ts';
import type { Installations } from '../host/installation.ts';
import { type CalledGateways, createCalledGateways, readerOf } from '../testing/called-gateways.ts';
import { createOpenclawLogs, type OpenclawLogsReader } from './logs.ts';

const { signal } = new AbortController();
const line = (message: string, logLevelName = 'INFO') =>
  JSON.stringify({ time: '2026-11-25T10:00:00.000+00:00', message, _meta: { logLevelName } });
const tail = (lines: string[], truncated = false) => ({
  file: '/tmp/openclaw/openclaw-2026-11-25.log',
  cursor: 100,
  size: 100,
  lines,
  truncated,
  reset: false,
});

let gateways: CalledGateways;
let logs: OpenclawLogsReader;
beforeEach(() => {
  gateways = createCalledGateways();
  logs = createOpenclawLogs({
    gateways,
    remembered: createRememberedEvents({ ownerOf: async () => 'ada' }),
    installations: {} as Installations,
    reader: readerOf(gateways),
    clock: createFakeClock(),
  });
});
const asked = () => gateways.calls.map(({ params }) => params);

describe('the last log lines', () => {
  test('take one small request to the gateway', async () => {
    gateways.methods['logs.tail'] = () => tail([line('one'), line('two')], true);
    const { logs: read } = await logs.read('s1', { lines: 2 }, { signal });
    expect(read).toMatchObject({
      file: '/tmp/openclaw/openclaw-2026-11-25.log',
      cursor: 100,
      lines: [{ message: 'one', level: 'info', at: '2026-11-25T10:00:00.000Z' }, { message: 'two' }],
      truncated: true,
    });
    expect(asked()).toEqual([{ limit: 2, maxBytes: 2_400 }]);
  });

  test('take a larger request when the lines are long', async () => {
    gateways.methods['logs.tail'] = ({ maxBytes }) =>
      tail(maxBytes === 1_000_000 ? [line('one'), line('two')] : [line('two')], true);
    const { logs: read } = await logs.read('s1', { lines: 2 }, { signal });
    expect(read.lines).toHaveLength(2);
    expect(asked().map(({ maxBytes }) => maxBytes)).toEqual([2_400, 1_000_000]);
  });

  test('by level and text come from everything that can be read', async () => {
    gateways.methods['logs.tail'] = () => tail([line('bad', 'ERROR'), line('good'), line('worse', 'FATAL')]);
    const { logs: read } = await logs.read('s1', { lines: 1, level: 'error' }, { signal });
    expect(read.lines.map(({ message }) => message)).toEqual(['worse']);
    expect(asked()).toEqual([{ limit: 5_000, maxBytes: 1_000_000 }]);
  });
});

test('logs › two followers of the same log share its reads', async () => {
  gateways.methods['logs.tail'] = () => tail([line('one')]);
  const ending = new AbortController();
  const follow = () => logs.stream('s1', { lines: 10, lastEventId: null, signal: ending.signal });
  const [one, two] = [follow(), follow()];
  const first = await one.next();
  expect(first.value).toEqual({
    event: 'line',
    data: { at: '2026-11-25T10:00:00.000Z', level: 'info', message: 'one', subsystem: null },
    id: 'openclaw-2026-11-25.log:100:0',
  });
  expect(await two.next()).toEqual(first);
  expect(gateways.calls).toHaveLength(1);
  ending.abort();
  expect((await one.next()).done).toBe(true);
});
