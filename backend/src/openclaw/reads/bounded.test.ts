// Lists are measured before their elements are parsed, and texts are truncated.
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

test('bounds › refuse a list that is too long, without parsing its elements', () => {
  const parse = vi.fn((value: unknown) => value);
  const list = z.looseObject({ rows: boundedArray(z.unknown().transform(parse), 2) });
  expect(list.safeParse({ rows: [1, 2] }).success).toBe(true);
  expect(parse).toHaveBeenCalledTimes(2);
  const refused = list.safeParse({ rows: [1, 2, 3] });
  expect(exceededBound(refused.error!)).toBe(2);
  expect(parse).toHaveBeenCalledTimes(2);
});

test('bounds › do not report a value that is not a list as too long', () => {
  const refused = z.looseObject({ rows: boundedArray(z.string(), 2) }).safeParse({});
  expect(refused.success).toBe(false);
  expect(exceededBound(refused.error!)).toBeNull();
});

test('bounds › parse only the first elements where the rest is ignored', () => {
  const parse = vi.fn((value: unknown) => value);
  expect(firstOf(z.unknown().transform(parse), 2).parse(['a', 'b', 'c'])).toEqual(['a', 'b']);
  expect(parse).toHaveBeenCalledTimes(2);
  expect(firstOf(z.string(), 2).safeParse('a').success).toBe(false);
});

test('bounds › refuse such a list at its first wrong element, and tell its place', () => {
  const parse = vi.fn((value: unknown) => value);
  const element = z
    .unknown()
    .transform(parse)
    .pipe(z.looseObject({ id: z.string() }));
  const answer = z.looseObject({ rows: firstOf(element, 9) });
  const refused = answer.safeParse({ rows: [{ id: 'a' }, { id: 0 }, { id: 0 }] });
  expect(refused.error?.issues).toMatchObject([{ code: 'invalid_type', path: ['rows', 1, 'id'] }]);
  expect(parse).toHaveBeenCalledTimes(2);
  const nested = firstOf(z.looseObject({ names: boundedArray(z.string(), 1) }), 9);
  expect(exceededBound(nested.safeParse([{ names: ['a', 'b'] }]).error!)).toBe(1);
});

test('bounds › limit the keys of an object', () => {
  const record = boundedRecord(z.string(), 2);
  expect(record.parse({ a: 'x', b: 'y' })).toEqual({ a: 'x', b: 'y' });
  expect(exceededBound(record.safeParse({ a: 'x', b: 'y', c: 'z' }).error!)).toBe(2);
});

test('bounds › apply to a field of any type', () => {
  const answer = withinBounds(
    { channels: 1 },
    z.looseObject({ channels: z.record(z.string(), z.string()).catch({}) }),
  );
  expect(answer.parse({ channels: 5 })).toEqual({ channels: {} });
  expect(answer.parse({})).toEqual({ channels: {} });
  expect(exceededBound(answer.safeParse({ channels: { a: 'x', b: 'y' } }).error!)).toBe(1);
  expect(answer.safeParse(null).success).toBe(false);
});

test('bounds › truncate texts between characters, and drop what a database cannot store', () => {
  expect(cutText(3).parse('abcd')).toBe('abc');
  expect(cutText(2).parse('a😀')).toBe('a\uFFFD');
  expect(cutText(9).parse('a\0b')).toBe('ab');
  expect(nameText.nullish().catch(null).parse(5)).toBeNull();
});

test('bounds › leave no half of a character in a text, however short', () => {
  expect(nameText.parse('agent:main:\ud800')).toBe('agent:main:\uFFFD');
  expect(cutText(9).parse('\udc00\0\ud83d\0\ude00')).toBe('\uFFFD😀');
  expect(cutText(9).parse('a😀')).toBe('a😀');
});
