import { terminalJson } from '@buoy/contract/visible-text';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cleanLine, cleanText, createTextCleaner } from './terminal-text.ts';

/** What a terminal acts on, and what it does not show or shows elsewhere; joiners of scripts and emoji are left to them. */
const acted =
  /[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\u{e0000}-\u{e007f}]/u;
const piece = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.string({
    unit: fc.constantFrom('\x1b', '[', ']', 'P', '_', '\x9b', '\x9d', '\x07', '\\', '3', ';', 'm', '\n'),
  }),
  fc.constantFrom(
    '\x1b[31m',
    '\x1b]0;title\x07',
    '\x1bP1$q\x1b\\',
    '\x9b2J',
    '\u202e',
    '\u200b',
    '\r',
    '\b',
    '👩‍👧',
  ),
);
const nasty = fc.array(piece, { maxLength: 12 }).map((all) => all.join(''));

describe('text for a terminal', () => {
  it('keeps nothing that a terminal would act on, for any input', () => {
    fc.assert(
      fc.property(nasty, (text) => {
        expect(cleanText(text)).not.toMatch(acted);
        expect(cleanLine(text)).not.toMatch(acted);
        expect(cleanLine(text)).not.toMatch(/[\n\t]/);
      }),
      { numRuns: 2_000 },
    );
  });

  it('keeps nothing that a terminal would act on when sequences are split across pieces', () => {
    fc.assert(
      fc.property(fc.array(nasty, { maxLength: 8 }), (pieces) => {
        const cleaner = createTextCleaner();
        const cleaned = pieces.map((one) => cleaner.clean(one)).join('') + cleaner.end();
        expect(cleaned).not.toMatch(acted);
      }),
      { numRuns: 2_000 },
    );
  });

  it('leaves plain text of every script unchanged, in one piece and in many', () => {
    const text = 'Größe 日本語 שלום مرحبا 🦞\n\tnext line\n';
    expect(cleanText(text)).toBe(text);
    const cleaner = createTextCleaner();
    expect(Array.from({ length: text.length }, (_, at) => cleaner.clean(text[at] ?? '')).join('')).toBe(text);
  });

  it.each([
    ['a colour', 'a\x1b[1;31mb\x1b[0m', 'ab'],
    ['a concealed text', 'a\x1b[8mb', 'ab'],
    ['a colour of 8 bits', 'a\x9b31mb', 'ab'],
    ['a title', 'a\x1b]0;owned\x07b', 'ab'],
    ['a title of 8 bits', 'a\x9d0;owned\x9cb', 'ab'],
    ['a link', '\x1b]8;;http://evil.example\x1b\\click\x1b]8;;\x1b\\', 'click'],
    ['the clipboard', 'a\x1b]52;c;cm0gLXJmIC8=\x07b', 'ab'],
    ['a question that the terminal answers', 'a\x1b[6n\x1bP$qm\x1b\\\x1b[cb', 'ab'],
    ['a program of the terminal', 'a\x1b_payload\x1b\\b', 'ab'],
    ['a reset', 'a\x1bcb', 'ab'],
    ['another character set', 'a\x1b(0b', 'ab'],
    ['a line that is written over', 'safe\rrm -rf /', 'saferm -rf /'],
    ['a letter that is taken back', 'safe\b\b\b\bevil', 'safeevil'],
    ['a text that runs backwards', 'a\u202eb\u2066c', 'abc'],
    ['what has no width', 'a\u200bb\u2060c\ufeffd\u00ade\u{e0041}f', 'abcdef'],
    ['a sequence without an end', 'a\x1b[3', 'a'],
    ['a string without an end, which hides nothing behind it', 'a\x1b]0;b\nnext', 'a0;b\nnext'],
  ])('removes %s', (_what, text, cleaned) => {
    expect(cleanText(text)).toBe(cleaned);
  });

  it('removes a sequence that is split across pieces', () => {
    const cleaner = createTextCleaner();
    expect(['a\x1b', '[3', '1mb\x1b]0;ow', 'ned', '\x07c'].map(cleaner.clean)).toEqual([
      'a',
      '',
      'b',
      '',
      'c',
    ]);
  });

  it('escapes in JSON what a terminal would act on, and keeps its value', () => {
    fc.assert(
      fc.property(fc.dictionary(nasty, nasty), (value) => {
        expect(terminalJson(value)).not.toMatch(acted);
        expect(JSON.parse(terminalJson(value, 2))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
    expect(terminalJson('\x9b\u202e\u{e0041}é')).toBe('"\\u009b\\u202e\\udb40\\udc41é"');
  });
});
