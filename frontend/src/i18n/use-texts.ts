// The language of the person in front of the app, for every page.
import { createContext, useContext } from 'react';
import type { Language } from './languages.ts';

export const LanguageContext = createContext<Language>('en');

export function useLanguage(): Language {
  return useContext(LanguageContext);
}

/** @returns the texts of a feature in the person's language */
export function useTexts<T>(catalog: Readonly<Record<Language, T>>): T {
  return catalog[useLanguage()];
}
