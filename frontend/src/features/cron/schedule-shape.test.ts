import { describe, expect, it } from 'vitest';
import { shapeOf } from './schedule-shape.ts';

describe('a cron expression', () => {
  it.each([
    ['* * * * *', { kind: 'every', seconds: 60 }],
    ['*/15 * * * *', { kind: 'every', seconds: 900 }],
    ['0 */6 * * *', { kind: 'every', seconds: 21_600 }],
    ['5 * * * *', { kind: 'hourly', minute: 5 }],
    ['0 9 * * *', { kind: 'daily', hour: 9, minute: 0 }],
    ['0 30 7 * * *', { kind: 'daily', hour: 7, minute: 30 }],
    ['30 7 * * 1-5', { kind: 'weekly', days: [1, 2, 3, 4, 5], hour: 7, minute: 30 }],
    ['30 7 * * SUN,sat', { kind: 'weekly', days: [6, 0], hour: 7, minute: 30 }],
    ['0 8 * * 5-7', { kind: 'weekly', days: [5, 6, 0], hour: 8, minute: 0 }],
    ['0 8 * * 0-6', { kind: 'daily', hour: 8, minute: 0 }],
    ['0 3 1 * *', { kind: 'monthly', day: 1, hour: 3, minute: 0 }],
  ])('%s has a sentence', (expr, shape) => {
    expect(shapeOf({ kind: 'cron', expr, tz: null })).toEqual(shape);
  });

  it.each([
    // Each hour it would begin anew: 0, 7, … 56, 0.
    '*/7 * * * *',
    '0 9 1 1 *',
    '0 9 1 * 1',
    '0 9,18 * * *',
    '30 0 9 * * *',
    '0 9 * * fri-mon',
    '0 9 * * 5L',
    '0 25 * * *',
    'not cron',
    '',
  ])('"%s" is shown as it is', (expr) => {
    expect(shapeOf({ kind: 'cron', expr, tz: null })).toEqual({ kind: 'expression', expr });
  });
});

it('an interval counts in seconds', () => {
  expect(shapeOf({ kind: 'every', everyMs: 1_800_000 })).toEqual({ kind: 'every', seconds: 1_800 });
});
