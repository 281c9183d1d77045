// The path of each setting repeats the names above it: thousands of settings below one long name fill the memory and block the event loop.
import { beforeEach, describe, expect, test } from 'vitest';
import { createFakeClock } from '../../src/lib/testing/fake-clock.ts';
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
import { longestBlock } from '../support/main-thread.ts';

const MAX_MS = 100;
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
