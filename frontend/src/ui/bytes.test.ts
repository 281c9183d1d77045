import fc from 'fast-check';
import { expect, it } from 'vitest';
import { formatBytes } from './bytes.ts';

it.each([
  [0, '0 B'],
  [1_023, '1023 B'],
  [1_024, '1.0 KiB'],
  [10_240, '10 KiB'],
  [1_048_575, '1.0 MiB'],
  [851_443_712, '812 MiB'],
  [4_000_000_000, '3.7 GiB'],
])('%i bytes are "%s"', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

it('never shows a thousand of a unit, and is near the truth', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2 ** 50 }), (bytes) => {
      const [amount, unit] = formatBytes(bytes).split(' ');
      const size = 1024 ** ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'].indexOf(unit ?? '');
      expect(Number(amount)).toBeLessThan(1024);
      expect(Math.abs(Number(amount) * size - bytes)).toBeLessThanOrEqual(bytes * 0.06);
    }),
  );
});
