// Tables that fit the width. States are never cut, and causes wrap onto further lines; other columns are cut, with a mark.
// The first column, which names a row in the next command, is cut last and only slightly; if that is not enough, each row
// becomes a block of lines.
import { cleanLine } from './terminal-text.ts';
import { cut, widthOf, wordRows } from './text-width.ts';

export type Cell = string | number | boolean | null;

/** What happens to a column of a table that is too wide: it is cut (only a head), stays whole, or wraps. */
export type Column = string | { head: string; overflow: 'fixed' | 'wrapped' };

/** A column that is never cut: a state, a result. */
export const fixedColumn = (head: string): Column => ({ head, overflow: 'fixed' });
/** A column of sentences that wrap instead of being cut: a cause. */
export const wrappedColumn = (head: string): Column => ({ head, overflow: 'wrapped' });

const GAP = 2;
const MIN_WIDTH = 6;
/** Minimum width of the first column, enough for an id. */
const MIN_FIRST_WIDTH = 32;
/** Minimum width of a cause next to its row; with less room it moves below. */
const MIN_WRAPPED_WIDTH = 24;
const INDENT = '  ';

/**
 * @param width width of the terminal; null does not cut
 * @returns lines, each with a line end; columns are as wide as their widest cell if that fits
 */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  width: number | null,
): string {
  const heads = columns.map((column) => (typeof column === 'string' ? column : column.head));
  const cells = rows.map((row) => row.map(plain));
  const natural = heads.map((head, index) =>
    Math.max(widthOf(head), ...cells.map((row) => widthOf(row[index] ?? ''))),
  );
  if (width === null || totalOf(natural) <= width) return lined([heads, ...cells], natural);
  const wrappedAt = columns.flatMap((column, index) => (overflowOf(column) === 'wrapped' ? [index] : []));
  const beside = wrappedBeside(natural, wrappedAt, width);
  if (beside !== null) return lined([heads, ...cells], beside, wrappedAt[0]);
  const kept = heads.map((_, index) => index).filter((index) => !wrappedAt.includes(index));
  const widths = shrunk(
    kept.map((index) => natural[index] ?? 0),
    kept.map((index) => overflowOf(columns[index] ?? '') === 'fixed'),
    width,
  );
  if (widths === null) return blocks(heads, cells);
  const pick = (row: readonly string[]) => kept.map((index) => row[index] ?? '');
  return [
    lined([pick(heads)], widths),
    ...cells.map((row) => lined([pick(row)], widths) + wrappedBelow(heads, row, wrappedAt, width)),
  ].join('');
}

function overflowOf(column: Column): 'cut' | 'fixed' | 'wrapped' {
  return typeof column === 'string' ? 'cut' : column.overflow;
}

function plain(cell: Cell): string {
  if (cell === null || cell === '') return '-';
  // Cleaned before it is measured, so that the width is correct.
  return cleanLine(String(cell));
}

function totalOf(widths: readonly number[]): number {
  return widths.reduce((sum, width) => sum + width, 0) + GAP * (widths.length - 1);
}

/** Widths with the last column of sentences filling the remaining room; null if that is too little, or it is not the last. */
function wrappedBeside(
  natural: readonly number[],
  wrappedAt: readonly number[],
  width: number,
): number[] | null {
  const last = natural.length - 1;
  if (wrappedAt.length !== 1 || wrappedAt[0] !== last) return null;
  const room = width - totalOf([...natural.slice(0, last), 0]);
  return room < MIN_WRAPPED_WIDTH ? null : [...natural.slice(0, last), room];
}

/** One line per row, plus wrapped lines for the column at `toldAt`. */
function lined(rows: readonly (readonly string[])[], widths: readonly number[], wrappedAt?: number): string {
  return rows
    .flatMap((row) => {
      const [first = '', ...further] =
        wrappedAt === undefined ? [] : wordRows(row[wrappedAt] ?? '', widths[wrappedAt] ?? 0);
      const line = row.map((cell, index) => fit(index === wrappedAt ? first : cell, widths[index] ?? 0));
      const before = ' '.repeat(totalOf([...widths.slice(0, wrappedAt), 0]));
      return [line.join(' '.repeat(GAP)), ...further.map((text) => before + text)];
    })
    .map((line) => `${line.trimEnd()}\n`)
    .join('');
}

/** The sentences of one row, each after its head. */
function wrappedBelow(
  heads: readonly string[],
  row: readonly string[],
  wrappedAt: readonly number[],
  width: number,
): string {
  return wrappedAt
    .filter((index) => row[index] !== '-')
    .flatMap((index) => {
      const head = `${INDENT}${heads[index]}: `;
      const rows = wordRows(row[index] ?? '', Math.max(MIN_WIDTH, width - head.length));
      return rows.map((text, at) => `${at === 0 ? head : ' '.repeat(head.length)}${text}\n`);
    })
    .join('');
}

/** Shrinks columns, widest first, the first column last, never those that stay whole; null if they still do not fit. */
function shrunk(natural: readonly number[], isFixed: readonly boolean[], columns: number): number[] | null {
  const widths = [...natural];
  const gives = widths.map((_, index) => index).filter((index) => index > 0 && !isFixed[index]);
  while (totalOf(widths) > columns) {
    const widest = Math.max(0, ...gives.map((index) => widths[index] ?? 0));
    if (widest <= MIN_WIDTH) break;
    const at = gives.findLast((index) => widths[index] === widest) ?? 0;
    widths[at] = Math.max(MIN_WIDTH, widest - (totalOf(widths) - columns > 4 ? 2 : 1));
  }
  const [first = 0] = widths;
  widths[0] = Math.min(first, Math.max(MIN_FIRST_WIDTH, first - (totalOf(widths) - columns)));
  return totalOf(widths) <= columns ? widths : null;
}

/** One line per cell with its head, and an empty line between rows. */
function blocks(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const width = Math.max(...heads.map((name) => name.length));
  return rows
    .map((row) => row.map((cell, index) => `${(heads[index] ?? '').padEnd(width + GAP)}${cell}\n`).join(''))
    .join('\n');
}

function fit(text: string, width: number): string {
  const shown = cut(text, width);
  return shown + ' '.repeat(Math.max(0, width - widthOf(shown)));
}
