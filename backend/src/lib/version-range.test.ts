// Ranges of versions, as OpenClaw's package.json names the versions of Node that it runs on.
import { describe, expect, test } from 'vitest';
import { isInRange } from './version-range.ts';

const NOW = '>=24.16.0 <25 || >=26.1.0';
const BEFORE = '>=22.22.3 <23 || >=24.15.0 <25 || >=25.9.0';

describe('isInRange', () => {
  test.each([
    [NOW, '24.15.9', false],
    [NOW, '24.16.0', true],
    [NOW, '24.99.1', true],
    [NOW, '25.9.0', false],
    [NOW, '26.0.9', false],
    [NOW, '26.1.0', true],
    [NOW, '31.0.0', true],
    [BEFORE, '23.0.0', false],
    [BEFORE, '22.22.3', true],
    [BEFORE, '25.9.0', true],
    ['^20.17.0 || >= 22.9.0', '20.99.0', true],
    ['^20.17.0 || >= 22.9.0', '21.0.0', false],
    ['^20.17.0 || >= 22.9.0', '22.9.0', true],
    ['24', '24.3.1', true],
    ['24.x', '25.0.0', false],
    ['~24.16', '24.16.7', true],
    ['~24.16', '24.17.0', false],
    ['>24', '24.9.0', false],
    ['>24', '25.0.0', true],
    ['<=24.16', '24.16.9', true],
    ['<=24.16', '24.17.0', false],
    ['24.16.1', '24.16.1', true],
    ['24.16.1', '24.16.2', false],
    ['*', '1.2.3', true],
    ['', '1.2.3', true],
  ])('of "%s", %s is in it: %j', (range, version, isIn) => {
    expect(isInRange(version, range)).toBe(isIn);
  });

  test.each([
    ['24.16.0 - 25', '24.16.0'],
    ['>=24 <lts', '24.16.0'],
    ['^0.2.3', '24.16.0'],
    ['>=24', '24'],
    ['>=24', '24.16.0-rc.1'],
    [`>=24${' '.repeat(1_000)}`, '24.16.0'],
  ])('does not guess about "%s" and %s', (range, version) => {
    expect(isInRange(version, range)).toBeNull();
  });
});
