import { expect, test } from 'vitest';
import { stripCounts, stripPaths } from './strip-paths.ts';

test('each day stands in one outline, in its place', () => {
  const { whole, broken, unseen } = stripPaths([null, 1, 0.9999, 0]);
  expect(unseen).toBe('M0 7.5h0.72V10h-0.72z');
  expect(whole).toBe('M1 0h0.72V10h-0.72z');
  expect(broken).toBe('M2 3.5h0.72V10h-0.72zM3 3.5h0.72V10h-0.72z');
});

test('days are counted by what was seen of them', () => {
  expect(stripCounts([null, 1, 1, 0.5])).toEqual({ whole: 2, broken: 1, unseen: 1 });
  expect(stripCounts([])).toEqual({ whole: 0, broken: 0, unseen: 0 });
});
