import { describe, expect, test } from 'vitest';
import { createHeldBytes } from './held-bytes.ts';

const MIB = 1_048_576;
const refused = expect.objectContaining({ code: 'rate_limited', details: { retryAfterS: 10 } });

describe('held bytes', () => {
  test("refuses what goes above a person's limit, and frees each hold once", () => {
    const held = createHeldBytes(3 * MIB, 100 * MIB);
    const first = held.hold('a', 2 * MIB);
    expect(() => held.hold('a', 2 * MIB)).toThrow(refused);
    held.hold('b', 2 * MIB);
    first();
    first();
    held.hold('a', 3 * MIB);
    expect(() => held.hold('a', MIB)).toThrow(refused);
  });

  test('above the total a person gets one call at a time, so that others lock nobody out', () => {
    const held = createHeldBytes(3 * MIB, 6 * MIB);
    for (const id of ['a', 'b', 'c']) held.hold(id, 2 * MIB);
    expect(() => held.hold('a', MIB)).toThrow(refused);
    held.hold('a', 1_024);
    const theirs = held.hold('d', 2 * MIB);
    expect(() => held.hold('d', MIB)).toThrow(refused);
    theirs();
    held.hold('d', 2 * MIB);
  });

  test('what has ended no longer counts in the total', () => {
    const held = createHeldBytes(3 * MIB, 4 * MIB);
    const ends = ['a', 'b'].map((id) => held.hold(id, 2 * MIB));
    expect(() => held.hold('a', MIB)).toThrow(refused);
    for (const end of ends) end();
    held.hold('a', 2 * MIB);
    held.hold('a', MIB);
  });
});
