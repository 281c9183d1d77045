// Jobs in real worker threads: limits and turns.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { AppError } from './app-error.ts';
import { systemClock } from './clock.ts';
import { createIsolatedWork, type IsolatedWork, type WorkKind } from './isolated-work.ts';

const kind: WorkKind<string> = {
  module: new URL('./testing/obedient-worker.ts', import.meta.url),
  output: z.string(),
  deadlineMs: 30_000,
  waitingPerPerson: 2,
  tooCostly: () => new AppError('invalid_request', 'Too costly.'),
};
const tooCostly = { code: 'invalid_request', message: 'Too costly.' };

let work: IsolatedWork;
beforeEach(() => {
  work = createIsolatedWork({ clock: systemClock });
});
afterEach(() => work.close());

const run = (input: object, person = 'anna', more: Partial<WorkKind<string>> = {}, signal?: AbortSignal) =>
  work.run({ ...kind, ...more }, input, signal === undefined ? { person } : { person, signal });
const echo = (word: string, person?: string) => run({ act: 'echo', word }, person);

describe('an isolated job', () => {
  test("returns the worker's result", async () => {
    expect(await echo('tea')).toBe('tea');
  });

  test('rethrows an AppError of the worker', async () => {
    await expect(run({ act: 'refuse', word: 'taste' })).rejects.toMatchObject({
      ...{ code: 'key_format', message: 'No.', hint: 'Try yes.', details: { why: 'taste' } },
    });
  });

  test('that never ends is killed at its deadline, and the next one runs', async () => {
    await expect(run({ act: 'spin' }, 'anna', { deadlineMs: 300 })).rejects.toMatchObject(tooCostly);
    expect(await echo('after')).toBe('after');
  });

  test('that uses all memory is refused, and the process survives', async () => {
    await expect(run({ act: 'fill' })).rejects.toMatchObject(tooCostly);
    expect(await echo('after')).toBe('after');
  });

  test.each(['exit', 'throw'])('fails when its worker dies by %s, and the next one runs', async (act) => {
    await expect(run({ act })).rejects.not.toBeInstanceOf(AppError);
    expect(await echo('after')).toBe('after');
  });

  test('fails when its worker returns an invalid result', async () => {
    await expect(run({ act: 'echo', word: 7 })).rejects.toBeInstanceOf(z.ZodError);
  });

  test.each([
    ['runs', 0],
    ['waits', 1],
  ])('that %s ends when its signal aborts', async (_name, before) => {
    const others = Array.from({ length: before }, () => run({ act: 'spin' }).catch(() => 'closed'));
    const abort = new AbortController();
    const job = run({ act: 'spin' }, 'anna', {}, abort.signal);
    abort.abort(new Error('gone'));
    await expect(job).rejects.toThrow('gone');
    expect(await echo('after', 'berta')).toBe('after');
    await work.close();
    expect(await Promise.all(others)).toEqual(others.map(() => 'closed'));
  });

  test('is refused with shutting_down when Buoy stops, running or waiting', async () => {
    const jobs = [run({ act: 'spin' }), run({ act: 'spin' })].map((job) =>
      job.catch((error: unknown) => (error as AppError).code),
    );
    await work.close();
    expect(await Promise.all(jobs)).toEqual(['shutting_down', 'shutting_down']);
    await expect(echo('late')).rejects.toMatchObject({ code: 'shutting_down' });
  });
});

describe('turns of isolated jobs', () => {
  test("one person's many uploads do not delay others", async () => {
    const hers = [1, 2, 3].map(() => run({ act: 'spin' }).catch(() => 'closed'));
    expect(await echo('his', 'bruno')).toBe('his');
    await work.close();
    expect(await Promise.all(hers)).toEqual(['closed', 'closed', 'closed']);
  });

  test('answer 429 when one person has too many waiting', async () => {
    const hers = [1, 2, 3].map(() => run({ act: 'spin' }).catch(() => 'closed'));
    await expect(echo('one more')).rejects.toMatchObject({
      code: 'rate_limited',
      details: { retryAfterS: 30 },
    });
    await work.close();
    await Promise.all(hers);
  });

  test('alternate between people', async () => {
    const order: string[] = [];
    const note = (name: string) => () => void order.push(name);
    // Two run for as long as the others come.
    const first = [
      run({ act: 'wait', ms: 300, word: '' }, 'x'),
      run({ act: 'wait', ms: 300, word: '' }, 'y'),
    ];
    const slow = (word: string) => run({ act: 'wait', ms: 200, word }, 'anna').then(note(word));
    const bruno = () => echo('b1', 'bruno').then(note('b1'));
    await Promise.all([...first, slow('a1'), slow('a2'), bruno()]);
    expect(order.indexOf('b1')).toBeLessThan(order.indexOf('a2'));
  });
});
