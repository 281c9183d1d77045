// Buoy is killed in the middle of its work again and again: acknowledged data stays, all of it is in the audit log, and tasks go on.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Task } from '@buoy/contract';
import { createClient } from '@buoy/contract/client';
import { describe, expect, test } from 'vitest';
import { type BuoyProcess, startBuoy } from '../../testbed/buoy-process.ts';
import { BOT_TOKEN } from '../../testbed/forge-init-data.ts';
import { isLongRun } from '../../testbed/long-run.ts';
import { within } from '../../testbed/until.ts';
import { type DatabaseSource, type Db, openDatabase } from '../src/db/database.ts';
import { testDatabases } from '../src/db/testing/databases.ts';
import { sourceOf } from './support/database-source.ts';
import { expectNothingLost, expectWholeSqlite } from './support/killed-checks.ts';
import { createKilledClient, type SentRequest } from './support/killed-client.ts';
import { seededRandom } from './support/seeded-random.ts';

/** Seed; another one finds other moments. */
const SEED = Number(process.env.KILL_SEED ?? 20_260_301);
const SUPER_ID = '1';
const CLIENTS = ['11', '12', '13', '14'];
/** The most answers before a kill: some kills come before the first one. */
const MAX_ANSWERS = 16;
/** The most milliseconds after the last of those answers: longer than any request here takes. */
const MAX_DELAY_MS = 12;
/** Kills between two checks of the audit log and the tasks, which take longer than the rest. */
const CHECK_EVERY = 20;
/** Milliseconds within which a cancelled task ends. */
const TASK_END_MS = 20_000;

/** Milliseconds for a kill, the start after it and the checks, beside other suites. */
const KILL_MS = 6_000;
/** Kills: SQLite is what most people run, and the only engine whose files Buoy itself must recover. */
const KILLS = isLongRun ? { sqlite: 200, postgres: 20 } : { sqlite: 3, postgres: 1 };

describe.each(testDatabases())('on $name', ({ name, open }) => {
  test(`${KILLS[name]} kills lose nothing`, { timeout: 60_000 + KILLS[name] * KILL_MS }, async () => {
    const dataDir = mkdtempSync(path.join(tmpdir(), 'buoy-killed-'));
    const settings = {
      DATA_DIR: dataDir,
      LOG_LEVEL: 'silent',
      TELEGRAM_BOT_TOKEN: BOT_TOKEN,
      ADMIN_USER_IDS: SUPER_ID,
      RATE_LIMIT_GLOBAL: '1000000',
      RATE_LIMIT_AUTH: '1000000',
    };
    try {
      // An open connection would keep SQLite from recovering its files at the next start.
      if (name === 'sqlite')
        return await killAgainAndAgain(
          { engine: 'sqlite', file: path.join(dataDir, 'buoy.db') },
          settings,
          KILLS.sqlite,
        );
      const database = await open();
      const source = await sourceOf(database);
      try {
        await killAgainAndAgain(source, { ...settings, DATABASE_URL: urlOf(source) }, KILLS.postgres);
      } finally {
        await database.close();
      }
    } finally {
      rmSync(dataDir, { recursive: true, force: true });
    }
  });
});

async function killAgainAndAgain(
  source: DatabaseSource,
  settings: Record<string, string>,
  kills: number,
): Promise<void> {
  const random = seededRandom(SEED);
  const sentRequests: SentRequest[] = [];
  const answers = countdown();
  const newClient = (userId: string) =>
    createKilledClient({
      userId,
      random: seededRandom(SEED + Number(userId)),
      sentRequests,
      onAnswer: answers.tick,
    });
  const clients = CLIENTS.map(newClient);
  const admin = newClient(SUPER_ID);

  // A clean exit leaves compiled code for the processes that are killed: each of them starts a third faster.
  await (await startBuoy(settings)).stop();
  let buoy = await startBuoy(settings);
  try {
    for (const client of [...clients, admin]) await client.signIn(buoy.url);
    for (let kill = 1; kill <= kills; kill += 1) {
      const enough = answers.after(random.below(MAX_ANSWERS + 1));
      const work = Promise.all(clients.map((client) => client.workUntilDeath(buoy.url)));
      await enough;
      await setTimeout(random.below(MAX_DELAY_MS));
      await buoy.kill();
      await work;

      buoy = await startBuoy(settings);
      await withDatabase(source, async (db) => {
        await expectNothingLost(db, sentRequests, `after kill ${kill} with seed ${SEED}`);
        if (source.engine === 'sqlite') await expectWholeSqlite(db);
      });
      if (kill % CHECK_EVERY === 0 || kill === kills) await expectChainAndTasks(buoy, admin.token());
    }
    const done = sentRequests.filter(({ status }) => status !== null && status < 400).length;
    expect(done, 'the clients got something done').toBeGreaterThan(kills * 3);
    expect(sentRequests.length - sentRequests.filter(({ status }) => status !== null).length).toBeGreaterThan(
      kills,
    );
    expect(await buoy.stop()).toBe(0);
  } finally {
    await buoy.kill();
  }
}

/** As a super-admin: the audit log is intact, and every task of an earlier process is being worked on. */
async function expectChainAndTasks(buoy: BuoyProcess, token: string): Promise<void> {
  const api = createClient({ baseUrl: `${buoy.url}/api`, token: () => token });
  const { chainOk, chainProblem } = await api('GET /admin/audit', { query: { limit: 1 } });
  expect([chainOk, chainProblem]).toEqual([true, null]);

  const active = async (): Promise<Task[]> => {
    const pages = await Promise.all(
      (['queued', 'running'] as const).map((status) => api('GET /tasks', { query: { status, limit: 200 } })),
    );
    return pages.flatMap(({ tasks }) => tasks);
  };
  // They wait minutes for a server that does not answer. A task that nobody runs would not even notice its cancellation.
  for (const { id } of await active()) await api('POST /tasks/:id/cancel', { params: { id } });
  await within(TASK_END_MS, async () => (await active()).length === 0);
}

async function withDatabase(source: DatabaseSource, work: (db: Db) => Promise<void>): Promise<void> {
  const database = await openDatabase(source);
  try {
    await work(database.db);
  } finally {
    await database.close();
  }
}

/** Resolves after a number of ticks. */
function countdown() {
  let left = 0;
  let reached = () => {};
  return {
    tick() {
      left -= 1;
      if (left <= 0) reached();
    },
    after(ticks: number): Promise<void> {
      left = ticks;
      return ticks === 0
        ? Promise.resolve()
        : new Promise((resolve) => {
            reached = resolve;
          });
    },
  };
}

function urlOf(source: DatabaseSource): string {
  return source.engine === 'postgres' ? source.url : '';
}
