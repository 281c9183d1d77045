// Times, sizes and numbers in the language of the person in front of the app.
import { createFormats, type Formats } from './formats.ts';
import { type Language, languages } from './languages.ts';
import { useLanguage } from './use-texts.ts';

const all = new Map<Language, Formats>(languages.map((language) => [language, createFormats(language)]));

export function useFormats(): Formats {
  return all.get(useLanguage()) as Formats;
}
