import { describe, expect, test } from 'vitest';
import { announcedBytes, createHeldBytes } from './held-bytes.ts';

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

  test('a session leaves as much to the other sessions of its person, who has four times as much', () => {
    const held = createHeldBytes(3 * MIB, 100 * MIB);
    for (const session of ['one', 'two', 'three', 'four']) {
      held.hold('a', 3 * MIB, { session });
      expect(() => held.hold('a', MIB, { session })).toThrow(refused);
    }
    expect(() => held.hold('a', MIB, { session: 'five' })).toThrow(refused);
    held.hold('b', 3 * MIB, { session: 'six' });
  });

  test('short bodies take nothing from long ones, and are refused after 4 MiB of a session', () => {
    const held = createHeldBytes(3 * MIB, 100 * MIB);
    const ends = [];
    for (let body = 0; body < 256; body += 1) ends.push(held.hold('a', 16_384, { session: 'one' }));
    expect(() => held.hold('a', 16_384, { session: 'one' })).toThrow(refused);
    held.hold('a', 3 * MIB, { session: 'one' });
    held.hold('a', 16_384, { session: 'two' });
    ends[0]?.();
    held.hold('a', 16_384, { session: 'one' });
  });

  test('short answers are sent in any case', () => {
    const held = createHeldBytes(3 * MIB, 100 * MIB);
    for (let body = 0; body < 256; body += 1) held.hold('a', 16_384);
    held.hold('a', 16_384, { isAnswer: true });
  });

  test('what ends sign-ins has 512 KiB of its own in each session, whatever else is held', () => {
    const held = createHeldBytes(3 * MIB, 4 * MIB);
    const list = { session: 'one', isAnswer: true, endsSignIns: true };
    held.hold('a', 3 * MIB, { session: 'one' });
    held.hold('b', 3 * MIB);
    for (let body = 0; body < 256; body += 1) held.hold('a', 16_384, { session: 'one' });
    const end = held.hold('a', 400 * 1_024, list);
    held.hold('a', 1_024, { ...list, isAnswer: false });
    expect(() => held.hold('a', 400 * 1_024, list)).toThrow(refused);
    held.hold('a', 400 * 1_024, { ...list, session: 'two' });
    end();
    held.hold('a', 400 * 1_024, list);
  });
});

describe('announced bytes', () => {
  test('of a body in pieces are all that it may come to; others are as long as it says, or the limit', () => {
    const pieces = { 'transfer-encoding': 'chunked' };
    expect(announcedBytes('POST', pieces, MIB)).toBe(MIB);
    expect(announcedBytes('POST', { 'content-length': '10' }, MIB)).toBe(10);
    expect(announcedBytes('DELETE', { 'content-length': '9999999' }, MIB)).toBe(MIB);
    expect(announcedBytes('POST', {}, MIB)).toBe(0);
  });

  test('of a call that reads none are none', () => {
    for (const method of ['GET', 'HEAD'])
      for (const headers of [{ 'transfer-encoding': 'chunked' }, { 'content-length': '16384' }])
        expect(announcedBytes(method, headers, MIB)).toBe(0);
  });
});
