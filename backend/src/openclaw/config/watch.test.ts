// Config changes outside of Buoy are detected once over the kept connection, and never mistaken for changes by Buoy.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createFakeClock, type FakeClock } from '../../lib/testing/fake-clock.ts';
import { createRecordingLogger } from '../../lib/testing/recording-logger.ts';
import { until } from '../../lib/testing/until.ts';
import { type ConfigHistory, createConfigHistory } from './history.ts';
import { readConfig } from './read-config.ts';
import { createServerLocks, type ServerLocks } from './server-locks.ts';
import { createMemoryRevisions } from './testing/memory-revisions.ts';
import { createScriptedConfig, type ScriptedConfig } from './testing/scripted-config.ts';
import { type ConfigWatch, watchConfigs } from './watch.ts';

const CHECK_INTERVAL_MS = 2_000;

let openclaw: ScriptedConfig;
let clock: FakeClock;
let history: ConfigHistory;
let locks: ServerLocks;
let watch: ConfigWatch;
let repairedAgoS: number | null;

beforeEach(() => {
  openclaw = createScriptedConfig();
  clock = createFakeClock();
  locks = createServerLocks();
  history = createConfigHistory({ store: createMemoryRevisions(), clock });
  repairedAgoS = null;
  const { logger } = createRecordingLogger();
  watch = watchConfigs({
    gateways: openclaw.gateways,
    hostConfigs: { repairedAgoS: () => Promise.resolve(repairedAgoS) },
    history,
    locks,
    clock,
    logger,
  });
});
afterEach(() => watch.close());

const asked = () => openclaw.calls.filter(({ method }) => method === 'config.get').length;
const revisions = async () => (await history.list('s1', { limit: 50 })).revisions;

/** Starts one check and waits for its end. */
async function checkOnce(): Promise<void> {
  const before = asked();
  await until(() => {
    clock.pass(CHECK_INTERVAL_MS);
    return asked() > before;
  }, 'a config check');
  await until(() => !locks.isTaken('s1'), 'its end');
}

async function connect(): Promise<void> {
  openclaw.setState('connected');
  await checkOnce();
}

describe('config watch', () => {
  test('stores the first config, and nothing while nothing changes', async () => {
    await connect();
    await checkOnce();
    await checkOnce();
    expect(await revisions()).toMatchObject([{ rev: 1, origin: 'outside', valid: true }]);
  });

  test('detects a manual edit, and a broken one with its position', async () => {
    await connect();
    openclaw.file = { ...openclaw.file, tools: { profile: 'full' } };
    await checkOnce();
    openclaw.problem = "JSON5 parse failed: SyntaxError: JSON5: invalid character 'o' at 4:10";
    await checkOnce();
    expect(await revisions()).toMatchObject([
      {
        rev: 3,
        valid: false,
        problem: { message: "The file is not valid JSON5: invalid character 'o'.", line: 4, column: 10 },
      },
      { rev: 2, origin: 'outside', by: null, paths: ['tools'] },
      { rev: 1 },
    ]);
  });

  test.each([
    { ago: 0, origin: 'openclaw' },
    { ago: 3_600, origin: 'outside' },
    { ago: null, origin: 'outside' },
  ])(
    'a file that is valid again is of $origin when the broken one was put aside $ago s ago',
    async ({ ago, origin }) => {
      await connect();
      openclaw.problem = 'broken';
      await checkOnce();
      openclaw.problem = null;
      repairedAgoS = ago;
      await checkOnce();
      expect((await revisions())[0]).toMatchObject({ rev: 3, origin, valid: true });
    },
  );

  test('records a repair made while Buoy was not connected, though the file is the known one', async () => {
    await connect();
    openclaw.setState('disconnected');
    clock.pass(60_000);
    repairedAgoS = 10;
    await connect();
    expect((await revisions())[0]).toMatchObject({ rev: 2, origin: 'openclaw' });
    clock.pass(60_000);
    repairedAgoS = 100;
    openclaw.setState('disconnected');
    await connect();
    expect(await revisions()).toHaveLength(2);
  });

  test('detects that a change by Buoy was reverted before the next check', async () => {
    await connect();
    const original = openclaw.file;
    openclaw.file = { ...original, tools: { profile: 'full' } };
    const changed = await readConfig((method, params, schema) =>
      openclaw.gateways.call('s1', method, params, schema, { deadlineMs: 1_000 }),
    );
    await history.record('s1', changed, () => ({ origin: 'buoy', by: 'u_1', note: null }));
    openclaw.file = original;
    await checkOnce();
    expect(await revisions()).toMatchObject([
      { rev: 3, origin: 'outside', paths: ['tools'] },
      { rev: 2, origin: 'buoy' },
      { rev: 1 },
    ]);
  });

  /** Changes the config every second, however often that is seen. @returns the number of the last revision */
  async function restlessFor(minutes: number): Promise<number> {
    for (let second = 0; second < minutes * 60; second += 1) {
      openclaw.file = { second, minutes };
      clock.pass(1_000);
      await until(() => !locks.isTaken('s1'), 'the end of a check');
      await nextTurn();
    }
    return (await revisions())[0]?.rev ?? 0;
  }

  test('stores some changes of a restless config at once, then one each minute, also when the gateway comes anew', async () => {
    await connect();
    const soon = await restlessFor(1);
    expect(soon).toBeGreaterThan(10);
    expect(soon).toBeLessThanOrEqual(15);
    expect(await restlessFor(10)).toBeLessThanOrEqual(soon + 11);
    const before = (await revisions())[0]?.rev ?? 0;
    openclaw.setState('disconnected');
    openclaw.setState('connected');
    expect(await restlessFor(3)).toBeLessThanOrEqual(before + 4);
  });

  test('detects an edit within five seconds again once a restless config has rested', async () => {
    await connect();
    await restlessFor(5);
    const rest = openclaw.file;
    for (let minute = 0; minute < 5; minute += 1) {
      clock.pass(60_000);
      await until(() => !locks.isTaken('s1'), 'the end of a check');
      await nextTurn();
    }
    const before = (await revisions())[0]?.rev ?? 0;
    openclaw.file = { ...rest, tools: { profile: 'full' } };
    for (let second = 0; second < 5; second += 1) {
      clock.pass(1_000);
      await until(() => !locks.isTaken('s1'), 'the end of a check');
      await nextTurn();
    }
    expect((await revisions())[0]).toMatchObject({ rev: before + 1, paths: ['tools'] });
  });

  test('does not check while Buoy changes the config', async () => {
    await connect();
    const before = asked();
    const change = Promise.withResolvers<void>();
    const turn = locks.run('s1', () => change.promise);
    clock.pass(CHECK_INTERVAL_MS * 3);
    expect(asked()).toBe(before);
    change.resolve();
    await turn;
    await checkOnce();
  });

  test('stops checking when the connection is down or Buoy stops', async () => {
    await connect();
    const before = asked();
    openclaw.setState('disconnected');
    clock.pass(CHECK_INTERVAL_MS * 3);
    expect(asked()).toBe(before);
    await connect();
    const again = asked();
    await watch.close();
    clock.pass(CHECK_INTERVAL_MS * 3);
    expect(asked()).toBe(again);
  });
});
