// Servers that report as many problems as Buoy keeps, checked many times at once by one person, or together by the monitor.
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAlertStore } from '../../src/alerts/alerts.store.ts';
import { createAlerts } from '../../src/alerts/alerts.ts';
import { openDatabase } from '../../src/db/database.ts';
import { serverRow } from '../../src/db/testing/server-row.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { createServerStore } from '../../src/servers/servers.store.ts';
import { noSshd } from '../../src/ssh/testing/loopback-sshd.ts';
import { type HostileGateway, startHostileGateway } from '../support/answering-gateway.ts';
import { longestBlockOfThree } from '../support/main-thread.ts';
import { startTestBuoy } from '../support/test-buoy.ts';

/** Milliseconds of one uninterrupted block; with a statement for each alert it took 250 to 1,400. */
const MAX_BLOCK_MS = 50;
/** Three tries stay below the limit of 120 calls a minute. */
const CALLS = 30;
const MAX_OPEN_ALERTS = 200;
const LONG_TEXT = 'x y '.repeat(300);

describe.skipIf(noSshd !== null)('checks of a server with the most alerts', () => {
  let fixture: HostileGateway;
  let probes = 0;
  beforeAll(async () => {
    const lastError = () => `${probes} ${LONG_TEXT}`;
    const failed = () => ({ lastRunAtMs: 1_700_000_000_000, lastStatus: 'error', lastError: lastError() });
    const schedule = { kind: 'every', everyMs: 60_000 };
    // From the start: a change of its state would be one more probe at any moment.
    fixture = await startHostileGateway({
      'channels.status': () => {
        probes += 1;
        const accounts = () =>
          Array.from({ length: 5 }, (_, index) => ({
            ...{ accountId: `a${index}`, running: false, lastError: lastError() },
          }));
        const channels = Array.from({ length: 20 }, (_, index) => [`c${index}`, accounts()]);
        return { payload: { channelAccounts: Object.fromEntries(channels) } };
      },
      'cron.list': () => ({
        payload: {
          jobs: Array.from({ length: 110 }, (_, index) => ({
            ...{ id: `j${index}`, name: `job ${index}`, enabled: true, schedule, state: failed() },
          })),
        },
      }),
    });
    expect((await check()).statusCode).toBe(200);
  }, 60_000);
  afterAll(() => fixture.close());

  const check = () =>
    fixture.running.call('POST', `/servers/${fixture.serverId}/check`, { token: fixture.token });

  test('share one probe, and do not block the event loop', async () => {
    const before = probes;
    let tries = 0;
    const { answer, blockedMs } = await longestBlockOfThree(() => {
      tries += 1;
      return Promise.all(Array.from({ length: CALLS }, check));
    }, MAX_BLOCK_MS);
    for (const { statusCode } of answer) expect(statusCode).toBe(200);
    expect(answer[0]?.json().alerts.length).toBeGreaterThanOrEqual(MAX_OPEN_ALERTS);
    expect(blockedMs).toBeLessThan(MAX_BLOCK_MS);
    expect(new Set(answer.map(({ body }) => body)).size).toBe(1);
    // A probe of the monitor that is under way is shared as well.
    expect(probes - before).toBeLessThanOrEqual(tries);
  }, 60_000);
});

test('the checks of one person do not keep the check of another waiting', async () => {
  const order: string[] = [];
  const store = {
    openReadBy: async (_serverId: string, userId: string) => {
      order.push(userId);
      return [];
    },
  };
  const alerts = createAlerts({ store: store as never, access: {} as never, clock: systemClock });
  const check = (userId: string) => alerts.openOn({ user: { id: userId } } as never, 'srv_1');
  await Promise.all([...Array.from({ length: 20 }, () => check('many')), check('one')]);
  expect(order.indexOf('one')).toBeLessThan(3);
});

test('ten servers with the most alerts, checked in one round, do not block the event loop', async () => {
  const running = await startTestBuoy();
  const database = await openDatabase({ engine: 'sqlite', file: path.join(running.dataDir, 'buoy.db') });
  try {
    const servers = Array.from({ length: 10 }, (_, index) => `srv_${index}`);
    for (const id of servers) await createServerStore(database.db).insert(serverRow(id, { name: id }));
    const access = { visibleServerIds: async () => servers };
    const alerts = createAlerts({
      ...{ store: createAlertStore(database.db), access: access as never, clock: systemClock },
    });
    const conditions = (text: string) =>
      Array.from({ length: MAX_OPEN_ALERTS }, (_, index) => ({
        ...{ type: 'channel_down' as const, subject: `c${index}`, severity: 'warning' as const },
        ...{ cause: text, evidence: LONG_TEXT },
      }));
    let round = 0;
    const runRound = () => {
      round += 1;
      const active = conditions(`round ${round}`);
      return Promise.all(
        servers.map((id) =>
          alerts.record(id, { active, evaluated: ['channel_down'], undetermined: [], certain: [] }),
        ),
      );
    };
    const first = await runRound();
    expect(first.map((changes) => changes?.opened.length)).toEqual(servers.map(() => MAX_OPEN_ALERTS));
    const { blockedMs } = await longestBlockOfThree(runRound, MAX_BLOCK_MS);
    expect(blockedMs).toBeLessThan(MAX_BLOCK_MS);
  } finally {
    await database.close();
    await running.close();
  }
}, 60_000);
