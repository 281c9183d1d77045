import fc from 'fast-check';
import { expect, it } from 'vitest';
import { openedText, savedText } from './file-text.ts';

const lines = fc.array(fc.string().map((line) => line.replace(/[\r\n]/g, '')));

it.each(['\n', '\r\n'])('a file with %j between its lines is saved as it was opened', (lineBreak) => {
  fc.assert(
    fc.property(lines, (parts) => {
      const content = parts.join(lineBreak);
      expect(savedText(openedText(content))).toBe(content);
    }),
  );
});

it('the editor never sees another end of a line than its own', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('a', '\r', '\n', '\r\n')), (parts) => {
      expect(openedText(parts.join('')).text).not.toContain('\r');
    }),
  );
});
