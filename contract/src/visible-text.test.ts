import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hiddenName, seenText, textParts, visibleMark, visibleText } from './visible-text.ts';

const never =
  /[\x00-\x08\x0b-\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\u{e0000}-\u{e007f}]/u;
const anything = fc.string({ unit: 'binary', maxLength: 40 });
const nasty = fc
  .array(
    fc.oneof(
      anything,
      fc.constantFrom(
        '\x1b',
        '\x9b',
        '\u202e',
        '\u2066',
        '\u200b',
        '\u200d',
        '\ufe0f',
        '\u{e0041}',
        '👩',
        '\r',
        'ب',
      ),
    ),
    { maxLength: 20 },
  )
  .map((all) => all.join(''));

describe('visible text', () => {
  it('has no hidden character left, whatever the text was', () => {
    fc.assert(
      fc.property(nasty, (text) => {
        expect(visibleText(text)).not.toMatch(never);
        expect(seenText(text)).not.toMatch(never);
        expect(seenText(text)).not.toMatch(/[\n\r\t]/);
      }),
    );
  });

  it('loses nothing of a text in its parts', () => {
    fc.assert(
      fc.property(nasty, (text) => {
        expect(
          textParts(text)
            .map((part) => part.text)
            .join(''),
        ).toBe(text);
      }),
    );
  });

  it('marks the same characters in a text and in its parts, beside characters of two units as well', () => {
    fc.assert(
      fc.property(nasty, (text) => {
        const marked = textParts(text).map((part) => (part.isHidden ? visibleMark(part.text) : part.text));
        expect(visibleText(text)).toBe(marked.join(''));
      }),
    );
    expect(textParts('👩\u200d👧\u200d!')).toEqual([
      { text: '👩\u200d👧', isHidden: false },
      { text: '\u200d', isHidden: true },
      { text: '!', isHidden: false },
    ]);
  });

  it('does not hold up the reader of eight million characters, one of which is hidden', () => {
    const text = `${'x'.repeat(8 * 1024 * 1024)}\u200bx`;
    const before = process.cpuUsage();
    expect(textParts(text)).toHaveLength(3);
    expect(visibleText(text)).toHaveLength(text.length + 5);
    expect(process.cpuUsage(before).user / 1_000).toBeLessThan(400);
  });

  it('stops behind as many parts as are asked for', () => {
    expect(textParts('a\u200b'.repeat(100_000), 10).length).toBeLessThanOrEqual(11);
  });

  it('shows what reorders, hides or steers as its escape', () => {
    expect(visibleText('rm \u202efdp.txt')).toBe('rm \\u202efdp.txt');
    expect(visibleText('a\x1b[8mb\x07\x7f')).toBe('a␛[8mb␇␡');
    expect(visibleText('a\u200bb\u00ad\u{e0041}')).toBe('a\\u200bb\\u00ad\\u{e0041}');
    expect(visibleText('over\rwritten')).toBe('over␍written');
  });

  it('leaves line ends, tabs, emoji and scripts that need joiners as they are', () => {
    for (const text of [
      'a\n\tb\r\nc',
      '❤️ 1️⃣ 👩‍👧 👋🏽',
      'שלום עולם',
      'مرحبا',
      'می‌خواهم',
      'क्‍ष',
      '日本語',
      'é ё',
    ])
      expect(visibleText(text)).toBe(text);
  });

  it('shows joiners and selectors where nothing needs them', () => {
    expect(visibleText('pay\u200dpal')).toBe('pay\\u200dpal');
    expect(visibleText('x\ufe0f')).toBe('x\\ufe0f');
    expect(visibleText('❤️\ufe0f\ufe0e')).toBe('❤️\\ufe0f\\ufe0e');
  });

  it('makes one line of a name', () => {
    expect(seenText('web\u202e\n1\x1b[2J')).toBe('web 1[2J');
  });

  it('calls hidden characters by their names', () => {
    expect(hiddenName('\u202e')).toBe('U+202E RIGHT-TO-LEFT OVERRIDE');
    expect(hiddenName('\x1b')).toBe('U+001B ESCAPE');
    expect(hiddenName('\x85')).toBe('U+0085 CONTROL CHARACTER');
    expect(hiddenName('\u{e0041}')).toBe('U+E0041 TAG CHARACTER');
    expect(hiddenName('\u2064')).toBe('U+2064');
  });
});
