// withTimeout on a FakeClock.
import { describe, expect, test } from 'vitest';
import { AppError } from './app-error.ts';
import { createFakeClock } from './testing/fake-clock.ts';
import { withTimeout } from './with-timeout.ts';

const tooLate = (deadlineMs: number) => new AppError('deadline', `Not within ${deadlineMs} ms.`);

describe('withTimeout', () => {
  test('resolves or rejects as the work does', async () => {
    const clock = createFakeClock();
    expect(await withTimeout(Promise.resolve(7), { deadlineMs: 10 }, clock, tooLate)).toBe(7);
    const failed = withTimeout(Promise.reject(new Error('own')), { deadlineMs: 10 }, clock, tooLate);
    await expect(failed).rejects.toThrow('own');
  });

  test('rejects at the deadline, and swallows a later failure', async () => {
    const clock = createFakeClock();
    const { promise, reject } = Promise.withResolvers<never>();
    let ended = false;
    const waiting = withTimeout(promise, { deadlineMs: 10 }, clock, tooLate).catch((error: unknown) => {
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

  test('rejects when the signal aborts, at once if already aborted', async () => {
    const clock = createFakeClock();
    const never = new Promise<never>(() => undefined);
    const controller = new AbortController();
    const waiting = withTimeout(never, { deadlineMs: 10, signal: controller.signal }, clock, tooLate);
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
    const gone = withTimeout(never, { deadlineMs: 10, signal: AbortSignal.abort() }, clock, tooLate);
    await expect(gone).rejects.toMatchObject({ code: 'cancelled' });
  });
});
