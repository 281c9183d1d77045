// Fuzzes OpenClaw's endpoints with a real gateway behind them: answers on contract, nothing that Buoy does not understand, and the
// gateway still runs in the end.
import { contract, type EndpointKey } from '@buoy/contract';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { acquireHost, currentOpenclawLayer, type Host } from '../../testbed/hosts.ts';
import { testHost } from '../../testbed/test-hosts.ts';
import { fuzz } from './support/fuzz.ts';
import { openclawFuzzFixture } from './support/fuzz-openclaw-fixture.ts';

const { FUZZ_RUNS, FUZZ_SEED } = process.env;
const RUNS = Number(FUZZ_RUNS ?? 20);
const SEED = Number(FUZZ_SEED ?? 20_260_301);
const TIME_LIMIT_MS = 240_000;

/** Excluded endpoints, with the reason. */
const leftOut: Partial<Record<EndpointKey, string>> = {
  'POST /servers/:id/openclaw/restart': 'the gateway would be away for the others',
  'POST /servers/:id/openclaw/start': 'likewise',
  'POST /servers/:id/openclaw/stop': 'likewise',
  'GET /servers/:id/openclaw/events': 'a stream without an end',
  'GET /servers/:id/openclaw/logs/stream': 'a stream without an end',
  'GET /servers/:id/openclaw/skills/search':
    'ClawHub is on the internet: OpenClaw gives up after 14 s, each time',
};

const keys = (Object.keys(contract) as EndpointKey[]).filter(
  (key) => key.includes('/openclaw/') && leftOut[key] === undefined,
);

describe.skipIf(inject('hostsMissing') !== '')('fuzzing with a real gateway', () => {
  let host: Host;
  beforeAll(async () => {
    host = await acquireHost({ name: testHost('fuzzed'), layer: currentOpenclawLayer, waitGateway: true });
  });
  // The host is not usable for anything else afterwards.
  afterAll(() => host?.down());

  test.each(keys)(
    '%s answers generated requests on contract',
    { timeout: TIME_LIMIT_MS + 30_000 },
    async (key) => {
      const tally = await fuzz(
        key,
        { runs: RUNS, seed: SEED, timeLimitMs: TIME_LIMIT_MS },
        openclawFuzzFixture(host),
      );
      if (FUZZ_RUNS !== undefined)
        process.stdout.write(`${key}: ${JSON.stringify(Object.fromEntries(tally))}\n`);
      expect([...tally.values()].reduce((sum, count) => sum + count, 0)).toBe(RUNS);
    },
  );

  test('the gateway still runs afterwards', async () => {
    await host.waitGateway(60);
  });
});
