// Shows a command for a decision in full: wrapped to the width, with hidden characters as escapes.
import { hiddenName, textParts, visibleText } from '@buoy/contract/visible-text';
import { widthOf } from './text-width.ts';

const FIRST = '  > ';
const FURTHER = '    ';
const MIN_WIDTH = 20;

/** Rows of at most `columns`: each line of the text begins with `>`, and long lines continue in the next row. */
export function wrapped(text: string, columns: number): string {
  const room = Math.max(MIN_WIDTH, columns - FIRST.length);
  return visibleText(text.replaceAll('\r\n', '\n'), 'command')
    .replaceAll('\t', '␉')
    .split('\n')
    .flatMap((line) => rows(line, room).map((row, at) => (at === 0 ? FIRST : FURTHER) + row))
    .join('\n');
}

/** Names of the characters of a command that are hidden or pass for a space, each once; null without any. */
export function hiddenIn(command: string): string | null {
  const parts = textParts(command, undefined, 'command');
  const names = new Set(parts.flatMap((part) => (part.isHidden ? [hiddenName(part.text)] : [])));
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
