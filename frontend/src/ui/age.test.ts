import fc from 'fast-check';
import { expect, it } from 'vitest';
import { formatAge, formatDuration, withLocalTimes } from './age.ts';

const now = Date.parse('2026-01-02T00:00:00.000Z');
const before = (seconds: number) => new Date(now - seconds * 1000).toISOString();

it.each([
  [0, 'just now'],
  [0.9, 'just now'],
  [-30, 'just now'],
  [1, '1 s ago'],
  [59.9, '59 s ago'],
  [60, '1 min ago'],
  [3_599, '59 min ago'],
  [3_600, '1 h ago'],
  [86_399, '23 h ago'],
  [86_400, '1 d ago'],
  [864_000, '10 d ago'],
])('%f s before now is "%s"', (seconds, text) => {
  expect(formatAge(before(seconds), now)).toBe(text);
});

it.each([
  [-1, '0 s'],
  [45.7, '45 s'],
  [720, '12 min'],
  [3_600, '1 h'],
  [12_000, '3 h 20 min'],
  [86_400, '1 d'],
  [367_200, '4 d 6 h'],
])('%f s lasts "%s"', (seconds, text) => {
  expect(formatDuration(seconds)).toBe(text);
});

const unitSeconds: Record<string, number> = { s: 1, min: 60, h: 3_600, d: 86_400 };

it('never says more than has passed, and less than one of its unit less', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 400 * 86_400 }), (seconds) => {
      const [amount, unit] = formatAge(before(seconds), now).split(' ');
      const size = unitSeconds[unit ?? ''] ?? Number.NaN;
      const said = Number(amount) * size;
      expect(said).toBeLessThanOrEqual(seconds);
      expect(said + size).toBeGreaterThan(seconds);
    }),
  );
});

it('puts the times in a sentence into local ones and leaves the rest', () => {
  const text = withLocalTimes('Not checked since 2026-01-01T10:00:00.000Z; it was up then.');
  expect(text).toMatch(/^Not checked since .*2026.*; it was up then\.$/);
  expect(text).not.toContain('T10:00');
  expect(withLocalTimes('Port 18789 is in use.')).toBe('Port 18789 is in use.');
});
