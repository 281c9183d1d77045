// Texts of a server with more in them than is parsed at once.
import { expect, test } from 'vitest';
import { expectUsualConfig, holdsTooMuch, parseJson, parseJson5 } from './json-limits.ts';

const many = `[${'{},'.repeat(50_000)}{}]`;

test('counts values, and not the commas and brackets inside of strings', () => {
  expect(holdsTooMuch(many)).toBe(true);
  expect(holdsTooMuch(JSON.stringify({ text: many }))).toBe(false);
  expect(holdsTooMuch(JSON.stringify({ text: `"${many}\\` }))).toBe(false);
});

test('counts how deep objects and lists stand inside each other', () => {
  expect(holdsTooMuch(`${'['.repeat(201)}${']'.repeat(201)}`)).toBe(true);
  expect(holdsTooMuch(`${'['.repeat(200)}${']'.repeat(200)}`)).toBe(false);
});

test('more than is parsed at once is no JSON', () => {
  expect(parseJson(many)).toBeUndefined();
  expect(parseJson('{"a":1}')).toEqual({ a: 1 });
  expect(parseJson('{')).toBeUndefined();
});

test('a config file is JSON of any usual length, or JSON5 that a person has written', () => {
  expect(parseJson5(`{"a":"${'x'.repeat(300_000)}"}`)).toMatchObject({ a: expect.any(String) });
  expect(parseJson5('{ a: 1, /* why */ }')).toEqual({ a: 1 });
  expect(() => parseJson5('{ a: ')).toThrow(/JSON5/);
  expect(() => parseJson5(`{ a: 1, ${' '.repeat(300_000)} }`)).toThrow(/larger than Buoy accepts/);
});

test('a config with endless values or text is not looked through', () => {
  expect(() =>
    expectUsualConfig({ agents: { list: Array(500).fill({ id: 'a', name: 'b' }) } }),
  ).not.toThrow();
  expect(() => expectUsualConfig({ list: Array(10_000).fill(1) })).toThrow(/larger than Buoy accepts/);
  expect(() => expectUsualConfig({ text: 'x'.repeat(1_000_001) })).toThrow(/larger than Buoy accepts/);
});
