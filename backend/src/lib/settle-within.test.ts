// Waiting with a limit, on a clock that the test moves.
import { describe, expect, test } from 'vitest';
import { AppError } from './app-error.ts';
import { settleWithin } from './settle-within.ts';
import { createMovedClock } from './testing/moved-clock.ts';

const tooLate = (deadlineMs: number) => new AppError('deadline', `Not within ${deadlineMs} ms.`);

describe('work that is waited for within a limit', () => {
  test('answers and fails as it does by itself', async () => {
    const clock = createMovedClock();
    expect(await settleWithin(Promise.resolve(7), { deadlineMs: 10 }, clock, tooLate)).toBe(7);
    const failed = settleWithin(Promise.reject(new Error('own')), { deadlineMs: 10 }, clock, tooLate);
    await expect(failed).rejects.toThrow('own');
  });

  test('is given up on at the deadline, not before, and its late failure harms nobody', async () => {
    const clock = createMovedClock();
    const { promise, reject } = Promise.withResolvers<never>();
    let ended = false;
    const waiting = settleWithin(promise, { deadlineMs: 10 }, clock, tooLate).catch((error: unknown) => {
      ended = true;
      return error;
    });
    clock.pass(9);
    await Promise.resolve();
    expect(ended).toBe(false);
    clock.pass(1);
    expect(await waiting).toMatchObject({ code: 'deadline', message: 'Not within 10 ms.' });
    reject(new Error('late'));
  });

  test('is given up on when the caller leaves, at once when they had left before', async () => {
    const clock = createMovedClock();
    const never = new Promise<never>(() => undefined);
    const controller = new AbortController();
    const waiting = settleWithin(never, { deadlineMs: 10, signal: controller.signal }, clock, tooLate);
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
    const gone = settleWithin(never, { deadlineMs: 10, signal: AbortSignal.abort() }, clock, tooLate);
    await expect(gone).rejects.toMatchObject({ code: 'cancelled' });
  });
});
