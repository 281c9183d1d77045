// The clock and time formats.
import { expect, test } from 'vitest';
import { isoTime, systemClock } from './clock.ts';

test('isoTime returns ISO 8601 UTC with milliseconds, which sorts as text', () => {
  expect(isoTime(0)).toBe('1970-01-01T00:00:00.000Z');
  expect(isoTime(Date.UTC(2026, 2, 1, 10, 0, 0, 7))).toBe('2026-03-01T10:00:00.007Z');
  expect(isoTime(1) > isoTime(0)).toBe(true);
});

test('a clock timer runs once after its delay, and never when cancelled', async () => {
  const ran: string[] = [];
  const cancel = systemClock.after(1, () => ran.push('cancelled'));
  cancel();
  const startedAt = systemClock.now();
  await new Promise<void>((resolve) => {
    const keepAlive = setInterval(() => undefined, 1_000);
    systemClock.after(20, () => {
      ran.push('ran');
      clearInterval(keepAlive);
      resolve();
    });
  });
  expect(ran).toEqual(['ran']);
  expect(systemClock.now() - startedAt).toBeGreaterThanOrEqual(19);
});
