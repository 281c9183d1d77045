// Servers that accept connections and never answer must not delay the checks of other people's servers.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { BOT_TOKEN, forgeInitData } from '../../../testbed/forge-init-data.ts';
import { OPEN_TO_TESTS } from '../../../testbed/open-to-tests.ts';
import { until } from '../../../testbed/until.ts';
import { loadConfig } from '../../src/config.ts';
import { createLogger } from '../../src/lib/create-logger.ts';
import { createFakeClock } from '../../src/lib/testing/fake-clock.ts';
import { startRawServer, startScriptedServer } from '../../src/ssh/testing/scripted-server.ts';
import { wire } from '../../src/wiring.ts';

const DEAD_SERVERS = 100;
/** Servers that are checked at the same time, unless set. */
const AT_ONCE = 60;

const cleanUp: Array<() => unknown> = [];
afterEach(async () => {
  for (const close of cleanUp.splice(0).reverse()) await close();
});

test("100 silent servers of one person do not delay the check of another person's server", async () => {
  let deadAttempts = 0;
  let checks = 0;
  const dead = await startRawServer(() => {
    deadAttempts += 1;
  });
  cleanUp.push(() => dead.close());
  const healthy = await startScriptedServer({
    onSession: (session) =>
      session.on('exec', (accept) => {
        checks += 1;
        const stream = accept();
        stream.exit(0);
        stream.end();
      }),
  });
  cleanUp.push(() => healthy.close());

  const dataDir = mkdtempSync(path.join(tmpdir(), 'buoy-suite-'));
  cleanUp.push(() => rmSync(dataDir, { recursive: true, force: true }));
  const config = loadConfig({
    ...{ DATA_DIR: dataDir, TELEGRAM_BOT_TOKEN: BOT_TOKEN, LOG_LEVEL: 'silent' },
    ...{ RATE_LIMIT_GLOBAL: '1000000', RATE_LIMIT_AUTH: '1000000', MAX_SERVERS_PER_USER: '1000' },
    ...OPEN_TO_TESTS,
  });
  const clock = createFakeClock(Date.now());
  const buoy = await wire(config, createLogger(config.logLevel), {
    ...{ version: '0.0.0-test', webRoot: null, clock },
  });
  cleanUp.push(() => buoy.close());
  const call = async (method: 'GET' | 'POST', url: string, token: string | null, payload?: object) => {
    const headers = token === null ? {} : { authorization: `Bearer ${token}` };
    const answer = await buoy.app.inject({ method, url: `/api${url}`, headers, ...(payload && { payload }) });
    return answer.json();
  };
  const signIn = async (id: number): Promise<string> => {
    const initData = forgeInitData({ id, first_name: `User ${id}` }, BOT_TOKEN);
    return (await call('POST', '/auth/telegram', null, { initData })).token;
  };
  const add = (token: string, name: string, port: number) =>
    call('POST', '/servers', token, {
      ...{ name, host: '127.0.0.1', port, username: 'root', authType: 'password', password: 'secret' },
    });
  const [mallory, bob] = [await signIn(200), await signIn(201)];

  for (let index = 0; index < DEAD_SERVERS; index += 1) await add(mallory, `dead ${index}`, dead.port);
  const unreachable = async () =>
    (await call('GET', '/servers?state=unreachable&limit=200', mallory)).servers.length;
  // First tests begin a few at a time, and each waits by this clock for an answer that never comes.
  await until(30_000, async () => {
    clock.pass(10_000);
    return (await unreachable()) === DEAD_SERVERS;
  });
  // The server that was checked last: the monitor starts with those unchecked for longest.
  const { server } = await add(bob, 'healthy', healthy.port);
  clock.pass(11_000);
  await call('POST', `/servers/${server.id}/test`, bob);

  const before = { deadAttempts, checks };
  // In small steps, with time for the network between them.
  for (let step = 0; step < 2_000 && checks === before.checks; step += 1) {
    clock.pass(500);
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  }
  expect(checks).toBeGreaterThan(before.checks);
  expect(deadAttempts - before.deadAttempts).toBeLessThanOrEqual(AT_ONCE);
});
