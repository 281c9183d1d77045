import { expect, test } from 'vitest';
import { sparkline } from './sparkline.ts';

test('draws a bar for each value, up to the highest one, and a space for none', () => {
  expect(sparkline([0, 50, null, 100], 10)).toBe('▁▅ █');
});

test('measures values by the given top', () => {
  expect(sparkline([0.5, 1], 10, 1)).toBe('▅█');
});

test('averages the values that share a character', () => {
  expect(sparkline([0, 100, null, 100, null, null], 3)).toBe('▅█ ');
});

test('draws the lowest bars where all values are zero, and nothing for no values', () => {
  expect(sparkline([0, 0], 10)).toBe('▁▁');
  expect(sparkline([], 10)).toBe('');
});
