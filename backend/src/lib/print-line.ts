// What commands on Buoy's machine say on a terminal, often that of root. Versions, names, errors and rows can be words of others: none of them
// moves the cursor, hides text or begins a line of its own.
import { visibleMark, visibleText } from '@buoy/contract/visible-text';

/** Prints one line on standard output. */
export function printLine(text: string): void {
  process.stdout.write(`${oneLine(text)}\n`);
}

/** Prints one line on standard error. */
export function printErrorLine(text: string): void {
  process.stderr.write(`${oneLine(text)}\n`);
}

const oneLine = (text: string): string => visibleText(text.replaceAll(/\r?\n/g, visibleMark('\n')));
