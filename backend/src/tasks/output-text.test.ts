import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { completeUtf8, lastCharacters, piecesOf, storableBytes, wholeCharacters } from './output-text.ts';

const anyText = fc.string({ unit: 'binary', maxLength: 60 }).map((text) => Buffer.from(text.toWellFormed()));
const isValid = (bytes: Buffer) => Buffer.from(bytes.toString()).equals(bytes);

describe('cutting text by bytes', () => {
  it('keeps whole characters at both ends and never exceeds the limit', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 0, max: 80 }), (bytes, max) => {
        const start = wholeCharacters(bytes, max);
        const end = lastCharacters(bytes, max);
        for (const part of [start, end]) {
          expect(part.length).toBeLessThanOrEqual(max);
          expect(part.length).toBeGreaterThan(Math.min(max, bytes.length) - 4);
          expect(isValid(part)).toBe(true);
        }
        expect(bytes.subarray(0, start.length).equals(start)).toBe(true);
        expect(bytes.subarray(bytes.length - end.length).equals(end)).toBe(true);
      }),
    );
  });

  it('cuts into pieces that add up to the whole text', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 4, max: 20 }), (bytes, max) => {
        const pieces = piecesOf(bytes, max);
        expect(Buffer.concat(pieces).equals(bytes)).toBe(true);
        for (const piece of pieces)
          expect(isValid(piece) && piece.length <= max && piece.length > 0).toBe(true);
      }),
    );
  });

  it('leaves an incomplete character for the next piece, wherever the cut is', () => {
    fc.assert(
      fc.property(anyText, fc.nat(), (bytes, somewhere) => {
        const cut = bytes.subarray(0, somewhere % (bytes.length + 1));
        const complete = completeUtf8(cut);
        expect(cut.length - complete.length).toBeLessThan(4);
        expect(isValid(complete)).toBe(true);
      }),
    );
  });

  it('returns all bytes, also those that are not valid UTF-8', () => {
    for (const bytes of [[0xff], [0x80, 0x80, 0x80, 0x80, 0x80], [0xc0, 0x80], [0x41, 0xfe]])
      expect(completeUtf8(Buffer.from(bytes))).toHaveLength(bytes.length);
  });
});

describe('text that is stored', () => {
  it.each([
    ['a NUL', 'a\0b', 'a\ufffdb'],
    ['controls in a row', '\x01\x02\b\x1f', '\ufffd\ufffd\ufffd\ufffd'],
    ['half a character', 'a\ud83e', 'a\ufffd'],
  ])('holds U+FFFD in place of %s', (_what, text, stored) => {
    expect(storableBytes(text).toString()).toBe(stored);
  });

  it.each([
    ['lines and tabs', 'a\r\n\tb'],
    ['colours and titles of a terminal', '\x1b[31mred\x1b[0m \x1b]0;title\x07'],
    ['other scripts', 'höher 高い 🦞'],
  ])('keeps %s', (_what, text) => {
    expect(storableBytes(text).toString()).toBe(text);
  });
});
