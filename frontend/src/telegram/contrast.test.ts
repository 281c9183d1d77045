import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contrastOf, readable } from './contrast.ts';

const anyColor = fc.stringMatching(/^#[0-9a-f]{6}$/);

describe('the contrast of two colours', () => {
  it.each([
    ['#000000', '#ffffff', 21],
    ['#ffffff', '#ffffff', 1],
    ['#777777', '#ffffff', 4.48],
    ['#2481cc', '#ffffff', 4.13],
  ])('of %s and %s is %d', (one, other, ratio) => {
    expect(contrastOf(one, other)).toBeCloseTo(ratio, 1);
    expect(contrastOf(other, one)).toBe(contrastOf(one, other));
  });
});

describe('a colour of Telegram', () => {
  it('is unchanged when readable', () => {
    expect(readable('#6ab3f3', ['#17212b', '#0e1621'])).toBe('#6ab3f3');
  });

  it('becomes a darker shade on a light page, and a lighter one on a dark page', () => {
    for (const [color, page] of [
      ['#2481cc', '#ffffff'],
      ['#007aff', '#f2f2f7'],
      ['#3a5a80', '#17212b'],
    ] as const) {
      const shade = readable(color, [page]);
      expect(shade).not.toBe(color);
      expect(contrastOf(shade, page)).toBeGreaterThanOrEqual(4.5);
      expect(contrastOf(shade, page)).toBeLessThan(6);
    }
  });

  it('is readable on any page', () => {
    fc.assert(
      fc.property(anyColor, anyColor, (color, page) => {
        expect(contrastOf(readable(color, [page]), page)).toBeGreaterThanOrEqual(4.5);
      }),
    );
  });
});
