// Command lines that a person may copy into their shell, with words that servers and agents chose.
import { cleanLine } from './terminal-text.ts';

/** The words in one line, as a shell reads them back: what is no plain word stands in quotes. */
export function commandLine(...words: readonly string[]): string {
  return words.map(shellWord).join(' ');
}

function shellWord(text: string): string {
  const seen = cleanLine(text);
  return /^[\w@%+=:,./-]+$/.test(seen) ? seen : `'${seen.replaceAll("'", "'\\''")}'`;
}
