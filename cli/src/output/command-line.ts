// Command lines that a person may copy into their shell, with words that servers and agents chose.
import { cleanLine } from './terminal-text.ts';

/** The words in one line, as a shell reads them back: what is no plain word stands in quotes. */
export function commandLine(...words: readonly string[]): string {
  return words.map(shellWord).join(' ');
}

function shellWord(text: string): string {
  return quoted(cleanLine(text));
}

/** One word as a POSIX shell reads it back, whatever is in it. */
export function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
