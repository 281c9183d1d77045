// Tests that nobody waits for do not all begin together, and those of one person keep nobody else's waiting.
import { expect, test } from 'vitest';
import { createBackgroundTests } from './background-tests.ts';

const settled = () => new Promise((resolve) => setImmediate(resolve));

/** Tests that begin and do not end. */
function begun() {
  const people: string[] = [];
  const tests = createBackgroundTests({ throttle: async () => undefined });
  const begin = (person: string) =>
    tests.inTurn(person, () => {
      people.push(person);
      return new Promise<void>(() => {});
    });
  return { tests, begin, people };
}

test('200 silent servers of one person leave room for the first test of somebody else', async () => {
  const { begin, people } = begun();
  for (let index = 0; index < 200; index += 1) void begin('bob');
  await settled();
  expect(people).toHaveLength(12);
  void begin('ada');
  await settled();
  expect(people.at(-1)).toBe('ada');
});

test('no more than 24 run at a time, however many people add servers', async () => {
  const { begin, people } = begun();
  for (let index = 0; index < 100; index += 1) void begin(`person ${index}`);
  await settled();
  expect(people).toHaveLength(24);
});

test('one that ended makes room for the next', async () => {
  const tests = createBackgroundTests({ throttle: async () => undefined });
  let ended = 0;
  await Promise.all(
    Array.from({ length: 100 }, () =>
      tests.inTurn('ada', async () => {
        ended += 1;
        if (ended === 50) throw new Error('one that fails');
      }),
    ).map((one) => one.catch(() => undefined)),
  );
  expect(ended).toBe(100);
});

test('those that wait while Buoy stops do not begin', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const tests = createBackgroundTests({ throttle: () => promise });
  const waiting = tests.inTurn('ada', () => expect.unreachable());
  tests.close();
  resolve();
  await expect(waiting).rejects.toMatchObject({ code: 'shutting_down' });
});
