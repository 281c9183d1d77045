import { describe, expect, it } from 'vitest';
import { fileMarkOf, hiddenInFiles } from './hidden-in-files.ts';

const marked = (text: string): string =>
  text.replace(hiddenInFiles, (character) => `[${fileMarkOf(character).mark}]`);

describe('the editor of a file', () => {
  it('marks the Braille blank and selectors behind digits by their numbers', () => {
    expect(marked('echo ok\u2800#; rm -rf ~')).toBe('echo ok[U+2800]#; rm -rf ~');
    expect(marked('port 1\ufe0f8\ufe0e789')).toBe('port 1[U+FE0F]8[U+FE0E]789');
    expect(marked('a\u202eb\u{e0101}')).toBe('a[U+202E]b[U+E0101]');
  });

  it('marks each blank that is no ordinary space with one sign, and names it', () => {
    expect(marked('Prix\u00a0: 10\u202f€\u3000です')).toBe('Prix[␣]: 10[␣]€[␣]です');
    expect(fileMarkOf('\u202f').name).toBe('U+202F NARROW NO-BREAK SPACE');
  });

  it('leaves spaces, tabs, line ends, emoji, keycaps and scripts with joiners as they are', () => {
    for (const text of ['a b\tc\nd', '❤️ 1️⃣ #️⃣ 👩‍👧', 'می‌خواهم', 'Привет, Straße'])
      expect(marked(text)).toBe(text);
  });
});
