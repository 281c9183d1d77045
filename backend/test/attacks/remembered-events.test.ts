// One person with many hostile servers opens and leaves the streams of each: what Buoy remembers of them for readers who come back must not fill
// its memory.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { beforeEach, describe, expect, test } from 'vitest';
import { createFakeClock, type FakeClock } from '../../src/lib/testing/fake-clock.ts';
import type { StreamEvent } from '../../src/openclaw/events/events.ts';
import { createEvents } from '../../src/openclaw/events/hub.ts';
import type { GatewayEvent } from '../../src/openclaw/gateway/gateways.ts';
import { createRememberedEvents } from '../../src/openclaw/gateway/remembered-events.ts';
import type { Installations } from '../../src/openclaw/host/installation.ts';
import { createOpenclawLogs } from '../../src/openclaw/logs/logs.ts';
import {
  type CalledGateways,
  createCalledGateways,
  readerOf,
} from '../../src/openclaw/testing/called-gateways.ts';

const MIB = 1024 * 1024;
const SERVERS = 60;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

async function usedBytes(): Promise<number> {
  for (let round = 0; round < 3; round += 1) {
    await nextTurn();
    collectGarbage();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

let clock: FakeClock;
let gateways: CalledGateways;
let emit: (serverId: string, event: GatewayEvent) => void;
const ownerOf = async (serverId: string) => (serverId.startsWith('bob') ? 'bob' : 'mallory');

beforeEach(() => {
  clock = createFakeClock();
  gateways = createCalledGateways();
  gateways.methods['sessions.subscribe'] = () => ({});
  gateways.hello = async () => ({ version: '2026.9.6' }) as never;
  gateways.onEvent = (listener) => {
    emit = listener;
    return () => {};
  };
});

/** Fills the ring of a server, whose events take some 900 units each. */
function fillEvents(serverId: string, count = 1_200): void {
  for (let at = 0; at < count; at += 1)
    emit(serverId, {
      event: 'cron',
      payload: { jobId: `${at} ${serverId} ${'x'.repeat(900)}`, action: 'added' },
    });
}

/** Opens the events of a server and leaves again; answers what was read. */
async function visit(
  events: ReturnType<typeof createEvents>,
  serverId: string,
  lastEventId: string | null = null,
): Promise<StreamEvent[]> {
  const leaving = new AbortController();
  const stream = events.stream(serverId, {
    ...{ lastEventId, mayAct: async () => true },
    signal: leaving.signal,
  });
  const seen: StreamEvent[] = [];
  for (let count = lastEventId === null ? 1 : 2; count > 0; count -= 1) {
    const { value } = await stream.next();
    if (value !== undefined) seen.push(value);
  }
  leaving.abort();
  await stream.return();
  await nextTurn();
  return seen;
}

describe('a person with many hostile servers', () => {
  test('cannot fill the memory with events that come after the last reader has left', async () => {
    const events = createEvents({ gateways, remembered: createRememberedEvents({ ownerOf }), clock });
    const before = await usedBytes();
    for (let at = 0; at < SERVERS; at += 1) {
      await visit(events, `mallory ${at}`);
      fillEvents(`mallory ${at}`);
    }
    expect(((await usedBytes()) - before) / MIB).toBeLessThan(30);
    events.close();
  });

  test('cannot fill the memory with lines of logs that nobody follows any more', async () => {
    const logs = createOpenclawLogs({
      ...{ gateways, clock, reader: readerOf(gateways), installations: {} as Installations },
      remembered: createRememberedEvents({ ownerOf }),
    });
    let lines = 0;
    gateways.methods['logs.tail'] = () => ({
      ...{ file: '/tmp/openclaw/openclaw.log', cursor: 100, size: 100, truncated: false, reset: false },
      lines: Array.from({ length: 500 }, () => {
        lines += 1;
        return JSON.stringify({ message: `${lines} ${'x'.repeat(3_900)}` });
      }),
    });
    const before = await usedBytes();
    for (let at = 0; at < SERVERS; at += 1) {
      const leaving = new AbortController();
      const stream = logs.stream(`mallory ${at}`, { lines: 1, lastEventId: null, signal: leaving.signal });
      await stream.next();
      leaving.abort();
      await stream.return(undefined);
      gateways.calls.length = 0;
    }
    // Ends the pauses between two reads, not the time for which a log is remembered.
    clock.pass(5_000);
    expect(((await usedBytes()) - before) / MIB).toBeLessThan(40);
  });

  test('loses places of their own servers, told as ever, and nobody else does', async () => {
    const remembered = createRememberedEvents({ ownerOf, maxOfOwner: 3 * MIB, maxTotal: 100 * MIB });
    const events = createEvents({ gateways, remembered, clock });
    const places = new Map<string, string>();
    for (const serverId of ['bob 1', 'mallory 1', 'mallory 2', 'mallory 3', 'mallory 4']) {
      const [seen] = await visit(events, serverId);
      places.set(serverId, seen?.id ?? '');
      fillEvents(serverId, 1_000);
    }
    const seenBy = async (serverId: string) =>
      (await visit(events, serverId, places.get(serverId))).map(({ event }) => event);
    expect(await seenBy('bob 1')).toEqual(['gateway', 'cron']);
    expect(await seenBy('mallory 4')).toEqual(['gateway', 'cron']);
    expect(await seenBy('mallory 1')).toEqual(['gateway', 'missed']);
    events.close();
  });
});
