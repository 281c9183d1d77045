// Tables that fit the width: the widest column gives way first, and what is cut shows it. The first column, by which a row is
// named in the next command, gives way last and only a little; where that is not enough each row becomes a block of lines.
import { cleanLine } from './terminal-text.ts';

export type Cell = string | number | boolean | null;

const GAP = 2;
const NARROWEST = 6;
/** Of the first column: an id stands whole. */
const FIRST_NARROWEST = 32;

/**
 * @param columns of the terminal; null does not cut
 * @returns lines with a line end each; columns are as wide as their widest cell, where that fits
 */
export function table(
  head: readonly string[],
  rows: readonly (readonly Cell[])[],
  columns: number | null,
): string {
  const lines = [head, ...rows.map((row) => row.map(plain))];
  const widths = head.map((_, index) => Math.max(...lines.map((line) => widthOf(line[index] ?? ''))));
  if (columns !== null && !shrink(widths, columns)) return blocks(head, lines.slice(1));
  return lines
    .map((line) =>
      line
        .map((cell, index) => fit(cell, widths[index] ?? 0))
        .join(' '.repeat(GAP))
        .trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join('');
}

function plain(cell: Cell): string {
  if (cell === null || cell === '') return '-';
  // What is cleaned before it is measured fits its column.
  return cleanLine(String(cell));
}

/** Makes columns narrower, the widest first and the first one last. Answers whether they fit then. */
function shrink(widths: number[], columns: number): boolean {
  const total = () => widths.reduce((sum, width) => sum + width, 0) + GAP * (widths.length - 1);
  while (total() > columns) {
    const widest = Math.max(0, ...widths.slice(1));
    if (widest <= NARROWEST) break;
    widths[widths.lastIndexOf(widest)] = Math.max(NARROWEST, widest - (total() - columns > 4 ? 2 : 1));
  }
  const [first = 0] = widths;
  widths[0] = Math.min(first, Math.max(FIRST_NARROWEST, first - (total() - columns)));
  return total() <= columns;
}

/** A line for each cell, with its head before it; an empty line between rows. */
function blocks(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const width = Math.max(...head.map((name) => name.length));
  return rows
    .map((row) => row.map((cell, index) => `${(head[index] ?? '').padEnd(width + GAP)}${cell}\n`).join(''))
    .join('\n');
}

function fit(text: string, width: number): string {
  const shown = cut(text, width);
  return shown + ' '.repeat(Math.max(0, width - widthOf(shown)));
}

/** The beginning of a text that is wider than `width`, with a mark that shows it. */
export function cut(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  const kept: string[] = [];
  let used = 0;
  for (const character of text) {
    const next = widthOf(character);
    if (used + next > width - 1) break;
    kept.push(character);
    used += next;
  }
  return `${kept.join('')}…`;
}

/** Columns of a terminal: East Asian and emoji characters take two (Unicode UAX #11), joining marks none. */
export function widthOf(text: string): number {
  let width = 0;
  for (const character of text) {
    if (/\p{Mark}|\u200d|\ufe0f/u.test(character)) continue;
    width +=
      /\p{Extended_Pictographic}|[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/u.test(
        character,
      )
        ? 2
        : 1;
  }
  return width;
}
