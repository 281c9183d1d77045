// A hostile gateway names a new config at every check: what Buoy keeps of one is bounded, whatever the gateway says about it.
import { expect, test } from 'vitest';
import { createFakeClock } from '../../src/lib/testing/fake-clock.ts';
import { createConfigHistory } from '../../src/openclaw/config/history.ts';
import { readConfig } from '../../src/openclaw/config/read-config.ts';
import type { RevisionRow } from '../../src/openclaw/config/revisions.store.ts';
import { createMemoryRevisions } from '../../src/openclaw/config/testing/memory-revisions.ts';

/** Bytes: half a megabyte of characters, and some more for paths. */
const MAX_BYTES = 2 * 1024 * 1024;

const bytesOf = (row: RevisionRow | undefined) => Buffer.byteLength(JSON.stringify(row));

async function recorded(answers: object[]): Promise<RevisionRow[]> {
  const store = createMemoryRevisions();
  const history = createConfigHistory({ store, clock: createFakeClock() });
  for (const answer of answers) {
    const reading = await readConfig((_method, _params, schema) => Promise.resolve(schema.parse(answer)));
    await history.record('s1', reading, () => ({ origin: 'outside', by: null, note: null }));
  }
  return store.rows;
}

test('a broken config with 500 issues at places of a hundred long names', async () => {
  const issue = { path: Array(100).fill('é'.repeat(150)), message: 'é'.repeat(2_000) };
  const [row] = await recorded([{ hash: 'a', valid: false, issues: Array(500).fill(issue) }]);
  expect(row).toMatchObject({ hash: 'a', config: null });
  expect(JSON.parse(row?.problem ?? '')).toMatchObject({ message: expect.stringContaining('ééé') });
  expect(bytesOf(row)).toBeLessThan(MAX_BYTES);
});

test('fifty changed settings below a name of 35,000 characters', async () => {
  const name = 'é'.repeat(35_000);
  const settings = (value: number) =>
    Object.fromEntries(Array.from({ length: 50 }, (_, at) => [`k${at}`, value]));
  const [, row] = await recorded([
    { hash: 'a', valid: true, parsed: { [name]: settings(1) } },
    { hash: 'b', valid: true, parsed: { [name]: settings(2) } },
  ]);
  expect(JSON.parse(row?.changedPaths ?? '')).toMatchObject({ count: 50 });
  expect(bytesOf(row)).toBeLessThan(MAX_BYTES);
});

test('a hash of four million characters counts as none', async () => {
  expect(await recorded([{ hash: 'x'.repeat(4_000_000), valid: true, parsed: {} }])).toHaveLength(0);
});
