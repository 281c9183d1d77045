// How results are shown: as JSON for scripts, as tables and lines for people.
import type { Terminal } from '../terminal.ts';
import { type Cell, table } from './table.ts';

export type Colour = 'red' | 'green' | 'yellow' | 'dim' | 'bold';

export type Output = {
  json: boolean;
  /** With --json the answer as the API gave it, else what `show` prints. */
  result(answer: unknown, show: () => void): void;
  /** @param none is told where there are no rows */
  table(head: readonly string[], rows: readonly (readonly Cell[])[], none?: string): void;
  /** Names and values, one pair a line. */
  pairs(pairs: ReadonlyArray<readonly [string, Cell]>): void;
  line(text: string): void;
  /** A text as it is, without a line end of our own: to a person without what steers the terminal. */
  text(text: string): void;
  /** For the person, beside the result: to standard error. */
  note(text: string): void;
  colour(colour: Colour, text: string): string;
};

const codes: Record<Colour, number> = { red: 31, green: 32, yellow: 33, dim: 2, bold: 1 };

/** No colours when nobody sees them, with NO_COLOR (https://no-color.org) or TERM=dumb. */
export function createOutput(terminal: Terminal, json: boolean): Output {
  const { environment, isTty } = terminal;
  const colourful = isTty && !environment.NO_COLOR && environment.TERM !== 'dumb';
  const columns = isTty ? terminal.columns : null;
  const note = (text: string) => terminal.err(`${clean(text)}\n`);
  return {
    json,
    result(answer, show) {
      if (json) terminal.out(`${JSON.stringify(answer, null, 2)}\n`);
      else show();
    },
    table(head, rows, none) {
      if (rows.length === 0 && none !== undefined) note(none);
      else terminal.out(table(head, rows, columns));
    },
    pairs(pairs) {
      const width = Math.max(...pairs.map(([name]) => name.length));
      for (const [name, value] of pairs)
        terminal.out(
          `${`${name}:`.padEnd(width + 2)} ${value === null || value === '' ? '-' : clean(String(value))}\n`,
        );
    },
    line: (text) => terminal.out(`${clean(text)}\n`),
    text: (text) => terminal.out(isTty ? clean(text) : text),
    note,
    colour: (colour, text) => (colourful ? `\x1b[${codes[colour]}m${text}\x1b[0m` : text),
  };
}

/** What comes from servers must not steer the terminal; our own colours stay. */
function clean(text: string): string {
  return text.replace(/[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f-\x9f]|\x1b(?!\[[\d;]*m)/g, '');
}
