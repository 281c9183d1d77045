import { describe, expect, test } from 'vitest';
import { codeOf, controlled } from './key-codes.ts';

describe('a key of the screen sends', () => {
  test.each([
    ['escape', false, false, '\x1b'],
    ['tab', false, false, '\t'],
    ['up', false, false, '\x1b[A'],
    ['up', true, false, '\x1bOA'],
    ['left', true, true, '\x1b[1;5D'],
    ['pipe', false, false, '|'],
    ['slash', false, true, '\x1f'],
    ['tab', false, true, '\t'],
  ] as const)('%s (application %s, Ctrl %s) %j', (key, isApplication, withControl, code) => {
    expect(codeOf(key, isApplication, withControl)).toBe(code);
  });
});

describe('Ctrl with what is typed', () => {
  test.each([
    ['c', '\x03'],
    ['C', '\x03'],
    ['d', '\x04'],
    ['[', '\x1b'],
    [' ', '\x00'],
    ['?', '\x7f'],
    // Suggestions of a phone's keyboard come as words.
    ['cd', '\x03d'],
    ['я', 'я'],
    ['1', '1'],
    ['', ''],
  ])('%j is %j', (typed, sent) => {
    expect(controlled(typed)).toBe(sent);
  });
});
