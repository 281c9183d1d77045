import { describe, expect, test } from 'vitest';
import { daysOf } from './days.ts';

const now = Date.parse('2026-11-25T23:59:59Z');

describe('usage days', () => {
  test('are the last thirty including today by default', () => {
    expect(daysOf({}, now)).toEqual({ from: '2026-10-27', to: '2026-11-25' });
  });

  test('may be one day, or a leap year', () => {
    const one = { from: '2026-11-25', to: '2026-11-25' };
    const year = { from: '2028-01-01', to: '2028-12-31' };
    expect(daysOf(one, now)).toEqual(one);
    expect(daysOf(year, now)).toEqual(year);
  });

  test.each([
    { from: '2026-11-25' },
    { to: '2026-11-25' },
    { from: '2026-11-26', to: '2026-11-25' },
    { from: '2025-11-24', to: '2026-11-25' },
  ])('cannot be %j', (asked) => {
    expect(() => daysOf(asked, now)).toThrow(expect.objectContaining({ code: 'invalid_request' }));
  });
});
