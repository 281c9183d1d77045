// What visitors read from what Buoy knows of servers.
import type { PublicStatus } from '@buoy/contract';
import { describe, expect, test } from 'vitest';
import { noPast, overallState, presentPast, presentPublicStatus } from './public-status.presenter.ts';
import type { ServerOnPage } from './visits.store.ts';

const now = '2026-03-01T10:00:00.000Z';
const since = '2026-03-01T08:00:00.000Z';
const times = { nowMs: Date.parse(now), staleAfterMs: 900_000 };

const shownAs = (changes: Partial<ServerOnPage>): PublicStatus['servers'][number] | undefined => {
  const server = { id: 's', name: 'web', createdAt: since, state: 'up', since, checkedAt: now, ...changes };
  return presentPublicStatus({ title: 'x', numbered: 0 }, [{ server, past: noPast }], [], times).servers[0];
};

describe('the state that visitors see', () => {
  test.each([
    ['up', 'up'],
    ['down', 'down'],
    ['unreachable', 'down'],
    ['not_set_up', 'unknown'],
    ['unknown', 'unknown'],
    ['a state of a newer version', 'unknown'],
    ['constructor', 'unknown'],
  ])('of a server that is %j is %s', (state, shown) => {
    expect(shownAs({ state })).toMatchObject({ state: shown, since });
  });

  test('is unknown where the last check was too long ago, since then, or never was', () => {
    expect(shownAs({ checkedAt: '2026-03-01T09:44:59.000Z' })).toMatchObject({
      ...{ state: 'unknown', since: '2026-03-01T09:59:59.000Z' },
    });
    expect(shownAs({ checkedAt: null })).toMatchObject({ state: 'unknown', since });
  });

  test.each([
    [[], 'unknown'],
    [['unknown', 'unknown'], 'unknown'],
    [['up', 'unknown'], 'up'],
    [['up', 'down'], 'degraded'],
    [['maintenance', 'down'], 'degraded'],
    [['down', 'unknown'], 'down'],
    [['up', 'maintenance'], 'maintenance'],
  ] as const)('of a page with servers that are %j is %s', (states, overall) => {
    expect(overallState(states)).toBe(overall);
  });
});

test('the strip has 90 days that end today, and never rounds an outage away', () => {
  const { strip, availability } = presentPast(
    [
      { at: '2025-12-01T00:00:00.000Z', upShare: 0.5 },
      { at: '2025-12-02T00:00:00.000Z', upShare: 1 },
      { at: '2026-03-01T00:00:00.000Z', upShare: 0.999_999 },
    ],
    { h24: 0.999_999, d7: null, d90: 1 },
    times.nowMs,
  );
  expect(strip).toHaveLength(90);
  expect([strip[0], strip[1], strip.at(-1)]).toEqual([1, null, 0.9999]);
  expect(availability).toEqual({ h24: 0.9999, d7: null, d90: 1 });
});
