import { expect, it } from 'vitest';
import { isDark } from './apply-theme.ts';

it.each([
  ['#17212b', true],
  ['#000000', true],
  ['#ffffff', false],
  ['#efeff4', false],
  ['#2481cc', true],
])('tells whether %s is dark', (color, dark) => {
  expect(isDark(color)).toBe(dark);
});
