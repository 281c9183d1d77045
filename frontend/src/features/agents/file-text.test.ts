import fc from 'fast-check';
import { expect, it } from 'vitest';
import { openedText, savedText } from './file-text.ts';

const lines = fc.array(fc.string().map((line) => line.replace(/[\r\n]/g, '')));

it.each(['\n', '\r\n'])('keeps the line breaks %j of an agent file when it is saved', (lineBreak) => {
  fc.assert(
    fc.property(lines, (parts) => {
      const content = parts.join(lineBreak);
      expect(savedText(openedText(content))).toBe(content);
    }),
  );
});

it('gives the editor only its own line breaks', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('a', '\r', '\n', '\r\n')), (parts) => {
      expect(openedText(parts.join('')).text).not.toContain('\r');
    }),
  );
});
