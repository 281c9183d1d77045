import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createRechecks, type Rechecks } from './rechecks.ts';

let rechecks: Rechecks;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
  rechecks = createRechecks();
});
afterEach(() => {
  rechecks.close();
  vi.useRealTimers();
});
const second = async () => {
  vi.advanceTimersByTime(1_000);
  // Whatever a round has asked is answered within some turns of the event loop.
  for (let turn = 0; turn < 50; turn += 1) await new Promise(setImmediate);
};

test('rechecks nothing within the first second, then once a second', async () => {
  const isAdmitted = vi.fn(async () => true);
  const stop = rechecks.watch('a', 1_000, isAdmitted, () => undefined);
  stop();
  await second();
  expect(isAdmitted).not.toHaveBeenCalled();
  rechecks.watch('a', 1_000, isAdmitted, () => undefined);
  await second();
  await second();
  expect(isAdmitted).toHaveBeenCalledTimes(2);
});

test('rechecks a stream in the next round', async () => {
  vi.advanceTimersByTime(900);
  const isAdmitted = vi.fn(async () => true);
  rechecks.watch('a', 0, isAdmitted, () => undefined);
  vi.advanceTimersByTime(100);
  expect(isAdmitted).toHaveBeenCalledOnce();
});

test('rechecks once per round for the same key, and refuses all of them', async () => {
  const isAdmitted = vi.fn(async () => false);
  const onRefused = vi.fn();
  for (let count = 0; count < 60; count += 1) rechecks.watch('a', 1_000, isAdmitted, onRefused);
  await second();
  expect(isAdmitted).toHaveBeenCalledTimes(1);
  expect(onRefused).toHaveBeenCalledTimes(60);
  await second();
  expect(onRefused).toHaveBeenCalledTimes(60);
});

test('refuses when the recheck fails', async () => {
  const onRefused = vi.fn();
  rechecks.watch('a', 1_000, () => Promise.reject(new Error('no database')), onRefused);
  await second();
  expect(onRefused).toHaveBeenCalledOnce();
});
