// The path of each setting repeats the names above it: thousands of settings below one long name, or many short ones, fill the memory and block
// the event loop.
import { setImmediate as othersTurn } from 'node:timers/promises';
import { beforeEach, describe, expect, test } from 'vitest';
import { createFakeClock } from '../../src/lib/testing/fake-clock.ts';
import { createConfigFeature } from '../../src/openclaw/config/config.ts';
import { createConfigApplied } from '../../src/openclaw/config/config-applied.ts';
import { createConfigHistory } from '../../src/openclaw/config/history.ts';
import { readConfig } from '../../src/openclaw/config/read-config.ts';
import { createServerLocks } from '../../src/openclaw/config/server-locks.ts';
import { createMemoryRevisions } from '../../src/openclaw/config/testing/memory-revisions.ts';
import {
  createScriptedConfig,
  type ScriptedConfig,
} from '../../src/openclaw/config/testing/scripted-config.ts';
import { createConfigWriter } from '../../src/openclaw/config/writer.ts';
import { longestBlock, longestBlockOfThree } from '../support/main-thread.ts';

const MAX_MS = 100;
/** The same for what a person may do again and again. */
const MAX_OFTEN_MS = 35;
/** A tenth of what a config may hold, so that the test fails without ending the process. */
const NAME = '.'.repeat(50_000);
const clock = createFakeClock();

const settings = (value: unknown) =>
  Object.fromEntries(Array.from({ length: 9_000 }, (_, at) => [`k${at}`, value]));

describe('9,000 settings below a name of 50,000 characters', () => {
  let openclaw: ScriptedConfig;
  let history: ReturnType<typeof createConfigHistory>;
  beforeEach(() => {
    openclaw = createScriptedConfig();
    openclaw.file = { [NAME]: { k1: 1 } };
    history = createConfigHistory({ store: createMemoryRevisions(), clock });
  });

  test('do not block the event loop when a hostile server adds them to its config', async () => {
    const watch = async () => {
      const reading = await readConfig((method, params, schema) =>
        openclaw.gateways.call('s1', method, params, schema, { deadlineMs: 1_000 }),
      );
      await history.record('s1', reading, () => ({ origin: 'outside', by: null, note: null }));
    };
    await watch();
    openclaw.file = { [NAME]: settings(1) };
    const { answer, blockedMs } = await longestBlock(() => watch().catch((error: unknown) => error));
    expect(blockedMs).toBeLessThan(MAX_MS);
    expect(answer).toMatchObject({ code: 'output_too_large' });
  });

  test.each([
    ['settings', settings(1)],
    ['lists', settings([])],
  ])('do not block the event loop when a person sends them as %s', async (_what, sent) => {
    const { gateways } = openclaw;
    const configApplied = createConfigApplied({ gateways, clock });
    const writer = createConfigWriter({
      gateways,
      configApplied,
      history,
      locks: createServerLocks(),
      clock,
    });
    const change = { patch: { [NAME]: sent }, by: 'ada', note: null };
    const { answer, blockedMs } = await longestBlock(() =>
      writer.patchConfig('s1', change, {}).catch((error: unknown) => error),
    );
    expect(blockedMs).toBeLessThan(MAX_MS);
    expect(answer).toMatchObject({ code: 'invalid_request' });
  });
});

type Settings = { [name: string]: Settings | number | string };

/** As many settings as `count` below `depth - 1` names. */
const settingsAt = (depth: number, count: number, value: (at: number) => number | string): Settings =>
  Array.from({ length: depth - 2 }).reduce<Settings>((below) => ({ n: below }), {
    n: Object.fromEntries(Array.from({ length: count }, (_, at) => [`k${at}`, value(at)])),
  });
/** It is no secret, but almost: none takes longer to search. */
const text = (first: number, length: number) => String(first).padEnd(length, 'secret');

describe.each([
  ['9,900 numbers', (from: number) => settingsAt(2, 9_900, (at) => from + at)],
  ['9,600 texts at depth 9', (from: number) => settingsAt(9, 9_600, () => text(from, 25))],
  ['2,160 texts at depth 40', (from: number) => settingsAt(40, 2_160, () => text(from, 133))],
])('a change of %s, as large as Buoy accepts', (_what, settingsFrom) => {
  const { signal } = new AbortController();
  let config: ReturnType<typeof createConfigFeature>;
  beforeEach(() => {
    const openclaw = createScriptedConfig();
    openclaw.file = settingsFrom(0);
    const gateways: ScriptedConfig['gateways'] = {
      ...openclaw.gateways,
      // As over a network: who asks and who answers compute in turns of their own.
      async call(...call) {
        await othersTurn();
        const answer = await openclaw.gateways.call(...call);
        await othersTurn();
        return answer;
      },
    };
    const history = createConfigHistory({ store: createMemoryRevisions(), clock });
    const configApplied = createConfigApplied({ gateways, clock });
    const writer = createConfigWriter({
      gateways,
      configApplied,
      history,
      locks: createServerLocks(),
      clock,
    });
    const hostConfigs = { check: () => Promise.resolve({ valid: true, issues: [] }) } as never;
    config = createConfigFeature({ reader: {} as never, gateways, hostConfigs, history, writer });
  });
  const preview = (patch: Settings) => config.preview('s1', { patch }, { signal });
  const change = async (patch: Settings) => {
    const { hash } = await preview({});
    return config.put('s1', { patch, hash }, 'ada', { signal });
  };

  test('does not block the event loop when a person previews it', async () => {
    const patch = settingsFrom(1);
    const { answer, blockedMs } = await longestBlockOfThree(() => preview(patch), MAX_OFTEN_MS);
    expect(blockedMs).toBeLessThan(MAX_OFTEN_MS);
    expect(answer.changes.length).toBeGreaterThan(2_000);
  });

  test('does not block the event loop when a person makes it', async () => {
    const patches = [1, 2, 3].map(settingsFrom);
    const { answer, blockedMs } = await longestBlockOfThree(() => change(patches.shift()!), MAX_OFTEN_MS);
    expect(blockedMs).toBeLessThan(MAX_OFTEN_MS);
    expect(answer.changes.length).toBeGreaterThan(2_000);
  });

  test('does not block the event loop when a person looks it up in the history', async () => {
    const { rev } = await change(settingsFrom(1));
    const { answer, blockedMs } = await longestBlockOfThree(() => config.diff('s1', rev), MAX_OFTEN_MS);
    expect(blockedMs).toBeLessThan(MAX_OFTEN_MS);
    expect(answer.changes.length).toBeGreaterThan(2_000);
  });
});
