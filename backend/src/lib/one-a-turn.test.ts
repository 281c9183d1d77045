// Turns of the event loop that are shared: one at a time, and fair to those who want few.
import { expect, test } from 'vitest';
import { createOneATurn } from './one-a-turn.ts';

test('gives each turn of the event loop to one, in their order', async () => {
  const myTurn = createOneATurn();
  const seen: string[] = [];
  let turn = 0;
  const count = () => {
    turn += 1;
    next = setImmediate(count);
  };
  let next = setImmediate(count);
  const want = (name: string) => myTurn().then(() => seen.push(`${name} ${turn}`));
  await Promise.all(['a', 'b', 'c'].map(want));
  clearImmediate(next);
  expect(seen.map((one) => one.charAt(0))).toEqual(['a', 'b', 'c']);
  expect(new Set(seen.map((one) => one.slice(2))).size).toBe(3);
});

test('lets shares take turns, so that one with much work delays only itself', async () => {
  const myTurn = createOneATurn();
  const seen: string[] = [];
  const want = (share: string) => myTurn(share).then(() => seen.push(share));
  await Promise.all([...Array(50).fill('ada'), 'berta', 'carl', 'berta'].map(want));
  expect(seen.slice(0, 6)).toEqual(['ada', 'berta', 'carl', 'ada', 'berta', 'ada']);
  expect(seen).toHaveLength(53);
});
