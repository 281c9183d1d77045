import type { HistoryPoint } from '@buoy/contract';
import { describe, expect, it } from 'vitest';
import { rangeIn, spansOf, withGaps } from './history-range.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const START = Date.parse('2026-03-02T00:00:00.000Z');

const point = (ms: number, state: HistoryPoint['state'] = 'up'): HistoryPoint => ({
  ...{ at: new Date(START + ms).toISOString(), state, upShare: 1, latencyMs: 40, diskUsedShare: null },
  ...{ memoryUsedShare: null, gatewayRssBytes: null, sessions: null, tokens: null, costUsd: null },
});
const range = { fromMs: START, toMs: START + 4 * HOUR };
const hours = (spans: ReturnType<typeof spansOf>) =>
  spans.map(({ fromMs, toMs, state }) => [(fromMs - START) / HOUR, (toMs - START) / HOUR, state]);

describe('history range', () => {
  it.each([
    ['7d', '7d'],
    ['', '24h'],
    ['toString', '24h'],
  ])('reads %j from the address as %s', (text, wanted) => {
    expect(rangeIn(text)).toBe(wanted);
  });
});

describe('state spans', () => {
  it('join equal states and name the hours without a check', () => {
    const points = [point(HOUR), point(2 * HOUR), point(3 * HOUR, 'down')];
    expect(hours(spansOf(points, 'hour', range))).toEqual([
      [0, 1, null],
      [1, 3, 'up'],
      [3, 4, 'down'],
    ]);
    expect(hours(spansOf([point(0), point(3 * HOUR)], 'hour', range))).toEqual([
      [0, 1, 'up'],
      [1, 3, null],
      [3, 4, 'up'],
    ]);
  });

  it('are one time without a check where there is no point', () => {
    expect(hours(spansOf([], 'raw', range))).toEqual([[0, 4, null]]);
  });

  it('begin with the range where the hour began before it', () => {
    expect(hours(spansOf([point(-30 * MINUTE)], 'hour', range))).toEqual([
      [0, 0.5, 'up'],
      [0.5, 4, null],
    ]);
  });
});

describe('points with gaps', () => {
  const minutes = (points: HistoryPoint[], step: 'raw' | 'hour') =>
    withGaps(points, step, range).map((one) => [(one.ms - START) / MINUTE, one.point !== null]);

  it('have null between checks that are more than three usual distances apart', () => {
    const points = [4, 8, 12, 16, 100, 104].map((at) => point(at * MINUTE));
    expect(minutes(points, 'raw')).toEqual([
      [0, false],
      ...[4, 8, 12, 16].map((at) => [at, true]),
      [58, false],
      [100, true],
      [104, true],
      [240, false],
    ]);
  });

  it('have none between hours that follow each other', () => {
    expect(minutes([point(HOUR), point(2 * HOUR)], 'hour')).toEqual([
      [0, false],
      [60, true],
      [120, true],
      [240, false],
    ]);
  });
});
