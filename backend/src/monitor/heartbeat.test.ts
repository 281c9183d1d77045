// Heartbeats to an outside watcher over real sockets: one at a time, whatever the watcher does, and never its URL in the log.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type FakeHttpReceiver, startFakeHttpReceiver } from '../../../testbed/fake-http-receiver.ts';
import { within } from '../../../testbed/until.ts';
import { createFakeClock, type FakeClock } from '../lib/testing/fake-clock.ts';
import { createRecordingLogger } from '../lib/testing/recording-logger.ts';
import { createPublicRequest } from '../notify/public-request.ts';
import { createAddressLookup } from '../ssh/address-lookup.ts';
import { createHeartbeat, type Heartbeat } from './heartbeat.ts';

const SOON_MS = 10_000;
const HOUR_MS = 3_600_000;
const SECRET = 'c0ffee-token';
const PATH = `/ping/${SECRET}?status=up&msg=${SECRET}`;

let watcher: FakeHttpReceiver;
let clock: FakeClock;
let log: ReturnType<typeof createRecordingLogger>;
let heartbeat: Heartbeat;

beforeEach(async () => {
  watcher = await startFakeHttpReceiver();
  clock = createFakeClock();
  log = createRecordingLogger();
  heartbeat = heartbeatTo(watcher.url);
});
afterEach(async () => {
  await heartbeat.close();
  await watcher.stop();
});

function heartbeatTo(origin: string): Heartbeat {
  const request = createPublicRequest({
    ...{ policy: { isDenied: () => false }, mayReachPrivate: async () => true },
    lookup: createAddressLookup({ clock }),
  });
  return createHeartbeat({
    ...{ url: `${origin}${PATH}`, clock, logger: log.logger },
    request: (url, signal) =>
      request(url, { method: 'GET', headers: { 'user-agent': 'Buoy' }, enteredBy: 'HEARTBEAT_URL', signal }),
  });
}

const lines = () => log.text().split('\n').filter(Boolean);
/** Sends until there is one line more in the log: the one before may just be ending. */
const logged = async (count: number) => {
  await within(SOON_MS, async () => {
    heartbeat.send();
    return lines().length === count;
  });
};

describe('a heartbeat', () => {
  test('is a GET of the whole URL without a body', async () => {
    heartbeat.send();
    await within(SOON_MS, async () => watcher.taken.length === 1);
    const [taken] = watcher.taken;
    expect(taken).toMatchObject({ path: PATH, headers: { 'user-agent': 'Buoy' } });
    expect(taken?.body).toHaveLength(0);
    expect(lines()).toEqual([]);
  });

  test('is not sent while the one before waits for an answer, which is given up after 10 s', async () => {
    watcher.misbehave('hang');
    heartbeat.send();
    await within(SOON_MS, async () => watcher.requests === 1);
    heartbeat.send();
    heartbeat.send();
    clock.pass(9_999);
    heartbeat.send();
    expect(lines()).toEqual([]);
    clock.pass(1);
    await within(SOON_MS, async () => lines().length === 1);
    expect(lines()[0]).toContain('did not answer within 10 s');
    expect(watcher.requests).toBe(1);
    await within(SOON_MS, async () => {
      heartbeat.send();
      return watcher.taken.length === 1;
    });
  });

  test('follows no redirect, neither to another host nor on the same one', async () => {
    const other = await startFakeHttpReceiver();
    watcher.misbehave({ status: 302, location: `${other.url}/elsewhere` });
    heartbeat.send();
    await within(SOON_MS, async () => lines().length === 1);
    expect(lines()[0]).toContain('answered with the status 302');
    expect([watcher.requests, other.requests]).toEqual([1, 0]);
    await other.stop();
  });

  test('that is not taken is logged once an hour, without path and query of the URL', async () => {
    watcher.always({ status: 404 });
    await logged(1);
    watcher.always('drop');
    const before = watcher.requests;
    await within(SOON_MS, async () => {
      heartbeat.send();
      return watcher.requests >= before + 3;
    });
    clock.pass(HOUR_MS);
    await logged(2);
    expect(log.text()).toContain('HEARTBEAT_URL');
    expect(log.text()).not.toContain(SECRET);
    expect(log.text()).not.toContain('/ping');
  });

  test('to a watcher that is gone says why in the log, without path and query of the URL', async () => {
    const gone = await startFakeHttpReceiver();
    await gone.stop();
    heartbeat = heartbeatTo(gone.url);
    await logged(1);
    expect(lines()[0]).toContain('ECONNREFUSED');
    expect(log.text()).not.toContain(SECRET);
    expect(log.text()).not.toContain('/ping');
  });

  test('that is under way when Buoy stops is cancelled without a line in the log', async () => {
    watcher.misbehave('hang');
    heartbeat.send();
    await within(SOON_MS, async () => watcher.requests === 1);
    await heartbeat.close();
    heartbeat.send();
    expect(lines()).toEqual([]);
    expect(watcher.requests).toBe(1);
  });
});
