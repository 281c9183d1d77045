// Checks at run time that no language misses a text.
import { globSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { languages } from './languages.ts';
import { defineTexts } from './texts.ts';

const source = path.resolve(import.meta.dirname, '..');
/** Headlines of problems have no English of their own: the server's sentence speaks alone there. */
const exclude = ['i18n/**', 'ui/problem-texts.ts'];
const files = globSync('**/*texts.ts', { cwd: source, exclude }).sort();

type Catalogs = Record<string, Record<string, Record<string, unknown>>>;

it('finds the text files', () => {
  expect(files.length).toBeGreaterThan(0);
});

describe.each(files)('%s', (file) => {
  it('has the same keys in each language', async () => {
    const catalogs = (await import(path.join(source, file))) as Catalogs;
    for (const catalog of Object.values(catalogs)) {
      const english = Object.entries(catalog.en ?? {});
      expect(english.length).toBeGreaterThan(0);
      for (const language of languages) {
        const texts = catalog[language] ?? {};
        expect(Object.keys(texts).sort(), language).toEqual(english.map(([key]) => key).sort());
        for (const [key, text] of english) {
          const translated = texts[key];
          expect(typeof translated, `${language}.${key}`).toBe(typeof text);
          expect(translated, `${language}.${key}`).not.toBe('');
        }
      }
    }
  });
});

it('shows hidden characters of names in texts', () => {
  const say = (name: string) => `Remove ${name}?`;
  const texts = defineTexts({ en: { remove: say }, ru: { remove: say }, de: { remove: say } });
  for (const language of languages) expect(texts[language].remove('web\u202e1')).toBe('Remove web\\u202e1?');
});
