import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isAtLeast } from './version.ts';

describe('the version of a Telegram client', () => {
  it.each([
    ['6.10', '6.9', true],
    ['6.9', '6.10', false],
    ['8.0', '8.0', true],
    ['8', '8.0', true],
    ['9.1', '8.0', true],
    ['7.7', '7.10', false],
    [null, '6.1', false],
    ['', '6.0', false],
    ['x.y', '6.1', false],
  ])('%s is at least %s: %s', (version, wanted, answer) => {
    expect(isAtLeast(version, wanted)).toBe(answer);
  });

  it('compares numerically by part', () => {
    const parts = fc.tuple(fc.nat({ max: 99 }), fc.nat({ max: 99 }));
    fc.assert(
      fc.property(parts, parts, ([major, minor], [wantedMajor, wantedMinor]) => {
        expect(isAtLeast(`${major}.${minor}`, `${wantedMajor}.${wantedMinor}`)).toBe(
          major * 100 + minor >= wantedMajor * 100 + wantedMinor,
        );
      }),
    );
  });
});
