// Builds command lines for copying into a shell, with words chosen by servers and agents.
import { cleanLine } from './terminal-text.ts';

/** Joins the words into one line and quotes every word that is not plain. */
export function commandLine(...words: readonly string[]): string {
  return words.map(shellWord).join(' ');
}

function shellWord(text: string): string {
  return quoted(cleanLine(text));
}

/** Quotes one word for a POSIX shell. */
export function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
