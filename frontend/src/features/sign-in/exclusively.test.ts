import { expect, it } from 'vitest';
import { createExclusively } from './exclusively.ts';

/** Work that ends when it is told to. */
function work<T>(result: T) {
  const { promise, resolve } = Promise.withResolvers<T>();
  let begun = false;
  return {
    run: () => {
      begun = true;
      return promise;
    },
    hasStarted: () => begun,
    end: () => resolve(result),
  };
}

it('runs exclusive work one after the other', async () => {
  const exclusively = createExclusively(navigator.locks);
  const first = work('first');
  const second = work('second');
  const firstDone = exclusively(first.run);
  const secondDone = exclusively(async () => {
    expect(first.hasStarted()).toBe(true);
    return second.run();
  });
  await new Promise(setImmediate);
  expect(second.hasStarted()).toBe(false);
  first.end();
  second.end();
  expect(await Promise.all([firstDone, secondDone])).toEqual(['first', 'second']);
});

it('stops waiting for a suspended tab', async () => {
  const sleeping = work('late');
  const slept = createExclusively(navigator.locks)(sleeping.run);
  expect(await createExclusively(navigator.locks, 20)(async () => 'not kept waiting')).toBe(
    'not kept waiting',
  );
  sleeping.end();
  expect(await slept).toBe('late');
});

it('passes on an error, and runs exclusive work once', async () => {
  let runs = 0;
  const failing = createExclusively(navigator.locks)(async () => {
    runs += 1;
    throw new Error('refused');
  });
  await expect(failing).rejects.toThrow('refused');
  expect(runs).toBe(1);
});

it('runs exclusive work in browsers without locks', async () => {
  expect(await createExclusively(undefined)(async () => 'done')).toBe('done');
});
