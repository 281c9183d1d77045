// Versions are compared number by number, as people count.
import { expect, test } from 'vitest';
import { compareVersions } from './compare-versions.ts';

test.each<[string, '<' | '=' | '>', string]>([
  ['24.9.0', '<', '24.21.0'],
  ['v24.21.0', '=', '24.21.0'],
  ['2026.9.6', '>', '2026.7.35'],
  ['2027.1.0', '>', '2026.12.31'],
  ['2026.9.6-beta.1', '<', '2026.9.6'],
  ['2026.9.6', '>', '2026.9.6-beta.1'],
  ['2026.9.6-beta.1', '<', '2026.9.6-beta.2'],
  ['2026.9.6-beta.10', '>', '2026.9.6-beta.2'],
  ['2026.9.6-1', '>', '2026.9.6'],
  ['2026.9.6-10', '>', '2026.9.6-2'],
  ['2026.9.6-1', '>', '2026.9.6-beta.2'],
  ['2026.9.6-1', '<', '2026.9.7'],
  ['2026.9.6-1', '=', '2026.9.6-1'],
])('%s %s %s', (one, sign, other) => {
  expect(Math.sign(compareVersions(one, other) ?? Number.NaN)).toBe({ '<': -1, '=': 0, '>': 1 }[sign]);
});

test.each(['', 'latest', '24', '24.21', '1.2.3.4', 'x1.2.3'])('"%s" is no exact version', (text) => {
  expect(compareVersions(text, '1.2.3')).toBe(null);
  expect(compareVersions('1.2.3', text)).toBe(null);
});
