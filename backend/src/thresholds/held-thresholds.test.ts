// Which of the server's, its tags' and the default thresholds hold.
import {
  byThreshold,
  defaultThresholds,
  isStricter,
  type ThresholdName,
  thresholdChange,
  thresholdLimits,
  thresholdNames,
  thresholdPairs,
} from '@buoy/contract';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ChosenThresholds, heldThresholds, storedThresholds } from './held-thresholds.ts';

const valueFor = (name: ThresholdName) => {
  const { min, max, isWhole } = thresholdLimits[name];
  return isWhole ? fc.integer({ min, max }) : fc.double({ min, max, noNaN: true });
};
const chosen: fc.Arbitrary<ChosenThresholds> = fc.record(byThreshold(valueFor), { requiredKeys: [] });
const byTag = fc
  .array(chosen, { maxLength: 20 })
  .map((all) => all.map((one, index) => ({ tag: `t${index}`, chosen: one })));

test('a server has its own value, else the strictest of its tags, else the default', () => {
  fc.assert(
    fc.property(chosen, byTag, (own, tags) => {
      const held = heldThresholds({ own, byTag: tags });
      for (const name of thresholdNames) {
        const pair = thresholdPairs.find(({ warn }) => warn === name);
        // A warning behind its critical value begins with that one.
        if (pair !== undefined && held[name].value === held[pair.critical].value) continue;
        const values = tags.flatMap((one) => one.chosen[name] ?? []);
        if (own[name] !== undefined) expect(held[name]).toMatchObject({ value: own[name], from: 'server' });
        else if (values.length === 0)
          expect(held[name]).toMatchObject({ value: defaultThresholds[name], from: 'default', tag: null });
        else {
          const { value, from, tag } = held[name];
          expect(from).toBe('tag');
          expect(tags.find((one) => one.tag === tag)?.chosen[name]).toBe(value);
          expect(values.some((one) => isStricter(name, one, value))).toBe(false);
        }
      }
    }),
  );
});

test('whatever tags and server say together, no warning comes after what is critical', () => {
  fc.assert(
    fc.property(chosen, byTag, (own, tags) => {
      const held = heldThresholds({ own, byTag: tags });
      for (const { warn, critical } of thresholdPairs)
        expect(isStricter(critical, held[critical].value, held[warn].value)).toBe(false);
    }),
  );
});

describe('what is stored', () => {
  test('and is none that this version takes is inherited', () => {
    const text = '{"diskWarnShare":0.7,"clockSkewS":1e9,"expiryDays":"soon","memoryWarnShare":-1,"other":5}';
    expect(storedThresholds(text)).toEqual({ diskWarnShare: 0.7 });
    for (const odd of ['null', '[]', '7']) expect(storedThresholds(odd)).toEqual({});
  });

  test('is read as it was chosen', () => {
    fc.assert(
      fc.property(chosen, (one) => {
        expect(storedThresholds(JSON.stringify(one))).toEqual(one);
      }),
    );
  });
});

test('a change takes exactly what is within the bounds, and no number that is none', () => {
  for (const name of thresholdNames) {
    const { min, max } = thresholdLimits[name];
    for (const value of [min, max, null])
      expect(thresholdChange.safeParse({ [name]: value }).success).toBe(true);
    for (const value of [
      min - 1,
      max + 1,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      1e308,
    ])
      expect(thresholdChange.safeParse({ [name]: value }).success).toBe(false);
  }
});
