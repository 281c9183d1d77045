// Every endpoint keeps its contract for any input: no 5xx caused by Buoy, errors in one shape, the document unchanged.
import { contract, type EndpointKey } from '@buoy/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isLongRun } from '../../testbed/long-run.ts';
import { version } from '../src/lib/version.ts';
import { fuzz } from './support/fuzz.ts';
import { prepareFuzzFixture } from './support/fuzz-fixture.ts';
import { type FuzzRecords, storeFuzzRecords } from './support/fuzz-records.ts';
import { startTestBuoy } from './support/test-buoy.ts';

const { FUZZ_RUNS, FUZZ_SEED } = process.env;
/** Requests to each endpoint; `npm run test:long` sends more of them, and `npm run fuzz` many more. */
const RUNS = Number(FUZZ_RUNS ?? (isLongRun ? 200 : 5));
/** The same each time, so that a failing run has met a change; `npm run fuzz` takes a new one. */
const SEED = Number(FUZZ_SEED ?? 20_260_301);
/** Milliseconds: the minimum for each endpoint, and the addition per request. */
const TIME_LIMIT = { least: 45_000, perRequest: 60 };
const isLong = FUZZ_RUNS !== undefined;
const timeLimitMs = TIME_LIMIT.least + RUNS * TIME_LIMIT.perRequest;

let records: FuzzRecords;
beforeAll(async () => {
  records = await storeFuzzRecords();
});
afterAll(() => records?.remove());

describe.each(Object.keys(contract) as EndpointKey[])('%s', (key) => {
  test(`answers ${RUNS} generated requests on contract`, { timeout: timeLimitMs + 15_000 }, async () => {
    const settings = { runs: RUNS, seed: SEED, timeLimitMs };
    const tally = await fuzz(key, settings, (endpoint) => prepareFuzzFixture(endpoint, records));
    // A long run prints how far it is, and whether its requests got deep enough.
    if (isLong) process.stdout.write(`${key}: ${JSON.stringify(Object.fromEntries(tally))}\n`);
    expect([...tally.values()].reduce((sum, count) => sum + count, 0)).toBe(RUNS);
  });
});

test('the OpenAPI document matches the bound routes and its snapshot', async () => {
  const running = await startTestBuoy();
  try {
    const { statusCode, payload } = await running.call('GET', '/openapi.json');
    expect(statusCode).toBe(200);
    const document = JSON.parse(payload);
    document.info.version = version;
    const paths = Object.entries<Record<string, unknown>>(document.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map(
        (method) => `${method.toUpperCase()} ${path.slice(4).replace(/\{(\w+)\}/g, ':$1')}`,
      ),
    );
    expect(paths.sort()).toEqual(Object.keys(contract).sort());
    await expect(`${JSON.stringify(document, null, 2)}\n`).toMatchFileSnapshot('../../docs/openapi.json');
  } finally {
    await running.close();
  }
});
