// How results are shown: as JSON for scripts, as tables and lines for people. The only way of a command to the terminal, so that nothing
// that a server, an agent or a person wrote reaches it as it is.
import type { Terminal } from '../terminal.ts';
import { type Formatter, jsonFormat } from './formats.ts';
import { type Cell, type Column, table } from './table.ts';
import { cleanText, createTextCleaner, terminalJson } from './terminal-text.ts';

export type Colour = 'red' | 'green' | 'yellow' | 'dim' | 'bold';

export type Output = {
  /** A script reads the result: as JSON, YAML, names, or what jq makes of it. */
  json: boolean;
  /** Columns of the terminal that shows what is beside the result. */
  columns: number;
  /** For a script the answer as the API gave it, else what `show` prints. */
  result(answer: unknown, show: () => void): void;
  /** The answer as it is, also for a person. */
  answer(answer: unknown): void;
  /** One of many values that follow each other, one line each. */
  jsonLine(value: unknown): void;
  /** @param none is told where there are no rows */
  table(head: readonly Column[], rows: readonly (readonly Cell[])[], none?: string): void;
  /** Names and values, one pair a line. */
  pairs(pairs: ReadonlyArray<readonly [string, Cell]>): void;
  line(text: string): void;
  /** A text as it is, without a line end of our own; to a person, unless they said --raw, without what steers the terminal. Pieces of one text may come one by one. */
  text(text: string): void;
  /** The same to standard error: what a program on a server wrote there. */
  errorText(text: string): void;
  /** What a program on a server prints, in pieces of any bytes; to a person, unless they said --raw, as `text` does. */
  programOutput(): (stream: 'stdout' | 'stderr', bytes: Uint8Array) => void;
  /** For the person, beside the result: to standard error. */
  note(text: string): void;
  /** The same for a script that reads JSON. */
  jsonNote(value: unknown): void;
  colour(colour: Colour, text: string): string;
  /** An empty screen, where a person looks at the result. */
  clearScreen(): void;
  /** Takes the last lines of standard error back, where a person sees it. */
  eraseNotes(lines: number): void;
};

const codes: Record<Colour, number> = { red: 31, green: 32, yellow: 33, dim: 2, bold: 1 };

/**
 * No colours when nobody sees them, with NO_COLOR (https://no-color.org) or TERM=dumb.
 * @param raw what `text` and `errorText` print goes to a person as it is, too
 */
export function createOutput(
  terminal: Terminal,
  { format = null, raw = false }: { format?: Formatter | null; raw?: boolean } = {},
): Output {
  const { environment, isTty, isErrTty } = terminal;
  const colourful = isTty && !environment.NO_COLOR && environment.TERM !== 'dumb';
  const columns = isTty ? terminal.columns : null;
  // Stands for our own colours until a text is cleaned: nobody else can write it.
  const mark = `\x02${globalThis.crypto.randomUUID()}:`;
  const marks = new RegExp(`${mark}(\\d+)\\x03`);

  /** Our own colours as the terminal wants them, and all between them cleaned. */
  const shown = (text: string, clean: (piece: string) => string): string =>
    text
      .split(marks)
      .map((piece, at) => (at % 2 === 1 ? `\x1b[${piece}m` : clean(piece)))
      .join('');
  const printer = (print: (text: string) => void, isSeen: boolean) => {
    const cleaner = createTextCleaner();
    const clean = isSeen && !raw ? cleaner.clean : (piece: string) => piece;
    return (text: string) => print(shown(text, clean));
  };
  const formatted = printer(terminal.out, isTty);
  const answer = (value: unknown, isLine = false) => formatted((format ?? jsonFormat)(value, isLine));
  const note = (text: string) => terminal.err(`${shown(text, cleanText)}\n`);
  return {
    json: format !== null,
    columns: terminal.columns,
    result(value, show) {
      if (format !== null) answer(value);
      else show();
    },
    answer: (value) => answer(value),
    jsonLine: (value) => answer(value, true),
    table(head, rows, none) {
      if (rows.length === 0 && none !== undefined) note(none);
      else terminal.out(table(head, rows, columns));
    },
    pairs(pairs) {
      const width = Math.max(...pairs.map(([name]) => name.length)) + 2;
      for (const [name, value] of pairs) {
        const text = value === null || value === '' ? '-' : shown(String(value), cleanText);
        // A further line stands below its value, where it cannot pass for another pair.
        terminal.out(`${`${name}:`.padEnd(width)} ${text.replaceAll('\n', `\n${' '.repeat(width + 1)}`)}\n`);
      }
    },
    line: (text) => terminal.out(`${shown(text, cleanText)}\n`),
    text: printer(terminal.out, isTty),
    errorText: printer(terminal.err, isErrTty),
    programOutput() {
      const decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() };
      const shownTo = { stdout: printer(terminal.out, isTty), stderr: printer(terminal.err, isErrTty) };
      const isSeen = { stdout: isTty && !raw, stderr: isErrTty && !raw };
      return (stream, bytes) => {
        if (isSeen[stream]) shownTo[stream](decoders[stream].decode(bytes, { stream: true }));
        else terminal.write(stream === 'stdout' ? 'out' : 'err', bytes);
      };
    },
    note,
    jsonNote: (value) => terminal.err(`${terminalJson(value)}\n`),
    colour: (colour, text) => (colourful ? `${mark}${codes[colour]}\x03${text}${mark}0\x03` : text),
    clearScreen() {
      if (isTty) terminal.out('\x1b[H\x1b[2J');
    },
    eraseNotes(lines) {
      if (lines > 0) terminal.err(`\x1b[${lines}A\x1b[J`);
    },
  };
}
