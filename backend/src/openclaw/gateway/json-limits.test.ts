// Limits for JSON from servers, checked before parsing.
import { expect, test } from 'vitest';
import { expectUsualConfig, holdsTooMuch, parseJson, parseJson5 } from './json-limits.ts';

const many = `[${'{},'.repeat(50_000)}{}]`;

test('JSON limits › count values, but not commas and brackets inside strings', () => {
  expect(holdsTooMuch(many)).toBe(true);
  expect(holdsTooMuch(JSON.stringify({ text: many }))).toBe(false);
  expect(holdsTooMuch(JSON.stringify({ text: `"${many}\\` }))).toBe(false);
});

test('JSON limits › count the nesting depth of objects and lists', () => {
  expect(holdsTooMuch(`${'['.repeat(201)}${']'.repeat(201)}`)).toBe(true);
  expect(holdsTooMuch(`${'['.repeat(200)}${']'.repeat(200)}`)).toBe(false);
});

test('JSON limits › text beyond a limit is refused as JSON', () => {
  expect(parseJson(many)).toBeUndefined();
  expect(parseJson('{"a":1}')).toEqual({ a: 1 });
  expect(parseJson('{')).toBeUndefined();
});

test.each([parseJson, parseJson5])('JSON limits › %o reads halves of characters as U+FFFD', (parse) => {
  expect(parse(String.raw`["\ud800",{"a\uDC00b":["\ud83d\ude00 \ud83d"],"__proto__":"\ude00"}]`)).toEqual([
    '\uFFFD',
    JSON.parse('{"a\uFFFDb":["😀 \uFFFD"],"__proto__":"\uFFFD"}'),
  ]);
  expect(parse(String.raw`"\ud800"`)).toBe('\uFFFD');
  expect(parse(String.raw`"\\ud800"`)).toBe(String.raw`\ud800`);
});

test('JSON limits › read halves of characters of JSON5 as U+FFFD', () => {
  expect(parseJson5(String.raw`{ a: '\ud800' }`)).toEqual({ a: '\uFFFD' });
});

test('JSON limits › accept a config file as JSON of any usual length, or as short JSON5', () => {
  expect(parseJson5(`{"a":"${'x'.repeat(300_000)}"}`)).toMatchObject({ a: expect.any(String) });
  expect(parseJson5('{ a: 1, /* why */ }')).toEqual({ a: 1 });
  expect(() => parseJson5('{ a: ')).toThrow(/JSON5/);
  expect(() => parseJson5(`{ a: 1, ${' '.repeat(300_000)} }`)).toThrow(/larger than Buoy accepts/);
});

test('JSON limits › refuse a config with too many values or too much text', () => {
  expect(() =>
    expectUsualConfig({ agents: { list: Array(500).fill({ id: 'a', name: 'b' }) } }),
  ).not.toThrow();
  expect(() => expectUsualConfig({ list: Array(10_000).fill(1) })).toThrow(/larger than Buoy accepts/);
  expect(() => expectUsualConfig({ text: 'x'.repeat(1_000_001) })).toThrow(/larger than Buoy accepts/);
});
