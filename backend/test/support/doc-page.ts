// Reads the code blocks of the pages of docs/ exactly as a reader copies them.
import { readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../../..');

/** The code blocks of a page in one language, in order. @param page below the root of the repository */
export function codeBlocks(page: string, language: string): string[] {
  const text = readFileSync(path.join(root, page), 'utf8');
  return [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)]
    .filter(([, found]) => found === language)
    .map(([, , block = '']) => block);
}

/** The code block of a page, in that language, that contains `words`. */
export function codeBlockWith(page: string, language: string, words: string): string {
  const found = codeBlocks(page, language).find((block) => block.includes(words));
  if (found === undefined) throw new Error(`${page} has no ${language} block that says "${words}".`);
  return found;
}
