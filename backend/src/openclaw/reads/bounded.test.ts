// Lists are measured before their elements are parsed, and texts are cut.
import { expect, test, vi } from 'vitest';
import { z } from 'zod';
import {
  boundedArray,
  boundedRecord,
  cutText,
  exceededBound,
  firstOf,
  nameText,
  withinBounds,
} from './bounded.ts';

test('a list beyond its bound is refused, and none of its elements is parsed', () => {
  const parse = vi.fn((value: unknown) => value);
  const list = z.looseObject({ rows: boundedArray(z.unknown().transform(parse), 2) });
  expect(list.safeParse({ rows: [1, 2] }).success).toBe(true);
  expect(parse).toHaveBeenCalledTimes(2);
  const refused = list.safeParse({ rows: [1, 2, 3] });
  expect(exceededBound(refused.error!)).toBe(2);
  expect(parse).toHaveBeenCalledTimes(2);
});

test('what is no list is no list that is too long', () => {
  const refused = z.looseObject({ rows: boundedArray(z.string(), 2) }).safeParse({});
  expect(refused.success).toBe(false);
  expect(exceededBound(refused.error!)).toBeNull();
});

test('of a list of which the first count, the others are not parsed', () => {
  const parse = vi.fn((value: unknown) => value);
  expect(firstOf(z.unknown().transform(parse), 2).parse(['a', 'b', 'c'])).toEqual(['a', 'b']);
  expect(parse).toHaveBeenCalledTimes(2);
  expect(firstOf(z.string(), 2).safeParse('a').success).toBe(false);
});

test('an object has as many keys as it may have', () => {
  const record = boundedRecord(z.string(), 2);
  expect(record.parse({ a: 'x', b: 'y' })).toEqual({ a: 'x', b: 'y' });
  expect(exceededBound(record.safeParse({ a: 'x', b: 'y', c: 'z' }).error!)).toBe(2);
});

test('a bound on a field holds also where the field may be anything', () => {
  const answer = withinBounds(
    { channels: 1 },
    z.looseObject({ channels: z.record(z.string(), z.string()).catch({}) }),
  );
  expect(answer.parse({ channels: 5 })).toEqual({ channels: {} });
  expect(answer.parse({})).toEqual({ channels: {} });
  expect(exceededBound(answer.safeParse({ channels: { a: 'x', b: 'y' } }).error!)).toBe(1);
  expect(answer.safeParse(null).success).toBe(false);
});

test('texts are cut between characters, and lose what a database does not store', () => {
  expect(cutText(3).parse('abcd')).toBe('abc');
  expect(cutText(2).parse('a😀')).toBe('a\uFFFD');
  expect(cutText(9).parse('a\0b')).toBe('ab');
  expect(nameText.nullish().catch(null).parse(5)).toBeNull();
});
