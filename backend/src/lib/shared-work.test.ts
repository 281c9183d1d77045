// Shared work: begun once for all who wait, and left by each at their own time.
import { beforeEach, expect, test } from 'vitest';
import { createSharedWork } from './shared-work.ts';

const never = new AbortController().signal;
let begun: Array<{
  key: string;
  signal: AbortSignal;
  end: (value: string) => void;
  fail: (error: Error) => void;
}>;
let ask: ReturnType<typeof createSharedWork<string>>;

beforeEach(() => {
  begun = [];
  ask = createSharedWork(
    (key, signal) =>
      new Promise((end, fail) => {
        begun.push({ key, signal, end, fail });
      }),
  );
});

test('is begun once for all callers of a key, and again after its end', async () => {
  const answers = [ask('a', never), ask('a', never), ask('b', never)];
  expect(begun.map(({ key }) => key)).toEqual(['a', 'b']);
  begun[0]?.end('of a');
  begun[1]?.end('of b');
  expect(await Promise.all(answers)).toEqual(['of a', 'of a', 'of b']);
  const later = ask('a', never);
  begun[2]?.end('newer');
  expect(await later).toBe('newer');
});

test('a failure reaches all who wait, and the next caller begins anew', async () => {
  const answers = [ask('a', never), ask('a', never)];
  begun[0]?.fail(new Error('broken'));
  for (const answer of answers) await expect(answer).rejects.toThrow('broken');
  const later = ask('a', never);
  begun[1]?.end('mended');
  expect(await later).toBe('mended');
});

test('a caller who leaves gets their own reason, and the others the result', async () => {
  const leaving = new AbortController();
  const left = ask('a', leaving.signal);
  const stays = ask('a', never);
  leaving.abort(new Error('gone'));
  await expect(left).rejects.toThrow('gone');
  expect(begun[0]?.signal.aborted).toBe(false);
  begun[0]?.end('of a');
  expect(await stays).toBe('of a');
});

test('is stopped when all callers have left, and the next caller begins anew', async () => {
  const leaving = new AbortController();
  const left = [ask('a', leaving.signal), ask('a', leaving.signal)];
  leaving.abort(new Error('gone'));
  for (const one of left) await expect(one).rejects.toThrow('gone');
  expect(begun[0]?.signal.aborted).toBe(true);
  const later = ask('a', never);
  begun[0]?.fail(new Error('stopped'));
  begun[1]?.end('newer');
  expect(await later).toBe('newer');
});

test('is not begun for a caller who has left already', async () => {
  await expect(ask('a', AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone');
  expect(begun).toEqual([]);
});
