// When the monitor is stale: after 15 minutes or three intervals without a finished round, whichever is longer.
import { describe, expect, test } from 'vitest';
import { isMonitorStale } from './staleness.ts';

const MINUTE_MS = 60_000;
const nowMs = Date.parse('2026-03-01T10:00:00.000Z');
const ago = (minutes: number) => new Date(nowMs - minutes * MINUTE_MS).toISOString();

/** @param runningFor minutes */
const isStale = (endedAt: string | null, intervalMinutes: number, runningFor = 10_000) =>
  isMonitorStale(endedAt, {
    nowMs,
    runningSinceMs: nowMs - runningFor * MINUTE_MS,
    intervalMs: intervalMinutes * MINUTE_MS,
  });

describe('a monitor', () => {
  test.each([
    [1, 15],
    [5, 15],
    [10, 30],
    [60, 180],
  ])('with an interval of %i minutes is stale after more than %i minutes', (interval, limit) => {
    expect(isStale(ago(limit), interval)).toBe(false);
    expect(isStale(ago(limit + 1), interval)).toBe(true);
  });

  test('is not stale in the first minutes of a Buoy that was off for a day', () => {
    expect(isStale(ago(24 * 60), 5, 1)).toBe(false);
    expect(isStale(ago(24 * 60), 5, 15)).toBe(false);
    expect(isStale(ago(24 * 60), 5, 16)).toBe(true);
  });

  test('that has never finished a round is stale when Buoy has run for too long without one', () => {
    expect(isStale(null, 5, 15)).toBe(false);
    expect(isStale(null, 5, 16)).toBe(true);
  });

  test('is not stale when the clock was set back behind its last round', () => {
    expect(isStale(ago(-60), 5)).toBe(false);
  });
});
