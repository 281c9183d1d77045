// What watches the monitor, over a whole Buoy: the heartbeat to an outside watcher, and what super-admins are told.
import path from 'node:path';
import { type NotificationChannel, webhookBody } from '@buoy/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type FakeHttpReceiver, startFakeHttpReceiver } from '../../testbed/fake-http-receiver.ts';
import { until } from '../../testbed/until.ts';
import { type DatabaseHandle, openDatabase } from '../src/db/database.ts';
import { SUPER_ID, startTestBuoy, type TestBuoy } from './support/test-buoy.ts';

/** The first round begins 15 s after the start, the next ones every 5 s. */
const ROUND_MS = 30_000;
const LONG_AGO = '2026-03-01T10:00:00.000Z';
const PING = '/ping/c0ffee?status=up&ping=';

let watcher: FakeHttpReceiver;
let hooks: FakeHttpReceiver;
let running: TestBuoy;
let database: DatabaseHandle;
let superToken: string;

beforeAll(async () => {
  [watcher, hooks] = await Promise.all([startFakeHttpReceiver(), startFakeHttpReceiver()]);
  running = await startTestBuoy({ MONITOR_INTERVAL_S: '5', HEARTBEAT_URL: `${watcher.url}${PING}` });
  superToken = await running.signIn(SUPER_ID);
  database = await openDatabase({ engine: 'sqlite', file: path.join(running.dataDir, 'buoy.db') });
});
afterAll(async () => {
  await database.close();
  await running.close();
  await Promise.all([watcher.stop(), hooks.stop()]);
});

const lastRoundAt = async (): Promise<string | null> => {
  const answer = await running.call('GET', '/admin/health/detailed', { token: superToken });
  return answer.json().monitor.lastRunAt;
};

describe('an outside watcher', () => {
  test('gets a heartbeat after each round, and none before the first one has ended', async () => {
    const first = await until(ROUND_MS, async () => watcher.taken[0] ?? null);
    expect(first).toMatchObject({ path: PING });
    expect(await lastRoundAt()).not.toBeNull();
    await until(ROUND_MS, async () => watcher.taken.length > 1);
  });

  test('that does not answer keeps no round from ending', async () => {
    watcher.always('hang');
    const before = watcher.requests;
    await until(ROUND_MS, async () => watcher.requests > before);
    const endedAt = await lastRoundAt();
    await until(ROUND_MS, async () => (await lastRoundAt()) !== endedAt);
    watcher.recover();
  });
});

describe('a super-admin', () => {
  test('is told once that the monitor was stale and that it runs again, in a webhook and in no channel of others', async () => {
    const add = async (token: string, place: string) => {
      const body = { type: 'webhook', url: `${hooks.url}/${place}` };
      const made = await running.call('POST', '/me/notification-channels', { token, body });
      return made.json<{ channel: NotificationChannel }>().channel.id;
    };
    const channelId = await add(superToken, 'root');
    const otherId = await add(await running.signIn(900), 'other');
    // As a Buoy leaves it that was killed before it had told.
    const now = new Date().toISOString();
    const notice = { kind: 'monitor_stale', since: LONG_AGO, at: now, attempts: 0, dueAt: now };
    await database.db
      .insertInto('monitorNotices')
      .values(
        [channelId, otherId].map((id) => ({ ...notice, channelId: id, id: `ntf_${id}`, giveUpAt: '2999' })),
      )
      .execute();
    await until(ROUND_MS, async () => hooks.taken.length === 1);
    await database.db.updateTable('monitorRounds').set({ staleSince: LONG_AGO }).execute();
    await until(ROUND_MS, async () => hooks.taken.length === 2);
    const bodies = hooks.taken.map(({ body }) => webhookBody.parse(JSON.parse(body.toString())));
    expect(bodies.map(({ type, data }) => [type, data.alerts, data.server])).toEqual(
      Array(2).fill(['summary', [], null]),
    );
    expect(bodies[0]?.data.text).toContain('since 1 Mar, 10:00 UTC');
    expect(bodies[1]?.data.text).toContain('Server checks are running again');
    const heard = watcher.taken.length;
    await until(ROUND_MS, async () => watcher.taken.length > heard + 1);
    expect(hooks.taken.map((one) => one.path)).toEqual(['/root', '/root']);
  });
});
