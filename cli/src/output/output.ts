// Output of results: JSON for scripts, tables and lines for people. Commands reach the terminal only through here, so that
// text from servers, agents and people is always cleaned.

import { terminalJson } from '@buoy/contract/visible-text';
import type { Terminal } from '../terminal.ts';
import { type Formatter, jsonFormat } from './formats.ts';
import { type Cell, type Column, table } from './table.ts';
import { cleanLine, cleanText, createTextCleaner } from './terminal-text.ts';
import { cut } from './text-width.ts';

export type Colour = 'red' | 'green' | 'yellow' | 'dim' | 'bold';

export type Output = {
  /** The result is for a script: JSON, YAML, names or jq output. */
  json: boolean;
  /** Width of the terminal that shows notes. */
  columns: number;
  /** Prints the raw answer of the API for a script, otherwise calls `show`. */
  result(answer: unknown, show: () => void): void;
  /** Prints the answer unchanged, for people too. */
  answer(answer: unknown): void;
  /** Prints one of many values, one per line. */
  jsonLine(value: unknown): void;
  /** @param none note to print when there are no rows */
  table(head: readonly Column[], rows: readonly (readonly Cell[])[], none?: string): void;
  /** Prints names and values, one pair per line. */
  pairs(pairs: ReadonlyArray<readonly [string, Cell]>): void;
  line(text: string): void;
  /** Prints text without adding a line end; on a terminal without control sequences, unless --raw. Text may come in pieces. */
  text(text: string): void;
  /** The same to standard error, for the error output of remote programs. */
  errorText(text: string): void;
  /** Prints the output of a remote program in pieces of any bytes; on a terminal cleaned as in `text`, unless --raw. */
  programOutput(): (stream: 'stdout' | 'stderr', bytes: Uint8Array) => void;
  /** Prints a note for the person to standard error. */
  note(text: string): void;
  /** The same as JSON, for scripts. */
  jsonNote(value: unknown): void;
  colour(colour: Colour, text: string): string;
  /** Clears the screen if standard output is a terminal. */
  clearScreen(): void;
  /** Erases the last lines of standard error if it is a terminal. */
  eraseNotes(lines: number): void;
  /**
   * Replaces the lines below all notes on standard error, if it is a terminal: notes are printed above them until they are emptied.
   * Lines are cut to the width, since a wrapped line could not be erased.
   */
  liveNotes(lines: readonly string[]): void;
  /** Resolves once every answer is printed. @throws CommandError when parts of the answers were left out */
  end(): Promise<void>;
};

const codes: Record<Colour, number> = { red: 31, green: 32, yellow: 33, dim: 2, bold: 1 };

/**
 * No colours in a pipe, with NO_COLOR (https://no-color.org) or TERM=dumb.
 * @param raw `text` and `errorText` print unfiltered to a terminal too
 */
export function createOutput(
  terminal: Terminal,
  { format = null, raw = false }: { format?: Formatter | null; raw?: boolean } = {},
): Output {
  const { environment, isTty, isErrTty } = terminal;
  const colourful = isTty && !environment.NO_COLOR && environment.TERM !== 'dumb';
  const columns = isTty ? terminal.columns : null;
  // Placeholder for our own colours until the text is cleaned: unguessable, so that no other text contains it.
  const mark = `\x02${globalThis.crypto.randomUUID()}:`;
  const marks = new RegExp(`${mark}(\\d+)\\x03`);

  /** Cleans the text and replaces the placeholders with colour sequences. */
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
  const formatter = format ?? jsonFormat;
  let printing: Promise<unknown> = Promise.resolve();
  const answer = (value: unknown, isLine = false): void => {
    const text = formatter.format(value, isLine);
    if (typeof text === 'string') formatted(text);
    else printing = Promise.all([text, printing]).then(([later]) => formatted(later));
    // `end` throws it.
    printing.catch(() => {});
  };
  let live: readonly string[] = [];
  const erase = (lines: number) => {
    if (lines > 0) terminal.err(`\x1b[${lines}A\x1b[J`);
  };
  const draw = (lines: readonly string[]) => {
    if (lines.length > 0) terminal.err(lines.map((line) => `${line}\n`).join(''));
  };
  const note = (text: string) => {
    erase(live.length);
    terminal.err(`${shown(text, cleanText)}\n`);
    draw(live);
  };
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
        // Further lines are indented below their value, so that they cannot pass for another pair.
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
    eraseNotes: erase,
    liveNotes(lines) {
      if (!isErrTty) return;
      const next = lines.map((line) => cut(cleanLine(line), terminal.columns));
      if (next.length === live.length && next.every((line, index) => line === live[index])) return;
      erase(live.length);
      live = next;
      draw(live);
    },
    async end() {
      await printing;
      formatter.end?.();
    },
  };
}
