// A text that a person decides by: the whole of it in rows that fit, with what would be hidden as marks.
import { hiddenName, textParts, visibleText } from '@buoy/contract/visible-text';
import { widthOf } from './text-width.ts';

const FIRST = '  > ';
const FURTHER = '    ';
const NARROWEST = 20;

/** Rows of at most `columns`: each line of the text begins with `>`, and what is too long for one row goes on in the next. */
export function wrapped(text: string, columns: number): string {
  const room = Math.max(NARROWEST, columns - FIRST.length);
  return visibleText(text.replaceAll('\r\n', '\n'))
    .replaceAll('\t', '␉')
    .split('\n')
    .flatMap((line) => rows(line, room).map((row, at) => (at === 0 ? FIRST : FURTHER) + row))
    .join('\n');
}

/** The hidden characters of a text by their names, each once; null when there are none. */
export function hiddenIn(text: string): string | null {
  const names = new Set(textParts(text).flatMap((part) => (part.isHidden ? [hiddenName(part.text)] : [])));
  return names.size === 0 ? null : [...names].join(', ');
}

function rows(line: string, room: number): string[] {
  const all: string[] = [];
  let row = '';
  let used = 0;
  for (const character of line) {
    const width = widthOf(character);
    if (used + width > room) {
      all.push(row);
      row = '';
      used = 0;
    }
    row += character;
    used += width;
  }
  return [...all, row];
}
