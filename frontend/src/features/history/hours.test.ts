import type { HistoryPoint } from '@buoy/contract';
import { expect, test } from 'vitest';
import { hoursOf } from './hours.ts';

const now = Date.parse('2026-03-02T10:20:00.000Z');
const point = (at: string, state: HistoryPoint['state'], upShare: number): HistoryPoint => ({
  ...{ at, state, upShare, latencyMs: 40, diskUsedShare: null, memoryUsedShare: null },
  ...{ gatewayRssBytes: null, sessions: null, tokens: null, costUsd: null },
});

test('the last 24 hours end with the one that has begun, and those without a check have no state', () => {
  const hours = hoursOf(
    [point('2026-03-01T11:00:00.000Z', 'up', 1), point('2026-03-02T10:00:00.000Z', 'down', 0.5)],
    now,
  );
  expect(hours).toHaveLength(24);
  expect(hours[0]).toEqual({ at: '2026-03-01T11:00:00.000Z', state: 'up', upShare: 1 });
  expect(hours.at(-1)).toEqual({ at: '2026-03-02T10:00:00.000Z', state: 'down', upShare: 0.5 });
  expect(hours.slice(1, -1).every(({ state }) => state === null)).toBe(true);
});

test('what is older than these hours is left out', () => {
  expect(
    hoursOf([point('2026-03-01T10:00:00.000Z', 'down', 0)], now).every(({ state }) => state === null),
  ).toBe(true);
});
