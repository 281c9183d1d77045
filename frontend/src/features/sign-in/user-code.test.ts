import fc from 'fast-check';
import { expect, it } from 'vitest';
import { normaliseUserCode } from './user-code.ts';

it.each([
  'ABCD-EFGH',
  'abcd-efgh',
  ' ABCDEFGH ',
  'abcd efgh',
  'ABCD – EFGH',
  'A B C D E F G H',
  'https://buoy.example/device#code=ABCD-EFGH',
])('reads "%s"', (typed) => {
  expect(normaliseUserCode(typed)).toBe('ABCD-EFGH');
});

it.each(['', 'ABCD', 'ABCD-EFGHJ', 'ABCD-EFG1', 'ABCD_EFGH', 'ÄBCD-EFGH', 'https://buoy.example/device'])(
  'sees that "%s" is no code',
  (typed) => {
    expect(normaliseUserCode(typed)).toBeNull();
  },
);

it('parses a formatted user code to itself', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[A-Za-z]{4}[-\s]?[A-Za-z]{4}$/), (typed) => {
      const code = normaliseUserCode(typed);
      expect(code).toMatch(/^[A-Z]{4}-[A-Z]{4}$/);
      expect(normaliseUserCode(code ?? '')).toBe(code);
    }),
  );
});
