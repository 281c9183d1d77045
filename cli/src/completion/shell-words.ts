// Splits a command line being typed into words, as a shell does.

/** The words up to the cursor, without quotes and backslashes; the last one is being typed, and is empty after a blank. */
export function shellWords(line: string): string[] {
  const words: string[] = [];
  let word: string | null = null;
  let quote: string | null = null;
  for (let at = 0; at < line.length; at += 1) {
    const character = line[at] ?? '';
    if (quote === "'") {
      if (character === "'") quote = null;
      else word += character;
    } else if (character === '\\' && at + 1 < line.length) {
      at += 1;
      word = (word ?? '') + line[at];
    } else if (quote === '"') {
      if (character === '"') quote = null;
      else word += character;
    } else if (character === "'" || character === '"') {
      quote = character;
      word ??= '';
    } else if (/\s/.test(character)) {
      if (word !== null) words.push(word);
      word = null;
    } else word = (word ?? '') + character;
  }
  return [...words, word ?? ''];
}
