// Values and nesting of JSON texts, counted without parsing them.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jsonExcess } from './json-size.ts';

/** Values of lists and objects in a parsed text, and how deep it goes. */
function measure(value: unknown): { depth: number; values: number } {
  if (typeof value !== 'object' || value === null) return { depth: 0, values: 0 };
  const inner = Object.values(value).map(measure);
  return {
    depth: 1 + Math.max(0, ...inner.map(({ depth }) => depth)),
    // An empty one counts as one: it costs as much.
    values: Math.max(1, inner.length) + inner.reduce((sum, { values }) => sum + values, 0),
  };
}

test('JSON size: a text passes exactly at its own limits', () => {
  fc.assert(
    fc.property(
      fc.jsonValue({ stringUnit: fc.constantFrom('"', '\\', '[', '{', ',', 'a', '}') }),
      (value) => {
        const text = JSON.stringify(value);
        const { depth, values } = measure(value);
        expect(jsonExcess(text, { depth, values })).toBeNull();
        if (depth > 0) expect(jsonExcess(text, { depth: depth - 1, values })).toBe('depth');
        if (values > 0) expect(jsonExcess(text, { depth, values: values - 1 })).toBe('values');
      },
    ),
  );
});

test.each(['"', '"\\', '"\\"', '\\', '"\\\\', '[[["', ''])(
  'JSON size: counts invalid JSON without throwing: %s',
  (text) => {
    expect(jsonExcess(text, { depth: 9, values: 9 })).toBeNull();
  },
);

test('JSON size: 8 MB of quotes and backslashes take linear time', () => {
  const before = process.threadCpuUsage();
  for (const piece of ['\\', '\\"', '"', '"\\\\"', 'a'])
    jsonExcess(`"${piece.repeat((8 * 1024 * 1024) / piece.length)}`, { depth: 9, values: 9 });
  expect(process.threadCpuUsage(before).user / 1_000).toBeLessThan(2_000);
});
