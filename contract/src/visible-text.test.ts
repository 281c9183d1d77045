import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hiddenName, seenText, terminalJson, textParts, visibleMark, visibleText } from './visible-text.ts';

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
        '\u2800',
        '\u00a0',
        '1',
        '👩',
        '\r',
        'ب',
      ),
    ),
    { maxLength: 20 },
  )
  .map((all) => all.join(''));

/** Milliseconds of processor time; a collection of garbage of another test may fall into one of the three. */
function leastOfThree(work: () => void): number {
  const times = [1, 2, 3].map(() => {
    const before = process.cpuUsage();
    work();
    return process.cpuUsage(before).user / 1_000;
  });
  return Math.min(...times);
}

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
    const usedMs = leastOfThree(() => {
      expect(textParts(text)).toHaveLength(3);
      expect(visibleText(text)).toHaveLength(text.length + 5);
    });
    expect(usedMs).toBeLessThan(400);
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

  it('leaves the blanks of French, Japanese, numbers and Braille as they are in prose', () => {
    for (const text of [
      'Prix\u00a0: 10\u202f000\u2009€',
      '山田\u3000太郎',
      '1\u00a0234,5',
      '⠓⠑⠇⠇⠕\u2800⠺⠕⠗⠇⠙',
    ])
      expect(visibleText(text)).toBe(text);
    expect(visibleText('ok\u2800#')).toBe('ok\\u2800#');
  });

  it('shows each blank but the ordinary one in names, and keeps what emoji and scripts need', () => {
    expect(visibleText('web\u00a01\u3000\u2800⠓', 'name')).toBe('web\\u00a01\\u3000\\u2800⠓');
    for (const text of ['web 1', '❤️ 1️⃣ 👩‍👧', 'می‌خواهم']) expect(visibleText(text, 'name')).toBe(text);
  });

  it('shows every blank, selector and joiner in commands', () => {
    expect(visibleText('echo ok\u2800#; rm -rf ~/data', 'command')).toBe('echo ok\\u2800#; rm -rf ~/data');
    expect(visibleText('echo ok\u00a0#; rm -rf ~/data', 'command')).toBe('echo ok\\u00a0#; rm -rf ~/data');
    expect(visibleText('rm ❤\ufe0f 👩\u200d👧 م\u200c', 'command')).toBe('rm ❤\\ufe0f 👩\\u200d👧 م\\u200c');
    expect(visibleText('a b\n\tc\r\nd', 'command')).toBe('a b\n\tc\r\nd');
  });

  it('shows in commands what a font leaves blank, what steers others, and what nobody has given a shape', () => {
    const rare = [
      '\u{1d159}',
      '\u{16fe4}',
      '\u{13437}',
      '\u070f',
      '\ufffc',
      '\ue000',
      '\u{f0000}',
      '\u{10fffd}',
    ];
    expect(visibleText(`rm ${rare.join('')}x`, 'command')).toBe(`rm ${rare.map(visibleMark).join('')}x`);
    expect(textParts(rare.join('x'), undefined, 'command').filter(({ isHidden }) => isHidden)).toHaveLength(
      8,
    );
    // Signs of Arabic that are seen, and letters that a person has for themselves.
    for (const text of ['\u0600\u0661', '\uf8ff']) expect(visibleText(text, 'name')).toBe(text);
    expect(rare.slice(0, 2).concat('\ufffc', '\ue000').map(hiddenName)).toEqual([
      'U+1D159 MUSICAL SYMBOL NULL NOTEHEAD',
      'U+16FE4 KHITAN SMALL SCRIPT FILLER',
      'U+FFFC OBJECT REPLACEMENT CHARACTER',
      'U+E000 PRIVATE USE CHARACTER',
    ]);
  });

  it('does not hold up the reader of a command of eight million characters', () => {
    const text = `${'x'.repeat(8 * 1024 * 1024)}\ue000x`;
    const usedMs = leastOfThree(() => expect(textParts(text, undefined, 'command')).toHaveLength(3));
    expect(usedMs).toBeLessThan(400);
  });

  it('shows every blank of Unicode but the ordinary one in names and commands', () => {
    const blanks = Array.from({ length: 0x10000 }, (_, code) => String.fromCharCode(code)).filter(
      (character) => /\p{Zs}/u.test(character) && character !== ' ',
    );
    expect(blanks.length).toBeGreaterThan(15);
    for (const kind of ['name', 'command'] as const)
      expect(visibleText(blanks.join(''), kind)).toBe(blanks.map(visibleMark).join(''));
    for (const blank of blanks) expect(hiddenName(blank)).toMatch(/^U\+[0-9A-F]{4} [A-Z]/);
  });

  it('takes a selector behind a digit, "#" or "*" as needed before a keycap only', () => {
    expect(visibleText('1\ufe0f\u20e3 #\ufe0f\u20e3')).toBe('1\ufe0f\u20e3 #\ufe0f\u20e3');
    expect(visibleText('1\ufe0f8\ufe0e #\ufe0f *\ufe0e')).toBe('1\\ufe0f8\\ufe0e #\\ufe0f *\\ufe0e');
  });

  it('makes one text of JSON with its blanks as escapes of the same value, for a diff', () => {
    const value = { 'a b': 'x\u00a0\u2800y' };
    const shown = terminalJson(value, undefined, 'command');
    expect(shown).toBe('{"a b":"x\\u00a0\\u2800y"}');
    expect(JSON.parse(shown)).toEqual(value);
  });
});
