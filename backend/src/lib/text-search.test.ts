import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createTextSearch } from './text-search.ts';

/** So few letters make texts that begin anew within themselves. */
const letters = (options: { minLength?: number; maxLength: number }) =>
  fc.string({ unit: fc.constantFrom('a', 'b', 'é'), ...options });

test('finds what the search of the language finds', () => {
  fc.assert(
    fc.property(letters({ minLength: 1, maxLength: 7 }), letters({ maxLength: 40 }), (wanted, text) => {
      const search = createTextSearch(wanted);
      expect(search.isIn(text)).toBe(text.includes(wanted));
      expect(search.replacedIn(text, '[x]')).toBe(text.replaceAll(wanted, '[x]'));
    }),
    { numRuns: 2_000 },
  );
});

test('finds a text in pieces as in the whole', () => {
  fc.assert(
    fc.property(
      letters({ minLength: 1, maxLength: 7 }),
      letters({ maxLength: 40 }),
      fc.integer({ min: 1, max: 5 }),
      (wanted, text, size) => {
        const bytes = Buffer.from(text);
        const search = createTextSearch(wanted);
        const whole: number[] = [];
        const left = search.find(bytes, 0, (end) => whole.push(end));
        const pieces: number[] = [];
        let begun = 0;
        for (let at = 0; at < bytes.length; at += size)
          begun = search.find(bytes.subarray(at, at + size), begun, (end) => pieces.push(at + end));
        expect(pieces).toEqual(whole);
        expect(begun).toBe(left);
      },
    ),
    { numRuns: 2_000 },
  );
});
